import { Defect, faultFromText } from '@pstream/kernel';
import type { Calls } from './calls.js';
import type { Replies, Request } from './protocol.js';
import type { Database, Program, Storage } from './storage.js';
import type { DatabaseSpec, OpenedFile } from './database-file.js';

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: unknown) => void };
type Unnumbered = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** How requests reach an engine. */
export type Post = (requests: readonly Request[], buffers: readonly ArrayBuffer[]) => void;

/** The asking side of an engine: numbers requests, sends those of one turn of the event loop together, and hands replies to who asked. */
export class Client {
  readonly #post: Post;
  readonly #idle: (idle: boolean) => void;
  readonly #waiting = new Map<number, Waiting>();
  #numbers = 0;
  #requests: Request[] = [];
  #buffers: ArrayBuffer[] = [];
  #lost: unknown;

  /** `idle` is called when nothing is waited for any more, and when something is again. */
  constructor(post: Post, idle: (idle: boolean) => void) {
    this.#post = post;
    this.#idle = idle;
  }

  ask<T>(request: Unnumbered, buffers: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = ++this.#numbers;
    if (this.#waiting.size === 0) this.#idle(false);
    if (this.#requests.length === 0) queueMicrotask(() => this.#flush());
    this.#requests.push({ ...request, id });
    this.#buffers.push(...buffers);
    return new Promise<T>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  settle({ replies }: Replies): void {
    for (const reply of replies) {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('value' in reply) waiting?.resolve(reply.value as never);
      else waiting?.reject('fault' in reply ? faultFromText(reply.fault) : new Defect(reply.defect));
    }
    if (this.#waiting.size === 0) this.#idle(true);
  }

  /** The engine is gone: whoever waits and whoever asks from now on gets this error. */
  fail(error: unknown): void {
    this.#lost ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #flush(): void {
    const [requests, buffers] = [this.#requests, this.#buffers];
    this.#requests = [];
    this.#buffers = [];
    if (this.#lost === undefined) this.#post(requests, buffers);
  }
}

/** A storage over a client. */
export const storageOf = (client: Client, end: () => Promise<void>): Storage => {
  let numbers = 0;
  const open = new Map<number, { close(): Promise<void> }>();
  return {
    open: async <C extends Calls>(spec: DatabaseSpec, program: Program<C>): Promise<Database<C>> => {
      const number = ++numbers;
      const opened = await client.ask<Pick<OpenedFile, 'created' | 'cutShort' | 'identity'>>({
        is: 'open',
        database: number,
        spec,
        module: program.module.href,
      });
      const database: Database<C> = {
        ...opened,
        call: (name, argument, buffers) => client.ask({ is: 'call', database: number, name, argument }, buffers),
        backup: (to) => client.ask({ is: 'backup', database: number, to }),
        close: async () => {
          if (open.delete(number)) await client.ask({ is: 'close', database: number });
        },
      };
      open.set(number, database);
      return database;
    },
    close: async () => {
      try {
        for (const database of [...open.values()].reverse()) await database.close();
      } finally {
        await end();
      }
    },
  };
};
