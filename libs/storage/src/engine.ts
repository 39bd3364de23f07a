import { basename } from 'node:path';
import { type DatabaseSync } from 'node:sqlite';
import { assert, Fault, faultToText, isFault } from '@pstream/kernel';
import { copyTo } from './backup.js';
import { unpack, type Calls } from './calls.js';
import { openFile, type OpenFile } from './database-file.js';
import type { Failure, Replies, Reply, Request } from './protocol.js';
import { classify, errcodeOf, isFull, syncFailed } from './sqlite-faults.js';

/** What an engine works with. */
export type EngineOptions = {
  /** Takes replies and the buffers that move with them. */
  readonly send: (replies: Replies, buffers: readonly ArrayBuffer[]) => void;
  /** Finds the operations of a database. */
  readonly load: (module: string) => Promise<(database: DatabaseSync) => Calls>;
  /** Default: `openFile`. */
  readonly open?: OpenFile;
};

type CallRequest = Extract<Request, { is: 'call' }>;
type Outcome = { readonly id: number } & ({ readonly value: unknown } | { readonly error: unknown });

/** Calls that share one transaction at most: bounds how long the first waits for the last. */
const MOST_CALLS = 1_000;
/** Free pages that stay in the file to be used again, and the share of the file above which the rest is given back. */
const KEPT_FREE_BYTES = 64 * 1024 * 1024;
const FREE_SHARE = 0.25;
const VACUUM_BYTES = 4 * 1024 * 1024;

class OpenDatabase {
  readonly file: string;
  readonly database: DatabaseSync;
  readonly calls: Calls;
  readonly queue: Request[] = [];
  /** Set while a backup runs: nothing is written meanwhile. */
  held = false;
  stopped: Fault | undefined;
  sync: 'FULL' | 'NORMAL' = 'FULL';
  changed = false;

  constructor(path: string, database: DatabaseSync, calls: Calls) {
    this.file = basename(path);
    this.database = database;
    this.calls = calls;
  }
}

