// Throughput of the PST writer on mail, against copying the same bytes once with a CRC-32: what any writer of this format has to do at least.
import { performance } from 'node:perf_hooks';
import { crc32 } from 'node:zlib';
import { itemBytes, mails } from './pst-mail.mjs';
import { median, nullWriter, profile, spread, top } from './pst-tools.mjs';

export const name = 'pst-writer';

/** Ratio of the writer's MB/s to the copy's. The limit is near 0.7. */
export const target = 0.25;

const ITEMS = 400;
const SEED = 1;
const PASSES = 8;
const ROUNDS = 7;
const FOLDERS = 5;

/** MB/s of item bytes to a null target on one core, beside MB/s of copying them with CRC-32. */
export const run = async ({ log }) => {
  const items = mails(ITEMS, SEED);
  const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
  log(
    `${PASSES * ITEMS} items of ${Math.round(bytes / ITEMS)} bytes on average to a null target, ${ROUNDS} rounds in turn with the copy, seed ${SEED}`,
  );
  const rate = async (work) => {
    const started = performance.now();
    await work();
    return (PASSES * bytes) / 1000 / (performance.now() - started);
  };
  const values = items.flatMap(valuesOf);
  const copy = Buffer.alloc(Math.max(...values.map(({ length }) => length)));
  const copyAll = () => {
    for (let pass = 0; pass < PASSES; pass++) {
      for (const value of values) {
        copy.set(value);
        crc32(value.length === copy.length ? copy : copy.subarray(0, value.length));
      }
    }
  };
  const writeAll = async () => {
    const writer = nullWriter(FOLDERS);
    for (let pass = 0; pass < PASSES; pass++)
      for (let index = 0; index < ITEMS; index++) await writer.addItem(`${index % FOLDERS}`, items[index]);
    await writer.seal();
  };
  await writeAll(); // warms the compiler up
  copyAll();
  const written = [];
  const copied = [];
  for (let round = 0; round < ROUNDS; round++) {
    copied.push(await rate(copyAll));
    written.push(await rate(writeAll));
  }
  log(`writer: MB/s ${spread(written)}; copy with CRC-32: MB/s ${spread(copied)}`);
  const functions = await profile(writeAll);
  log(`where the writer's time goes:\n${top(functions, 12)}`);
  const share = (...names) =>
    `${(100 * functions.filter((one) => names.includes(one.name)).reduce((sum, one) => sum + one.share, 0)).toFixed(0)} %`;
  log(`of that, CRC-32 and copying (what the copy does too): ${share('pstCrc', '#write', 'copyBytes')}`);
  log('between the writer and the copy stand:');
  log(
    `  ${share('digest', 'digestOf', 'putItem', 'putBag', 'putValue', 'u32', 'bytes', 'part')} the digest of every item, by which it is known again when the part is read back`,
  );
  log(`  ${share('(garbage collector)')} the garbage collector`);
  log(`  ${share('#turn')} fresh memory for extents, which belong to the target once they are handed over`);
  log(
    '  and the rest is work on properties one by one: which are kept, in which order, in which heap their values go, and the table rows that repeat them',
  );
  const value = median(written);
  const baseline = median(copied);
  return { value, unit: 'MB/s', baseline, ratio: value / baseline };
};

/** All values of an item, as they lie in memory. */
const valuesOf = ({ properties, recipients, attachments }) =>
  [properties, ...recipients.map((one) => one.properties), ...attachments.map((one) => one.properties)]
    .flat()
    .flatMap(({ value, values }) => values ?? [value]);
