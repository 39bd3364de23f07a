// Peak memory of the PST writer: 10 GiB of 150,000 mails, and one folder of 1,000,000 small items, each in a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const name = 'pst-memory';

/** Ratio of 512 MiB to the larger peak; 1 holds. */
export const target = 1;

const BASELINE_MIB = 512;
const LOADS = [
  { kind: 'mail', count: 150_000, what: '150,000 mails in 100 folders', leastBytes: 10 * 2 ** 30 },
  { kind: 'small', count: 1_000_000, what: 'one folder of 1,000,000 small items', leastBytes: 0 },
];

/** Peak resident memory in MiB, the larger of the two. */
export const run = async ({ log }) => {
  let value = 0;
  for (const { kind, count, what, leastBytes } of LOADS) {
    const curve = await load(kind, count);
    const last = curve.at(-1);
    if (last.bytes < leastBytes) throw new Error(`${what} made ${last.bytes} bytes only`);
    log(`${what}, ${(last.bytes / 2 ** 30).toFixed(1)} GiB; resident memory (and JavaScript heap) in MiB against items:`);
    for (const { items, rss, heap } of curve.slice(0, -1)) {
      log(
        `  ${items.toLocaleString('en').padStart(9)} ${(rss / 2 ** 20).toFixed(0).padStart(4)} (${(heap / 2 ** 20).toFixed(0).padStart(3)}) ${'#'.repeat(Math.round(rss / 2 ** 23))}`,
      );
    }
    log(`  peak, sealing included: ${(last.peak / 2 ** 20).toFixed(0)}`);
    value = Math.max(value, last.peak / 2 ** 20);
  }
  return { value, unit: 'MiB', baseline: BASELINE_MIB, ratio: BASELINE_MIB / value };
};

/** What the process told: memory at each mark, and at the end its peak. */
const load = async (kind, count) => {
  const child = fork(fileURLToPath(new URL('./pst-load.mjs', import.meta.url)), [kind, String(count)]);
  const told = [];
  child.on('message', (mark) => told.push(mark));
  const [code] = await once(child, 'close');
  if (code !== 0 || told.at(-1)?.peak === undefined) throw new Error(`writing ended with ${code}`);
  return told;
};