/** Runs the calls of several databases with group commit: all writes that have arrived since the last commit share one transaction, and
 *  each is answered after the commit. Reads run between transactions, so nothing is read that is not committed. A commit whose outcome is
 *  unknown stops its database: every later call fails with that fault until the database is opened again. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #databases = new Map<number, OpenDatabase>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Takes requests; `run` works on them. */
  accept(requests: readonly Request[]): void {
    for (const request of requests) {
      if (request.is === 'open') void this.#open(request);
      else {
        const database = this.#databases.get(request.database);
        if (database === undefined) this.#send([{ id: request.id, error: closedFault() }]);
        else database.queue.push(request);
      }
    }
  }

  /** Works through everything that has been accepted. */
  run(): void {
    for (const database of this.#databases.values()) {
      while (!database.held && database.queue.length > 0) this.#batch(database);
    }
  }

  /** Gives a little free space back to the file system; returns whether there is more to give. */
  tidy(): boolean {
    let more = false;
    for (const one of this.#databases.values()) {
      if (!one.changed || one.held || one.stopped !== undefined || one.queue.length > 0) continue;
      try {
        if (giveBack(one.database)) more = true;
        else one.changed = false;
      } catch {
        // The next write meets the same trouble and reports it.
        one.changed = false;
      }
    }
    return more;
  }

  async #open({ id, database, spec, module }: Extract<Request, { is: 'open' }>): Promise<void> {
    try {
      const operations = await this.#options.load(module);
      const opened = (this.#options.open ?? openFile)(spec);
      try {
        this.#databases.set(database, new OpenDatabase(spec.path, opened.database, operations(opened.database)));
      } catch (error) {
        opened.database.close();
        throw classify(error, { file: basename(spec.path) });
      }
      this.#send([{ id, value: { created: opened.created, cutShort: opened.cutShort, identity: opened.identity } }]);
    } catch (error) {
      this.#send([{ id, error }]);
    }
  }

  #batch(one: OpenDatabase): void {
    const calls: CallRequest[] = [];
    while (calls.length < MOST_CALLS && one.queue[0]?.is === 'call') calls.push(one.queue.shift() as CallRequest);
    if (calls.length > 0) {
      this.#calls(one, calls);
      return;
    }
    const request = one.queue.shift();
    if (request?.is === 'backup') this.#backup(one, request);
    else if (request?.is === 'close') this.#close(one, request);
  }

  /** Reads go first: they wait for nothing, while a write waits for the disk and for the others of its transaction. */
  #calls(one: OpenDatabase, calls: readonly CallRequest[]): void {
    const isRead = ({ name }: CallRequest): boolean => operation(one, name).is === 'read';
    const reads = calls.filter(isRead);
    if (reads.length > 0) this.#send(reads.map((call) => this.#attempt(one, call)));
    const writes = calls.filter((call) => !isRead(call));
    if (writes.length > 0) this.#send(this.#write(one, writes));
  }

  /** One transaction; a call that fails is undone alone. */
  #write(one: OpenDatabase, calls: readonly CallRequest[]): readonly Outcome[] {
    const { database } = one;
    if (one.stopped !== undefined) return calls.map(({ id }) => ({ id, error: one.stopped }));
    one.changed = true;
    const outcomes: Outcome[] = [];
    try {
      this.#setSync(one, calls.some(({ name }) => operation(one, name).is === 'write') ? 'FULL' : 'NORMAL');
      database.exec('BEGIN IMMEDIATE');
      for (const call of calls) {
        if (calls.length > 1) database.exec('SAVEPOINT one');
        const outcome = this.#attempt(one, call);
        outcomes.push(outcome);
        if (!database.isTransaction) throw 'error' in outcome ? outcome.error : new Fault('storage.unavailable', { retry: 'now' });
        if ('error' in outcome && isUnsafe(outcome.error)) throw outcome.error;
        if (calls.length > 1) database.exec('error' in outcome ? 'ROLLBACK TO one; RELEASE one' : 'RELEASE one');
        else if ('error' in outcome) {
          database.exec('ROLLBACK');
          return outcomes;
        }
      }
      database.exec('COMMIT');
      return outcomes;
    } catch (error) {
      const fault = this.#undo(one, error);
      return calls.map(({ id }) => ({ id, error: fault }));
    }
  }

  /** After a transaction that could not be committed: the fault for everyone in it. */
  #undo(one: OpenDatabase, error: unknown): unknown {
    try {
      if (one.database.isTransaction) one.database.exec('ROLLBACK');
    } catch (second) {
      return this.#stop(one, second);
    }
    if (isFull(error) || (isFault(error) && error.code === 'storage.full')) return classify(error, { file: one.file });
    return this.#stop(one, isFault(error) && error.cause !== undefined ? error.cause : error);
  }

  #stop(one: OpenDatabase, cause: unknown): Fault {
    one.stopped = syncFailed(cause, { file: one.file });
    this.#options.send({ replies: [], stopped: faultToText(one.stopped) }, []);
    return one.stopped;
  }

  #attempt(one: OpenDatabase, { id, name, argument }: CallRequest): Outcome {
    if (one.stopped !== undefined) return { id, error: one.stopped };
    try {
      return { id, value: operation(one, name).run(argument as never) };
    } catch (error) {
      return { id, error: classify(error, { file: one.file, call: name }) };
    }
  }

  #setSync(one: OpenDatabase, sync: OpenDatabase['sync']): void {
    if (one.sync !== sync) one.database.exec(`PRAGMA synchronous = ${sync}`);
    one.sync = sync;
  }

  #backup(one: OpenDatabase, { id, to }: Extract<Request, { is: 'backup' }>): void {
    if (one.stopped !== undefined) {
      this.#send([{ id, error: one.stopped }]);
      return;
    }
    one.held = true;
    copyTo(one.database, to)
      .then(
        () => this.#send([{ id, value: undefined }]),
        (error: unknown) => this.#send([{ id, error: classify(error, { file: one.file, call: 'backup' }) }]),
      )
      .finally(() => {
        one.held = false;
        this.run();
      });
  }

  #close(one: OpenDatabase, { id, database }: Extract<Request, { is: 'close' }>): void {
    this.#databases.delete(database);
    for (const late of one.queue.splice(0)) this.#send([{ id: late.id, error: closedFault() }]);
    try {
      one.database.close();
      this.#send([{ id, value: undefined }]);
    } catch (error) {
      this.#send([{ id, error: classify(error, { file: one.file }) }]);
    }
  }

  #send(outcomes: readonly Outcome[]): void {
    const buffers: ArrayBuffer[] = [];
    const replies = outcomes.map((outcome): Reply => {
      if ('error' in outcome) return { id: outcome.id, ...failureOf(outcome.error) };
      const { value, buffers: own } = unpack(outcome.value);
      buffers.push(...own);
      return { id: outcome.id, value };
    });
    this.#options.send({ replies }, buffers);
  }
}

const operation = (one: OpenDatabase, name: string): Calls[string] => {
  const found = one.calls[name];
  assert(found !== undefined, `${one.file} has no call ${name}`);
  return found;
};

/** Whether a failed statement leaves the file in doubt: the disk refused a write. */
const isUnsafe = (error: unknown): boolean =>
  isFault(error) && error.code === 'storage.unavailable' && errcodeOf(error.cause) !== undefined;

const failureOf = (error: unknown): Failure =>
  isFault(error) ? { fault: faultToText(error) } : { defect: error instanceof Error ? error.message : String(error) };

const closedFault = (): Fault => new Fault('storage.closed', { retry: 'never', advice: 'The database has been closed.' });

const pragma = (database: DatabaseSync, name: string): number => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

const giveBack = (database: DatabaseSync): boolean => {
  const pageBytes = pragma(database, 'page_size');
  const free = pragma(database, 'freelist_count');
  const surplus = free * pageBytes - KEPT_FREE_BYTES;
  if (surplus <= 0 || free < FREE_SHARE * pragma(database, 'page_count')) return false;
  database.exec(`PRAGMA incremental_vacuum(${Math.ceil(Math.min(surplus, VACUUM_BYTES) / pageBytes)})`);
  return true;
};
