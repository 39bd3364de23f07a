import type { DatabaseSync } from 'node:sqlite';
import type { ArgumentOf, Calls, ResultOf } from './calls.js';
import type { DatabaseSpec } from './database-file.js';

/** The operations of a database, and the module that exports them as `calls`, so that another thread can find them. */
export type Program<C extends Calls> = { readonly module: URL; readonly calls: (database: DatabaseSync) => C };

/** An open database. Faults of every call: 'storage.full' (retry), 'storage.unavailable' (retry), 'storage.corrupt' (never; facts file,
 *  errcode), 'storage.sync-failed' (retry; after it only a restart helps), 'storage.closed' (never), and those of the operation itself. */
export interface Database<C extends Calls> {
  /** Whether this opening created it. */
  readonly created: boolean;
  /** Whether commits at the end of its journal were lost to damage when it was opened. */
  readonly cutShort: boolean;
  /** Names the set of databases that belong together. */
  readonly identity: string;
  /** Runs an operation. `buffers` of the argument move and must not be used again. */
  call<N extends keyof C & string>(name: N, argument: ArgumentOf<C[N]>, buffers?: readonly ArrayBuffer[]): Promise<ResultOf<C[N]>>;
  /** Copies the database as it is now to a file, by SQLite's backup API. Other calls wait meanwhile. */
  backup(to: string): Promise<void>;
  /** Finishes what was asked before. */
  close(): Promise<void>;
}

/** Where databases live: a thread of their own (`threadStorage`) or the caller's (`inlineStorage`). Which one is the caller's choice;
 *  neither ever stands in for the other. */
export interface Storage {
  /** Faults: those of `openFile`. */
  open<C extends Calls>(spec: DatabaseSpec, program: Program<C>): Promise<Database<C>>;
  /** Closes every database. */
  close(): Promise<void>;
}

/** What every kind of storage can be given. */
export type StorageOptions = {
  /** Called when a database stops for good: the process should end, a restart recovers. */
  readonly stopped?: (error: unknown) => void;
};
