// Whether an item costs the same in a large folder as in a small one: time per item at 10,000 items, divided by that at 1,000,000.
import { performance } from 'node:perf_hooks';
import { smallItems } from './pst-mail.mjs';
import { median, nullWriter } from './pst-tools.mjs';

export const name = 'pst-growth';

/** Ratio of the time per item in the small folder to that in the large one: 1 is constant, 0.83 a fifth slower. */
export const target = 0.83;

const SMALL = 10_000;
const LARGE = 1_000_000;
/** Items that are timed together, around SMALL in one folder and up to LARGE in the other. */
const WINDOW = 5000;
const PAIRS = 15;
const POOL = 500;
const SEED = 4;

/** Microseconds per item at 1,000,000 items. Windows of both sizes are timed in turn, so that what disturbs one disturbs the other. */
export const run = async ({ log }) => {
  const items = smallItems(POOL, SEED);
  const add = async (writer, count) => {
    const started = performance.now();
    for (let index = 0; index < count; index++) await writer.addItem('0', items[index % POOL]);
    return (1000 * (performance.now() - started)) / count;
  };
  const small = async () => {
    const writer = nullWriter();
    await add(writer, SMALL - WINDOW / 2);
    return add(writer, WINDOW);
  };
  await small(); // warms the compiler up
  const writer = nullWriter();
  const before = LARGE - PAIRS * WINDOW;
  for (let count = 0; count < before; count += before / 5) {
    log(`at ${Math.round(count).toLocaleString('en')} items: ${(await add(writer, before / 5)).toFixed(1)} µs an item up to the next line`);
  }
  const atSmall = [];
  const atLarge = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    atSmall.push(await small());
    atLarge.push(await add(writer, WINDOW));
  }
  const show = (times) => times.map((time) => time.toFixed(1)).join(' ');
  log(
    `µs an item, ${PAIRS} windows of ${WINDOW} items each, seed ${SEED}\n  at ${SMALL.toLocaleString('en')}: ${show(atSmall)}\n  at ${LARGE.toLocaleString('en')}: ${show(atLarge)}`,
  );
  const baseline = median(atSmall);
  const value = median(atLarge);
  return { value, unit: 'µs/item', baseline, ratio: baseline / value };
};
