import { assert } from '../assert.js';
import type { Random } from '../random.js';

/** How waits grow between tries: `firstMs` after the first failure, doubled with each further one up to `mostMs`. */
export type Backoff = {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Least and most share of the computed wait, such as [0.5, 1], so that many clients don't come back at the same moment. Default: no jitter. */
  readonly jitter?: readonly [number, number];
};

/** The wait in milliseconds after `failures` failures in a row, which count from 1. */
export const backoffMs = ({ firstMs, mostMs, jitter = [1, 1] }: Backoff, failures: number, random?: Random): number => {
  assert(failures >= 1, 'a wait comes after a failure');
  const [least, most] = jitter;
  const share = random === undefined ? (least + most) / 2 : least + (most - least) * random.unit();
  // Beyond 2^40 a further doubling changes nothing.
  return Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 40)) * share;
};
