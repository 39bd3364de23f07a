// Entry of the image: `docker run pstream <service> [arguments]`. Services are the folders of apps/ that have a main.js.
//
// PSTREAM_FORWARD (trials only) opens ports of this container's loopback that lead to other containers:
// `4330=tenant:4331,10000=azurite:10000`. The tenant simulator and Azurite speak plain http, and plain http is accepted on loopback only.
// A listening address may stand before the port: `0.0.0.0:4331=127.0.0.1:4330`.
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const [name = '', ...args] = process.argv.slice(2);
const main = new URL(`../apps/${name}/dist/main.js`, import.meta.url);
if (!/^[a-z-]+$/.test(name) || !existsSync(main)) {
  process.stderr.write(
    'Name a service: gateway, licensing, notifier, people, projects, credentials, extractor, pst-builder, projector, tenant-sim.\n',
  );
  process.exit(2);
}

for (const forward of (process.env.PSTREAM_FORWARD ?? '').split(',').filter((text) => text.trim() !== '')) {
  const found = /^(?:([\d.]+):)?(\d+)=([^:]+):(\d+)$/.exec(forward.trim());
  if (found === null) {
    process.stderr.write(`PSTREAM_FORWARD: expected [ADDRESS:]PORT=HOST:PORT, found ${forward.trim()}\n`);
    process.exit(2);
  }
  const [, address = '127.0.0.1', port, host, target] = found;
  const server = createServer((here) => {
    const there = connect(Number(target), host);
    for (const [one, other] of [
      [here, there],
      [there, here],
    ]) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.unref();
  server.listen(Number(port), address);
}

process.argv.splice(1, process.argv.length - 1, main.pathname, ...args);
await import(main.href);
