// The whole embedded export of a simulated tenant against downloading the same bytes over loopback and hashing them. Both sides
// serve what was made before the clock starts: the tenant's mailboxes lie in a tenant dump.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, mkdir, rm, writeFile } from 'node:fs/promises';
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
const RUNS = 3;
/** As `npm run demo` starts it. */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];
const DEMO = fileURLToPath(new URL('../apps/standalone/dist/demo/main.js', import.meta.url));

/** MB/s of item streams exported to verified PSTs, beside MB/s of the same bytes downloaded and hashed. */
export const run = async ({ log }) => {
  const dump = await mkdtemp(join(tmpdir(), 'pstream-tenant-'));
  try {
    const streams = await writeDump(dump);
    const bytes = streams.reduce((sum, stream) => sum + stream.length, 0);
    log(`${streams.length} items, ${(bytes / 1e6).toFixed(0)} MB of export streams in ${MAILBOXES + 1} mailboxes`);
    const baseline = median([await download(streams), await download(streams), await download(streams)].map((ms) => bytes / 1000 / ms));
    log(`download and SHA-256 over loopback: ${baseline.toFixed(0)} MB/s`);
    streams.length = 0;
    const speeds = [];
    for (let n = 0; n < RUNS; n++) {
      const seconds = await exportAll(dump, log);
      speeds.push(bytes / 1e6 / seconds);
      log(`whole export: ${speeds[n].toFixed(1)} MB/s (${seconds.toFixed(1)} s from the start of the system to the last verified part)`);
    }
    log(`where the time of the exporting process went, in a run of its own:\n${(await profiled(dump, log)).map((line) => `  ${line}`).join('\n')}`);
    const value = median(speeds);
    return { value, unit: 'MB/s', baseline, ratio: value / baseline };
  } finally {
    await rm(dump, { recursive: true, force: true });
  }
};

const options = { seed: SEED, mailboxes: MAILBOXES, archives: 1, itemsPerMailbox: ITEMS };

/** Writes the generated tenant as a tenant dump and returns its export streams. */
const writeDump = async (dump) => {
  const tenant = generatedTenant(options);
  const all = [];
  const users = [];
  for (const user of tenant.users) {
    const directories = { primary: null, archive: null };
    for (const kind of ['primary', 'archive']) {
      if (user[kind] === undefined) continue;
      directories[kind] = `${user.userPrincipalName.split('@')[0]}-${kind}`;
      all.push(...(await writeMailbox(join(dump, directories[kind]), user[kind])));
    }
    if (directories.primary !== null) users.push({ userPrincipalName: user.userPrincipalName, displayName: user.displayName, ...directories });
  }
  await writeFile(join(dump, 'tenant.json'), JSON.stringify({ tenantId: tenant.tenantId, users }));
  await tenant.close();
  return all;
};

const writeMailbox = async (directory, mailbox) => {
  await mkdir(directory);
  const folders = mailbox.folders().filter((folder) => folder.searchOf === undefined && folder.recoverable !== true);
  const [folderLines, itemLines, streams] = [[], [], []];
  let offset = 0;
  const file = await open(join(directory, 'streams.bin'), 'w');
  for (const folder of folders) {
    const { id, parentId, displayName, type, wellKnownName, isHidden } = folder;
    folderLines.push({ id, parentId, displayName, type, wellKnownName, isHidden });
    for (const item of await mailbox.items(folder, 0, folder.count)) {
      const stream = await mailbox.stream(item);
      await file.write(stream);
      streams.push(stream);
      const sha256 = createHash('sha256').update(stream).digest('hex');
      const { id: itemId, type: itemType, size, created, modified, changeKey } = item;
      itemLines.push({ id: itemId, folderId: id, type: itemType, size, createdDateTime: created, lastModifiedDateTime: modified, changeKey, associated: false, stream: { offset, bytes: stream.length, sha256 } });
      offset += stream.length;
    }
  }
  await file.close();
  const lines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  await writeFile(join(directory, 'folders.jsonl'), lines(folderLines));
  await writeFile(join(directory, 'items.jsonl'), lines(itemLines));
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

/** Seconds that the demo takes for the tenant of the dump, by its own report. */
const exportAll = async (dump, log, flags = []) => {
  const out = await mkdtemp(join(tmpdir(), 'pstream-bench-'));
  try {
    const child = spawn(process.execPath, [...NODE_FLAGS, ...flags, DEMO, '--tenant', dump, '--out', out, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let err = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-2000)));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the export ended with ${code}: ${err}`);
    const report = JSON.parse(text.trim().split('\n').at(-1));
    log(`peak memory of the exporting process: ${(report.peakRssBytes / 2 ** 20).toFixed(0)} MiB`);
    return report.seconds;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
};

/** The top five of a run with a CPU profile. */
const profiled = async (dump, log) => {
  const profile = await mkdtemp(join(tmpdir(), 'pstream-profile-'));
  try {
    await exportAll(dump, log, ['--cpu-prof', `--cpu-prof-dir=${profile}`, '--cpu-prof-interval=2000']);
    return await topFive(profile);
  } finally {
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
