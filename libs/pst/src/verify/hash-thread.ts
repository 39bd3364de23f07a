import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { CONTROL, END, type HashJob } from './hash-job.js';

// A thread that hashes what lies in a ring of shared buffers, so that judging and hashing go on side by side. It sleeps on the counter of filled
// buffers and wakes who waits for the counter of hashed ones; messages would cost more than the hashing of a buffer.

const { control, lengths, buffers, from } = workerData as HashJob;
const hash = createHash('sha256');
for (let hashed = 0; ; ) {
  if (hashed === Atomics.load(control, CONTROL.filled)) {
    Atomics.wait(control, CONTROL.filled, hashed);
    continue;
  }
  const slot = hashed % buffers.length;
  const length = lengths[slot] as number;
  if (length === END) break;
  hash.update(new Uint8Array(buffers[slot] as SharedArrayBuffer, from, length));
  hashed++;
  Atomics.store(control, CONTROL.hashed, hashed);
  Atomics.notify(control, CONTROL.hashed);
}
parentPort?.postMessage(hash.digest('hex'));
