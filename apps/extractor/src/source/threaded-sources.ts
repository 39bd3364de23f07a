import { Worker } from 'node:worker_threads';
import { connectTenant, type TenantConnection, type ThrottleEntry } from '@pstream/graph';
import {
  defectFromText,
  Defect,
  faultFromText,
  THREAD_LIMITS,
  threadEnded,
  type Clock,
  type Random,
  type ThreadWatch,
} from '@pstream/kernel';
import { AHEAD, unpacked, type FromThread, type Method, type ToThread } from './messages.js';
import { checkedSource, type CheckedItem, type Source } from './source.js';

const THREAD = new URL('./source-thread.js', import.meta.url);

/** Opens sources. Closing ends those that are open. */
export type Sources = {
  open(connection: TenantConnection, ledger: (entry: ThrottleEntry) => void): Source;
  close(): Promise<void>;
};

/** Sources in the thread of the caller. */
export const inlineSources = (ports: { readonly clock: Clock; readonly random: Random }): Sources => ({
  open: (connection, ledger) => checkedSource(connectTenant(connection, { ...ports, ledger })),
  close: () => Promise.resolve(),
});

/** Sources in one thread, which runs the compiled `source-thread.ts`. A thread that is lost fails the calls under way with Fault
 *  'thread.lost' (retry); the next call starts another one and opens its source there again. */
export const threadedSources = (watch: ThreadWatch, thread: URL = THREAD): Sources => new ThreadedSources(watch, thread);

/** What waits for a thread. `values` are those nobody has taken yet. */
type Waiting = {
  readonly worker: Worker;
  readonly values: unknown[];
  ended: boolean;
  result: unknown;
  failure: Error | undefined;
  wake: (() => void) | undefined;
};

/** A source, and the thread in which it is open. */
type OpenSource = { readonly number: number; readonly connection: TenantConnection; worker: Worker | undefined; closed: boolean };

/** One thread for all tenants, started with the first call. */
class ThreadedSources implements Sources {
  readonly #watch: ThreadWatch;
  readonly #thread: URL;
  #worker: Worker | undefined;
  #numbers = 0;
  readonly #sources = new Set<OpenSource>();
  readonly #calls = new Map<number, Waiting>();
  readonly #ledgers = new Map<number, (entry: ThrottleEntry) => void>();
  readonly #closing = new Map<number, () => void>();

  constructor(watch: ThreadWatch, thread: URL) {
    this.#watch = watch;
    this.#thread = thread;
  }

  open(connection: TenantConnection, ledger: (entry: ThrottleEntry) => void): Source {
    const source: OpenSource = { number: ++this.#numbers, connection, worker: undefined, closed: false };
    this.#sources.add(source);
    this.#ledgers.set(source.number, ledger);
    return {
      findUser: (user, signal) => this.#once(source, 'findUser', [user], signal),
      mailboxes: (user, signal) => this.#once(source, 'mailboxes', [user], signal),
      folder: (mailbox, id, signal) => this.#once(source, 'folder', [mailbox, id], signal),
      itemPage: (mailbox, folder, cursor, options, signal) => this.#once(source, 'itemPage', [mailbox, folder, cursor, options], signal),
      readAsMime: (mailbox, request, signal) => this.#once(source, 'readAsMime', [mailbox, request], signal),
      recoverableFolders: (mailbox, owner, signal) => this.#once(source, 'recoverableFolders', [mailbox, owner], signal),
      recoverablePage: (mailbox, owner, folder, cursor, signal) =>
        this.#once(source, 'recoverablePage', [mailbox, owner, folder, cursor], signal),
      folders: (mailbox, signal) => this.#many(source, 'folders', [mailbox], signal),
      exportItems: (mailbox, ids, signal) => this.#many<CheckedItem>(source, 'exportItems', [mailbox, ids], signal),
      close: () => this.#end(source),
    };
  }

  async close(): Promise<void> {
    for (const source of this.#sources) source.closed = true;
    this.#sources.clear();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** The thread in which the source is open; both are begun again where the last thread was lost. */
  #threadOf(source: OpenSource): Worker {
    if (source.closed) throw closedDefect();
    const worker = (this.#worker ??= this.#start());
    if (source.worker !== worker) {
      worker.postMessage({ is: 'open', source: source.number, connection: source.connection } satisfies ToThread);
      source.worker = worker;
    }
    return worker;
  }

  #start(): Worker {
    const worker = new Worker(this.#thread, { resourceLimits: THREAD_LIMITS });
    let started = false;
    worker.on('message', (messages: readonly FromThread[]) => {
      started = true;
      for (const message of messages) this.#take(message);
    });
    const ended = (cause: unknown): void => {
      const isLost = this.#worker === worker;
      if (isLost) this.#worker = undefined;
      const failure = isLost ? threadEnded(this.#watch, 'tenants', started, cause) : closedDefect();
      for (const waiting of this.#calls.values()) {
        if (waiting.worker !== worker) continue;
        waiting.failure ??= failure;
        waiting.wake?.();
      }
      for (const closed of this.#closing.values()) closed();
    };
    worker.on('error', ended);
    worker.on('exit', (code) => ended(`exit code ${code}`));
    // Whoever waits for an answer keeps the process alive for reasons of his own.
    worker.unref();
    return worker;
  }

  #take(message: FromThread): void {
    switch (message.is) {
      case 'ready':
        return;
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
        else if (message.is === 'bug') waiting.failure = defectFromText(message.defect);
        else {
          waiting.ended = true;
          waiting.result = message.value;
        }
        waiting.wake?.();
      }
    }
  }

  async #once<T>(source: OpenSource, method: Method, args: readonly unknown[], signal: AbortSignal | undefined): Promise<T> {
    const values = this.#values(source, method, args, signal);
    const last = await values.next();
    return last.value as T;
  }

  async *#many<T>(source: OpenSource, method: Method, args: readonly unknown[], signal: AbortSignal | undefined): AsyncGenerator<T> {
    for await (const value of this.#values(source, method, args, signal)) yield unpacked(value) as T;
  }

  /** The values of a call as they come, then its result. Leaving early, or an abort, ends it over there too. */
  async *#values(
    source: OpenSource,
    method: Method,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<unknown, unknown> {
    signal?.throwIfAborted();
    const worker = this.#threadOf(source);
    const call = ++this.#numbers;
    const waiting: Waiting = { worker, values: [], ended: false, result: undefined, failure: undefined, wake: undefined };
    const aborted = (): void => waiting.wake?.();
    this.#calls.set(call, waiting);
    signal?.addEventListener('abort', aborted, { once: true });
    const tell = (message: ToThread): void => worker.postMessage(message);
    try {
      tell({ is: 'call', call, source: source.number, method, args });
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

  async #end(source: OpenSource): Promise<void> {
    source.closed = true;
    this.#sources.delete(source);
    this.#ledgers.delete(source.number);
    const { worker, number } = source;
    if (worker === undefined || this.#worker !== worker) return;
    const closed = new Promise<void>((resolve) => this.#closing.set(number, resolve));
    worker.postMessage({ is: 'close', source: number } satisfies ToThread);
    await closed;
    this.#closing.delete(number);
  }
}

const closedDefect = (): Defect => new Defect('the thread that talks to tenants has been closed');
