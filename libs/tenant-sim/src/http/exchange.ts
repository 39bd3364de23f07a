import type { IncomingMessage } from 'node:http';
import type { Reply } from './call.js';

/** One call and its answer, whole, for whoever holds them against a description of the API. */
export type Exchange = {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly status: number;
  /** The parsed answer; undefined for one that is no JSON or that a rule cut off. */
  readonly answer: unknown;
};

/** A reply that keeps what it writes; `answer` gives it, parsed, once it has been sent. */
export const kept = (reply: Reply): { readonly reply: Reply; readonly answer: () => unknown } => {
  const { write } = reply;
  if (write === undefined) return { reply, answer: () => reply.json };
  const pieces: Buffer[] = [];
  const keeping: NonNullable<Reply['write']> = (sink) =>
    write({
      write: async (chunk) => {
        await sink.write(chunk);
        pieces.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : Buffer.from(chunk));
      },
    });
  return {
    reply: { ...reply, write: keeping },
    answer: () => {
      try {
        return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
      } catch {
        return undefined;
      }
    },
  };
};
