import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Clock } from '@pstream/kernel';
import type { CallEffect } from '../fault-script.js';
import type { Reply, Sink } from './call.js';

/** The client went away while it was being answered. */
export class Gone extends Error {
  override readonly name = 'Gone';
}

/** The answer ends here, on purpose: the rest of it is never written. */
class EndOfAnswer extends Error {}

const SLOW_STEP_MS = 100;

/** Writes an answer, with what a fault rule does to it on the way: slow, cut off in the JSON, cut off on the wire.
 *  Returns the bytes of the body. */
export const send = async (response: ServerResponse, reply: Reply, effects: readonly CallEffect[], clock: Clock): Promise<number> => {
  const headers: Record<string, string | number> = { ...reply.headers };
  const whole = reply.json === undefined ? undefined : Buffer.from(JSON.stringify(reply.json));
  const bent = effects.some((each) => each.effect === 'truncate' || each.effect === 'cut');
  if (reply.json !== undefined || reply.write !== undefined) {
    headers['content-type'] = reply.contentType ?? 'application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8';
  }
  if (whole !== undefined && !bent) headers['content-length'] = whole.length;
  if (whole === undefined && reply.write === undefined) headers['content-length'] = 0;
  response.writeHead(reply.status, headers);
  let bytes = 0;
  const plain: Sink = {
    write: async (chunk) => {
      bytes += chunk.length;
      await push(response, chunk);
    },
  };
  const sink = effects.reduce<Sink>((inner, effect) => shaped(inner, effect, response, clock), plain);
  try {
    if (reply.write !== undefined) await reply.write(sink);
    else if (whole !== undefined) await sink.write(whole);
  } catch (error) {
    if (!(error instanceof EndOfAnswer)) throw error;
  }
  if (!response.destroyed) await new Promise<void>((resolve) => response.end(resolve));
  return bytes;
};

// Base64 and the JSON around it are ASCII but for ids, so latin1 is the cheap way for strings; JSON objects come as bytes.
const push = async (response: ServerResponse, chunk: Uint8Array | string): Promise<void> => {
  if (response.destroyed) throw new Gone('the client closed the connection');
  const room = typeof chunk === 'string' ? response.write(chunk, 'latin1') : response.write(chunk);
  if (room) return;
  const closed = new AbortController();
  const onClose = (): void => closed.abort();
  response.once('close', onClose);
  try {
    await once(response, 'drain', { signal: closed.signal });
  } catch {
    throw new Gone('the client closed the connection');
  } finally {
    response.off('close', onClose);
  }
};

const shaped = (inner: Sink, effect: CallEffect, response: ServerResponse, clock: Clock): Sink => {
  switch (effect.effect) {
    case 'truncate':
      return limited(inner, effect.afterBytes, () => undefined);
    case 'cut':
      return limited(inner, effect.afterBytes, () => response.destroy());
    case 'slow':
      return slow(inner, effect.bytesPerSecond, clock);
    default:
      return inner;
  }
};

const VALUE = '"value":[';

const limited = (inner: Sink, afterBytes: number | undefined, end: () => void): Sink => {
  let written = 0;
  return {
    write: async (chunk) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const found = bytes.indexOf(VALUE);
      const limit = afterBytes ?? (found < 0 ? Math.floor(bytes.length / 2) : written + found + VALUE.length);
      const part = bytes.subarray(0, Math.max(0, limit - written));
      if (part.length > 0) await inner.write(part);
      written += part.length;
      if (written < limit) return;
      end();
      throw new EndOfAnswer();
    },
  };
};

const slow = (inner: Sink, bytesPerSecond: number, clock: Clock): Sink => ({
  write: async (chunk) => {
    const step = Math.max(1, Math.floor((bytesPerSecond * SLOW_STEP_MS) / 1000));
    for (let at = 0; at < chunk.length; at += step) {
      await inner.write(chunk.slice(at, at + step));
      await clock.sleep(SLOW_STEP_MS);
    }
  },
});
