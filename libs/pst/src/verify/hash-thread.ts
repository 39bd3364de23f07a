import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { HashJob } from './hash-job.js';

// A thread that hashes what lies in a ring of shared buffers, so that judging and hashing go on side by side. It sleeps on the counter of filled
// buffers and wakes who waits for the counter of hashed ones; messages would cost more than the hashing of a buffer. Imports types only, so that it
// also runs from the source.

const { control, places, lengths, buffers, from } = workerData as HashJob;
const hash = createHash('sha256');
for (let hashed = 0; ; ) {
  if (hashed === Atomics.load(control, places.filled)) {
    Atomics.wait(control, places.filled, hashed);
    continue;
  }
  if (hashed === Atomics.load(control, places.last)) break;
  const slot = hashed % buffers.length;
  hash.update(new Uint8Array(buffers[slot] as SharedArrayBuffer, from, lengths[slot]));
  hashed++;
  Atomics.store(control, places.hashed, hashed);
  Atomics.notify(control, places.hashed);
}
parentPort?.postMessage(hash.digest('hex'));
