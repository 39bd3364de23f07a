import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '@pstream/kernel';
import type { Calls } from './calls.js';
import { Engine } from './engine.js';
import type { Request } from './protocol.js';

// The storage thread: takes all messages that have arrived, commits them together, answers, and looks again.

const port = parentPort;
assert(port !== null, 'this file is the start of a worker thread');

const engine = new Engine({
  send: (replies, buffers) => port.postMessage(replies, [...buffers]),
  load: async (module) => ((await import(module)) as { readonly calls: (database: DatabaseSync) => Calls }).calls,
});

let tidying = false;
const tidy = (): void => {
  tidying = engine.tidy();
  // Between two steps whoever has arrived meanwhile goes first.
  if (tidying) setImmediate(tidy);
};

port.on('message', (first: readonly Request[]) => {
  engine.accept(first);
  for (;;) {
    const next = receiveMessageOnPort(port);
    if (next === undefined) break;
    engine.accept(next.message);
  }
  engine.run();
  if (!tidying) tidy();
});
