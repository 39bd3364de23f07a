// The order in which jest begins suites: those that begin whole systems first, so that none of them is left when the others have ended, and one
// worker waits for another. Within a kind jest's own order holds: by the time that a suite took, or by its size.
import { createRequire } from 'node:module';

const ofJest = createRequire(createRequire(import.meta.url).resolve('jest'));
const { default: Sequencer } = ofJest('@jest/test-sequencer');

const KINDS = [/\.e2e\.spec\.ts$/, /\/test\/src\/console\//, /\/test\/src\/(?!gateway\/).*\.int\.spec\.ts$/, /\.int\.spec\.ts$/];

const kindOf = (path) => {
  const kind = KINDS.findIndex((pattern) => pattern.test(path));
  return kind === -1 ? KINDS.length : kind;
};

export default class extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => kindOf(a.path) - kindOf(b.path));
  }
}
