// How many small items a second the PST writer takes on one core: what counts here is not bytes but what an item costs.
import { performance } from 'node:perf_hooks';
import { itemBytes, smallItems } from './pst-mail.mjs';
import { median, nullWriter, profile, spread, top } from './pst-tools.mjs';

export const name = 'pst-small-items';

/** Ratio of the measured items a second to BASELINE; 1 holds. */
export const target = 1;

/** Items a second. A leading commercial library writes 404 on this class of machine. */
const BASELINE = 15_000;

const ITEMS = 1000;
const SEED = 2;
const PASSES = 20;
const ROUNDS = 7;

/** Items of 3 KB without attachment a second, sealing included. */
export const run = async ({ log }) => {
  const items = smallItems(ITEMS, SEED);
  log(
    `${PASSES * ITEMS} items of ${Math.round(items.reduce((sum, item) => sum + itemBytes(item), 0) / ITEMS)} bytes on average, ${ROUNDS} rounds, seed ${SEED}`,
  );
  const writeAll = async () => {
    const writer = nullWriter();
    for (let pass = 0; pass < PASSES; pass++) for (const item of items) await writer.addItem('0', item);
    await writer.seal();
  };
  await writeAll(); // warms the compiler up
  const rates = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await writeAll();
    rates.push((PASSES * ITEMS * 1000) / (performance.now() - started));
  }
  log(`items a second: ${spread(rates)}`);
  log(`where the time goes:\n${top(await profile(writeAll), 8)}`);
  const value = median(rates);
  return { value, unit: 'items/s', baseline: BASELINE, ratio: value / BASELINE };
};
