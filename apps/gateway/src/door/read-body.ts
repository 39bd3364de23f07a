import { createHmac } from 'node:crypto';
import type { HttpRequest, Middleware } from './http.js';
import { problem, ProblemError } from './problem.js';

/** Largest body in bytes: a bulk add of 100,000 rows. */
export const MOST_BODY_BYTES = 32 * 1024 * 1024;
/** Deeper than any schema, and shallow enough for any parser. */
const DEEPEST = 32;

/** Reads the body: JSON into a value, text/csv as bytes. Comes after the sender has been recognised.
 *  Problems 'request.too-large' (413), 'request.unsupported-type' (415), 'request.malformed' (400). */
export const readBody =
  (mostBytes = MOST_BODY_BYTES): Middleware =>
  (request, response, next) => {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    if (!hasBody) {
      // An empty file is a fault of its own, not a request without a body.
      if (type === 'text/csv') request.body = new Uint8Array();
      return next();
    }
    if (type !== 'application/json' && type !== 'text/csv') return next(problem('request.unsupported-type', 415));
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return next(problem('request.unsupported-type', 415));
    return void bytesOf(request, mostBytes).then(
      (bytes) => {
        try {
          request.digest = digestOf(request, bytes);
          request.body = type === 'application/json' ? jsonOf(bytes) : bytes;
        } catch (error) {
          return next(error);
        }
        return next();
      },
      (error: unknown) => {
        // The rest of a body that nobody wants would keep the connection busy.
        response.setHeader('connection', 'close');
        next(error instanceof ProblemError ? error : problem('request.malformed', 400));
      },
    );
  };

/** Keyed with the Idempotency-Key, so that nobody who sees the digest can try values of a secret in the body against it. */
const digestOf = ({ url = '', headers }: HttpRequest, bytes: Uint8Array): string | undefined => {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return undefined;
  const query = url.slice(url.indexOf('?') + 1);
  return createHmac('sha256', key)
    .update(url.includes('?') ? query : '')
    .update('\0')
    .update(bytes)
    .digest('base64url');
};

/** The bytes of a body. Problem 'request.too-large' (413). */
export const bytesOf = async (request: HttpRequest, mostBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw problem('request.too-large', 413);
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > mostBytes) throw problem('request.too-large', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isDeeper(value, DEEPEST)) throw new RangeError();
    return value;
  } catch {
    // What the parser says quotes the body.
    throw problem('request.malformed', 400);
  }
};

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' && value !== null && (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));
