import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** One request. The address is complete, its check is the caller's; headers are sent as they are. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A reply whose body has not been read yet. `body` must be read to its end, or `discard` called. */
export type HttpReply = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Buffer>;
  readonly discard: () => void;
};

/** The network as the client sees it. Sends one request; follows nothing, retries nothing, decodes nothing. */
export interface HttpTransport {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
  close(): void;
}

/** Node's own client with kept connections. It hands the body on as the socket's buffers, which for large replies is faster than
 *  fetch with its web streams; and it never follows a redirect. Throws the signal's reason or the socket's error. */
export const httpTransport = (options: { readonly maxSockets: number }): HttpTransport => {
  const agentOptions = { keepAlive: true, maxSockets: options.maxSockets, scheduling: 'lifo' as const };
  const plain = new HttpAgent(agentOptions);
  const tls = new HttpsAgent(agentOptions);
  return {
    send: (request, signal) =>
      new Promise<HttpReply>((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const secure = request.url.startsWith('https:');
        const body = request.body === undefined ? undefined : Buffer.from(request.body);
        const outgoing = (secure ? httpsRequest : httpRequest)(request.url, {
          method: request.method,
          agent: secure ? tls : plain,
          headers: { ...request.headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
        });
        // Not Node's own `signal` option: that one outlives the reply. And no error is given to `destroy`: between the end of a reply
        // and the return of its connection to the agent nobody listens on the socket, and the error would end the process.
        const stop = (): void => {
          outgoing.destroy();
        };
        signal.addEventListener('abort', stop, { once: true });
        outgoing.on('close', () => signal.removeEventListener('abort', stop));
        outgoing.on('error', (error) => {
          reject(signal.aborted ? (signal.reason as Error) : error);
        });
        outgoing.on('response', (incoming) => {
          // Whoever reads the body hears of errors through it; a reply that is left early must not take the process along.
          incoming.on('error', () => undefined);
          incoming.on('end', () => signal.removeEventListener('abort', stop));
          resolve({ status: incoming.statusCode ?? 0, headers: flat(incoming), body: piecesOf(incoming), discard: () => leave(incoming) });
        });
        outgoing.end(body);
      }),
    close: () => {
      plain.destroy();
      tls.destroy();
    },
  };
};

/** Bytes of a body that may wait for their reader. */
const AHEAD_BYTES = 256 * 1024;

/** The body as the pieces that the socket read. The stream's own iterator would copy those that wait into one. Throws the socket's error. */
async function* piecesOf(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let ended = incoming.readableEnded;
  let failure = incoming.errored ?? (incoming.destroyed ? closedEarly() : undefined);
  let wake: (() => void) | undefined;
  incoming.on('data', (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= AHEAD_BYTES) incoming.pause();
    wake?.();
  });
  incoming.on('end', () => {
    ended = true;
    wake?.();
  });
  incoming.on('error', (error) => {
    failure ??= error;
    wake?.();
  });
  incoming.on('close', () => {
    failure ??= closedEarly();
    wake?.();
  });
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        bytes -= piece.length;
        if (bytes < AHEAD_BYTES / 2 && incoming.isPaused()) incoming.resume();
        yield piece;
      } else if (ended) return;
      else if (failure !== undefined) throw failure;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    if (!ended) incoming.destroy();
  }
}

const closedEarly = (): Error => new Error('the connection was closed in the middle of a reply');

/** An empty body costs nothing to finish and saves the connection; anything else is cut. */
const leave = (incoming: IncomingMessage): void => {
  if (incoming.complete || incoming.headers['content-length'] === '0') incoming.resume();
  else incoming.destroy();
};

const flat = (incoming: IncomingMessage): Record<string, string | undefined> => {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
};

/** Reads a whole body of at most `limit` bytes; undefined where it is larger. */
export const readBody = async (reply: HttpReply, limit: number): Promise<Buffer | undefined> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of reply.body) {
    bytes += piece.length;
    if (bytes > limit) {
      reply.discard();
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
};
