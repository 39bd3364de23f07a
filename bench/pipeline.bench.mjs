// The whole embedded export of a simulated tenant against downloading the same bytes over loopback and hashing them. Both sides
// serve from memory what was made before the clock starts.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { writeDump } from './pipeline/write-dump.mjs';

export const name = 'pipeline';

/** Share of the speed of a plain download that the whole export must reach. */
export const target = 0.1;

const MAILBOXES = 3;
const ITEMS = 3000;
const SEED = 7;
const RUNS = 3;
/** As `npm run demo` starts it. */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];
const TENANT = fileURLToPath(new URL('pipeline/tenant.mjs', import.meta.url));
const EXPORT = fileURLToPath(new URL('pipeline/export.mjs', import.meta.url));

/** MB/s of item streams exported to verified PSTs, beside MB/s of the same bytes downloaded and hashed. */
export const run = async ({ log }) => {
  const dump = await mkdtemp(join(tmpdir(), 'pstream-tenant-'));
  let tenant;
  try {
    const streams = await writeDump(dump, { seed: SEED, mailboxes: MAILBOXES, archives: 1, itemsPerMailbox: ITEMS });
    const bytes = streams.reduce((sum, stream) => sum + stream.length, 0);
    log(`${streams.length} items, ${(bytes / 1e6).toFixed(0)} MB of export streams in ${MAILBOXES + 1} mailboxes`);
    const speeds = [];
    for (let n = 0; n < RUNS; n++) speeds.push(bytes / 1000 / (await download(streams)));
    const items = streams.length;
    streams.length = 0;
    const baseline = median(speeds);
    log(`download and SHA-256 over loopback: ${baseline.toFixed(0)} MB/s`);
    tenant = await startTenant(dump);
    const values = [];
    for (let n = 0; n < RUNS; n++) {
      const { seconds, peakRssBytes } = await exportAll(dump, tenant.address, items);
      values.push(bytes / 1e6 / seconds);
      log(
        `whole export: ${values[n].toFixed(1)} MB/s (${seconds.toFixed(1)} s from the start of the system to the last verified part), peak memory ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
      );
    }
    log(
      `where the time of the exporting process goes, threads included, in a run of its own:\n${(await profiled(dump, tenant.address, items)).map((line) => `  ${line}`).join('\n')}`,
    );
    const value = median(values);
    return { value, unit: 'MB/s', baseline, ratio: value / baseline };
  } finally {
    tenant?.close();
    await rm(dump, { recursive: true, force: true });
  }
};

/** Milliseconds to fetch every byte over one connection and hash it. */
const download = async (streams) => {
  const sendAll = async (response) => {
    for (const stream of streams) if (!response.write(stream)) await once(response, 'drain');
    response.end();
  };
  const server = createServer((_request, response) => {
    sendAll(response).catch((error) => response.destroy(error));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const started = performance.now();
  const hash = createHash('sha256');
  const [response] = await once(get({ host: '127.0.0.1', port: server.address().port }), 'response');
  for await (const chunk of response) hash.update(chunk);
  hash.digest('hex');
  const ms = performance.now() - started;
  server.close();
  return ms;
};

/** Starts the simulated tenant as a process of its own, as a tenant is in real life. */
const startTenant = async (dump) => {
  const child = spawn(process.execPath, [...NODE_FLAGS, TENANT, dump], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await Promise.race([
    once(child.stdout, 'data').then(([chunk]) => String(chunk)),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the tenant ended with ${code}`);
    }),
  ]);
  return { address: line.trim(), close: () => child.kill() };
};

/** Exports the tenant once, and holds the export to having every item. */
const exportAll = async (dump, address, items, flags = []) => {
  const out = await mkdtemp(join(tmpdir(), 'pstream-bench-'));
  try {
    const child = spawn(process.execPath, [...NODE_FLAGS, ...flags, EXPORT, dump, out, address], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let err = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-2000)));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the export ended with ${code}: ${err}`);
    const report = JSON.parse(text.trim().split('\n').at(-1));
    if (report.problems > 0 || report.exported !== items)
      throw new Error(`the export has ${report.exported} of ${items} items and ${report.problems} problems: ${err}`);
    return report;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
};

/** The top five of a run with a CPU profile. */
const profiled = async (dump, address, items) => {
  const profile = await mkdtemp(join(tmpdir(), 'pstream-profile-'));
  try {
    await exportAll(dump, address, items, ['--cpu-prof', `--cpu-prof-dir=${profile}`, '--cpu-prof-interval=2000']);
    return await topFive(profile);
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
};

/** The five functions in which most samples were taken. */
const topFive = async (directory) => {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.cpuprofile'));
  const self = new Map();
  let samples = 0;
  for (const file of files) {
    const { nodes } = JSON.parse(await readFile(join(directory, file), 'utf8'));
    for (const { callFrame, hitCount } of nodes) {
      if (callFrame.functionName === '(idle)') continue;
      const where = callFrame.url === '' ? '' : ` (${callFrame.url.split('/').slice(-3).join('/')}:${callFrame.lineNumber + 1})`;
      const key = `${callFrame.functionName || '(anonymous)'}${where}`;
      self.set(key, (self.get(key) ?? 0) + (hitCount ?? 0));
      samples += hitCount ?? 0;
    }
  }
  return [...self]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 5)
    .map(([key, hits]) => `${((100 * hits) / samples).toFixed(1).padStart(5)} % ${key}`);
};

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
