import { parentPort } from 'node:worker_threads';
import { assert, isFault } from '@pstream/kernel';
import { inlineVerifier, type PartToVerify, type Verdict } from './verify-part.js';

// A thread that verifies one part after another, so that reading back does not hold up building.

const port = parentPort;
assert(port !== null, 'this file is the start of a worker thread');

port.on('message', (part: PartToVerify) => {
  inlineVerifier.verify(part).then(
    (sha256) => port.postMessage({ sha256 } satisfies Verdict),
    (error: unknown) => {
      // Our own bug ends the thread; whoever waits is told.
      if (!isFault(error)) throw error;
      const { code, retry, facts, advice } = error;
      port.postMessage({ fault: { code, retry, facts, advice } } satisfies Verdict);
    },
  );
});
