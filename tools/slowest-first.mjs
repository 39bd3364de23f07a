// The order in which jest begins suites: those that begin whole systems first, so that none of them is left when the others have ended, and one
// worker waits for another. Suites with a browser compute most of their time, the others of the first kinds wait most of theirs: the former are
// dealt out among the latter, so that the workers do not all compute at once. Within a kind jest's own order holds: by the time that a suite took,
// or by its size.
import { createRequire } from 'node:module';

const ofJest = createRequire(createRequire(import.meta.url).resolve('jest'));
const { default: Sequencer } = ofJest('@jest/test-sequencer');

const COMPUTING = /\/test\/src\/console\//;
const KINDS = [/\.e2e\.spec\.ts$/, /\/test\/src\/(?!gateway\/).*\.int\.spec\.ts$/, /\.int\.spec\.ts$/];
/** So many suites that wait are begun for each that computes. */
const WAITING_PER_COMPUTING = 3;

const kindOf = (path) => {
  const kind = KINDS.findIndex((pattern) => pattern.test(path));
  return kind === -1 ? KINDS.length : kind;
};

export default class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const computing = sorted.filter(({ path }) => COMPUTING.test(path));
    const others = sorted.filter(({ path }) => !COMPUTING.test(path)).toSorted((a, b) => kindOf(a.path) - kindOf(b.path));
    const order = [];
    while (others.length > 0 || computing.length > 0)
      order.push(...computing.splice(0, 1), ...others.splice(0, computing.length > 0 ? WAITING_PER_COMPUTING : others.length));
    return order;
  }
}
