// How fast a local file is verified: structure, counts, references, a digest for every item, and the SHA-256 of the file.
import { open, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileSource } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';
import { AMAP_SPAN, HEADER_EXTENT_BYTES } from '@pstream/pst/writer';
import { mails } from './pst-mail.mjs';
import { median, nullWriter, spread } from './pst-tools.mjs';

export const name = 'pst-verify';

/** Ratio of the measured MB/s to BASELINE; 1 holds. */
export const target = 1;

/** MB/s: a part is read back as fast as a good disk or a 4 GBit/s line delivers it. */
const BASELINE = 500;

const ITEMS = 400;
const SEED = 1;
const PASSES = 30;
const ROUNDS = 7;
const FOLDERS = 5;
const REGIONS_PER_EXTENT = 32;

/** MB/s of file size over the wall clock; two threads, of which one hashes. */
export const run = async ({ log }) => {
  const directory = await mkdtemp(join(tmpdir(), 'pstream-bench-'));
  try {
    const path = join(directory, 'part.pst');
    const digests = await write(path);
    const source = await fileSource(path);
    log(`${digests.length} items in ${(source.size / 1e6).toFixed(0)} MB, mostly in the page cache; ${ROUNDS} rounds, seed ${SEED}`);
    log(`${availableParallelism()} processors: SHA-256 runs in a thread of its own, everything else in this one`);
    const expected = { items: digests.length, digest: (n) => digests[n] };
    const rates = [];
    const busy = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const cpu = process.cpuUsage();
      const started = performance.now();
      const report = await verifyPst(source, { expected });
      const ms = performance.now() - started;
      const { user, system } = process.cpuUsage(cpu);
      if (!report.ok || report.items !== digests.length) throw new Error(`the file is not sound: ${JSON.stringify(report.problems[0])}`);
      if (round === 0) continue; // warms the compiler up
      rates.push(source.size / 1000 / ms);
      busy.push((user + system) / 1000 / ms);
    }
    await source.close();
    log(`MB/s: ${spread(rates)}; ${median(busy).toFixed(1)} processors busy`);
    const value = median(rates);
    return { value, unit: 'MB/s', baseline: BASELINE, ratio: value / BASELINE };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** Writes the file; returns the digests of its items. */
const write = async (path) => {
  const file = await open(path, 'w');
  const stage = async (index, bytes) => {
    await file.write(bytes, 0, bytes.length, index === 0 ? 0 : HEADER_EXTENT_BYTES + (index - 1) * REGIONS_PER_EXTENT * AMAP_SPAN);
  };
  const writer = nullWriter(FOLDERS, { stage });
  const items = mails(ITEMS, SEED);
  const digests = [];
  for (let pass = 0; pass < PASSES; pass++) {
    for (let index = 0; index < ITEMS; index++) digests.push((await writer.addItem(`${index % FOLDERS}`, items[index])).digest);
  }
  await writer.seal();
  await file.close();
  return digests;
};
