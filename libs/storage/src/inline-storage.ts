import type { DatabaseSync } from 'node:sqlite';
import { assert, faultFromText } from '@pstream/kernel';
import type { Calls } from './calls.js';
import { Client, storageOf } from './client.js';
import { openFile, type OpenFile } from './database-file.js';
import { Engine } from './engine.js';
import type { Storage, StorageOptions } from './storage.js';

/** Databases in the thread of the caller: every call is a synchronous step, run in a microtask after the turn in which it was asked. For
 *  tests, tools and systems under virtual time. `openDatabase` stands in for `openFile`, to make databases fail. */
export const inlineStorage = (options: StorageOptions & { readonly openDatabase?: OpenFile } = {}): Storage => {
  const programs = new Map<string, (database: DatabaseSync) => Calls>();
  const engine = new Engine({
    send: (replies) => {
      if (replies.stopped !== undefined) options.stopped?.(faultFromText(replies.stopped));
      client.settle(replies);
    },
    load: (module) => {
      const calls = programs.get(module);
      assert(calls !== undefined, `nobody has named ${module}`);
      return Promise.resolve(calls);
    },
    open: options.openDatabase ?? openFile,
  });
  const client = new Client(
    (requests) => {
      engine.accept(requests);
      engine.run();
      engine.tidy();
    },
    () => undefined,
  );
  const storage = storageOf(client, () => Promise.resolve());
  return {
    ...storage,
    open: (spec, program) => {
      programs.set(program.module.href, program.calls);
      return storage.open(spec, program);
    },
  };
};
