// The whole embedded export, simulated tenant included, against downloading the same bytes over loopback and hashing them.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { generatedTenant } from '@pstream/tenant-sim';

export const name = 'pipeline';

/** Share of the speed of a plain download that the whole export must reach. */
export const target = 0.1;

const MAILBOXES = 3;
const ITEMS = 1500;
const SEED = 7;
const DEMO = fileURLToPath(new URL('../apps/standalone/dist/demo/main.js', import.meta.url));

/** MB/s of item streams exported to verified PSTs, beside MB/s of the same bytes downloaded and hashed. */
export const run = async ({ log }) => {
  const streams = await allStreams();
  const bytes = streams.reduce((sum, stream) => sum + stream.length, 0);
  log(`${streams.length} items, ${(bytes / 1e6).toFixed(0)} MB of export streams in ${MAILBOXES + 1} mailboxes`);
  const baseline = median([await download(streams), await download(streams), await download(streams)].map((ms) => bytes / 1000 / ms));
  log(`download and SHA-256 over loopback: ${baseline.toFixed(0)} MB/s`);
  const { seconds, top } = await exportAll(log);
  const value = bytes / 1e6 / seconds;
  log(`whole export: ${value.toFixed(1)} MB/s (${seconds.toFixed(1)} s from the start of the system to the last verified part)`);
  log(`where the time of the exporting process went:\n${top.map((line) => `  ${line}`).join('\n')}`);
  return { value, unit: 'MB/s', baseline, ratio: value / baseline };
};

const options = { seed: SEED, mailboxes: MAILBOXES, archives: 1, itemsPerMailbox: ITEMS };

const allStreams = async () => {
  const tenant = generatedTenant(options);
  const streams = [];
  for (const user of tenant.users) {
    for (const mailbox of [user.primary, user.archive]) {
      for (const folder of mailbox?.folders() ?? []) {
        if (folder.searchOf !== undefined || folder.recoverable === true) continue;
        for (const item of await mailbox.items(folder, 0, folder.count)) streams.push(await mailbox.stream(item));
      }
    }
  }
  await tenant.close();
  return streams;
};

/** Milliseconds to fetch every byte over one connection and hash it. */
const download = async (streams) => {
  const server = createServer(async (_request, response) => {
    for (const stream of streams) if (!response.write(stream)) await once(response, 'drain');
    response.end();
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

/** Runs the demo on the same tenant with a CPU profile; its own report tells how long it took. */
const exportAll = async (log) => {
  const out = await mkdtemp(join(tmpdir(), 'pstream-bench-'));
  const profile = await mkdtemp(join(tmpdir(), 'pstream-profile-'));
  try {
    const args = ['--disable-warning=ExperimentalWarning', '--cpu-prof', `--cpu-prof-dir=${profile}`, '--cpu-prof-interval=2000', DEMO, '--generate', String(ITEMS), '--seed', String(SEED), '--out', out, '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let err = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-2000)));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the export ended with ${code}: ${err}`);
    const report = JSON.parse(text.trim().split('\n').at(-1));
    log(`peak memory of the exporting process: ${(report.peakRssBytes / 2 ** 20).toFixed(0)} MiB`);
    return { seconds: report.seconds, top: await topFive(profile) };
  } finally {
    await rm(out, { recursive: true, force: true });
    await rm(profile, { recursive: true, force: true });
  }
};

/** The five functions in which most samples were taken. */
const topFive = async (directory) => {
  const { readdir, readFile } = await import('node:fs/promises');
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
  return [...self].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([key, hits]) => `${((100 * hits) / samples).toFixed(1).padStart(5)} % ${key}`);
};

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
