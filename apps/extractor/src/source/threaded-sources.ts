import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { connectTenant, type TenantConnection, type ThrottleEntry } from '@pstream/graph';
import { Defect, faultFromText, type Clock, type Random } from '@pstream/kernel';
import { AHEAD, unpacked, type FromThread, type Method, type ToThread } from './messages.js';
import { checkedSource, type CheckedItem, type Source } from './source.js';

const THREAD = new URL('./source-thread.js', import.meta.url);

/** Opens sources. Closing ends those that are open. */
export type Sources = {
  open(connection: TenantConnection, ledger: (entry: ThrottleEntry) => void): Source;
  close(): Promise<void>;
};

/** Sources in a thread of their own; in the caller's where the compiled thread is not there (tests that run from the sources). */
export const openSources = (ports: { readonly clock: Clock; readonly random: Random }): Sources =>
  existsSync(fileURLToPath(THREAD))
    ? threadedSources(THREAD)
    : { open: (connection, ledger) => checkedSource(connectTenant(connection, { ...ports, ledger })), close: () => Promise.resolve() };

/** Sources in one thread, which runs the compiled `source-thread.ts`. */
export const threadedSources = (thread: URL): Sources => new ThreadedSources(thread);

/** What waits for the thread. `values` are those nobody has taken yet. */
type Waiting = { readonly values: unknown[]; ended: boolean; result: unknown; failure: Error | undefined; wake: (() => void) | undefined };

/** One thread for all tenants, started when the first source is opened. */
class ThreadedSources implements Sources {
  readonly #thread: URL;
  #worker: Worker | undefined;
  #lost: Error | undefined;
  #numbers = 0;
  readonly #calls = new Map<number, Waiting>();
  readonly #ledgers = new Map<number, (entry: ThrottleEntry) => void>();
  readonly #closing = new Map<number, () => void>();

  constructor(thread: URL) {
    this.#thread = thread;
  }

  open(connection: TenantConnection, ledger: (entry: ThrottleEntry) => void): Source {
    const worker = (this.#worker ??= this.#start());
    const source = ++this.#numbers;
    this.#ledgers.set(source, ledger);
    worker.postMessage({ is: 'open', source, connection } satisfies ToThread);
    return {
      findUser: (user, signal) => this.#once(worker, source, 'findUser', [user], signal),
      mailboxes: (user, signal) => this.#once(worker, source, 'mailboxes', [user], signal),
      itemPage: (mailbox, folder, cursor, options, signal) =>
        this.#once(worker, source, 'itemPage', [mailbox, folder, cursor, options], signal),
      readAsMime: (mailbox, request, signal) => this.#once(worker, source, 'readAsMime', [mailbox, request], signal),
      recoverableFolders: (mailbox, owner, signal) => this.#once(worker, source, 'recoverableFolders', [mailbox, owner], signal),
      recoverablePage: (mailbox, owner, folder, cursor, signal) =>
        this.#once(worker, source, 'recoverablePage', [mailbox, owner, folder, cursor], signal),
      folders: (mailbox, signal) => this.#many(worker, source, 'folders', [mailbox], signal),
      exportItems: (mailbox, ids, signal) => this.#many<CheckedItem>(worker, source, 'exportItems', [mailbox, ids], signal),
      close: () => this.#end(worker, source),
    };
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#thread);
    this.#lost = undefined;
    worker.on('message', (messages: readonly FromThread[]) => messages.forEach((message) => this.#hear(message)));
    const lost = (why: string): void => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#lost ??= new Defect(`the thread that talks to tenants ended: ${why}`);
      for (const waiting of this.#calls.values()) {
        waiting.failure ??= this.#lost;
        waiting.wake?.();
      }
      for (const closed of this.#closing.values()) closed();
    };
    worker.on('error', (error: unknown) => lost(error instanceof Error ? error.message : 'unknown error'));
    worker.on('exit', (code) => lost(`exit code ${code}`));
    // Whoever waits for an answer keeps the process alive for reasons of his own.
    worker.unref();
    return worker;
  }

  #hear(message: FromThread): void {
    switch (message.is) {
      case 'throttled':
        this.#ledgers.get(message.source)?.(message.entry);
        return;
      case 'closed':
        this.#closing.get(message.source)?.();
        return;
      default: {
        const waiting = this.#calls.get(message.call);
        if (waiting === undefined) return;
        if (message.is === 'value') waiting.values.push(message.value);
        else if (message.is === 'failed') waiting.failure = faultFromText(message.fault);
        else {
          waiting.ended = true;
          waiting.result = message.value;
        }
        waiting.wake?.();
      }
    }
  }

  async #once<T>(worker: Worker, source: number, method: Method, args: readonly unknown[], signal: AbortSignal | undefined): Promise<T> {
    const values = this.#values(worker, source, method, args, signal);
    const last = await values.next();
    return last.value as T;
  }

  async *#many<T>(
    worker: Worker,
    source: number,
    method: Method,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<T> {
    for await (const value of this.#values(worker, source, method, args, signal)) yield unpacked(value) as T;
  }

  /** The values of a call as they come, then its result. Leaving early, or an abort, ends it over there too. */
  async *#values(
    worker: Worker,
    source: number,
    method: Method,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<unknown, unknown> {
    signal?.throwIfAborted();
    if (this.#worker !== worker) throw this.#lost ?? new Defect('the thread that talks to tenants has been closed');
    const call = ++this.#numbers;
    const waiting: Waiting = { values: [], ended: false, result: undefined, failure: undefined, wake: undefined };
    const aborted = (): void => waiting.wake?.();
    this.#calls.set(call, waiting);
    signal?.addEventListener('abort', aborted, { once: true });
    const tell = (message: ToThread): void => worker.postMessage(message);
    try {
      tell({ is: 'call', call, source, method, args });
      for (let taken = 0; ; ) {
        signal?.throwIfAborted();
        if (waiting.values.length > 0) {
          const value = waiting.values.shift();
          if (++taken >= AHEAD / 2) {
            tell({ is: 'more', call, values: taken });
            taken = 0;
          }
          yield value;
        } else if (waiting.failure !== undefined) throw waiting.failure;
        else if (waiting.ended) return waiting.result;
        else await new Promise<void>((resolve) => (waiting.wake = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', aborted);
      this.#calls.delete(call);
      if (!waiting.ended && waiting.failure === undefined) tell({ is: 'abort', call });
    }
  }

  async #end(worker: Worker, source: number): Promise<void> {
    this.#ledgers.delete(source);
    if (this.#worker !== worker) return;
    const closed = new Promise<void>((resolve) => this.#closing.set(source, resolve));
    worker.postMessage({ is: 'close', source } satisfies ToThread);
    await closed;
    this.#closing.delete(source);
  }
}
