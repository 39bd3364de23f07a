import type { Random } from '@pstream/kernel';
import type { ConsoleFile, ConsoleFiles } from './console-files.js';
import type { HttpRequest, HttpResponse, Middleware } from './http.js';

/** Everything from this gateway and nothing from elsewhere. Styles that components write at run time carry the nonce of the page; nothing may
 *  turn text into script or markup (Trusted Types without a policy). */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

/** What the browser may not do on behalf of the console. */
const PERMISSIONS = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** Addresses of the API and of its description, which are no pages of the console. */
const NOT_OURS = /^\/(?:v1|docs|docs-json)(?:\/|$)/i;
const ASSET = /^\/assets\/([\w.-]+)$/;
const NONCE_BYTES = 18;
/** The names of files hold their hash, so that they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the console to browsers: its files, and its page at every address that is neither theirs nor the API's, since the console finds
 *  its way by itself. Comes before sign-in: none of it says anything about anybody. `files` is asked once. */
export const serveConsole = (files: () => ConsoleFiles | undefined, random: Pick<Random, 'bytes'>): Middleware => {
  let read: ConsoleFiles | 'none' | undefined;
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    if (NOT_OURS.test(request.path)) return next();
    const name = ASSET.exec(request.path)?.[1];
    if (name === undefined && !/\btext\/html\b/.test(request.headers.accept ?? '')) return next();
    read ??= files() ?? 'none';
    if (read === 'none') return next();
    if (name === undefined) return sendPage(request, response, read.page, Buffer.from(random.bytes(NONCE_BYTES)).toString('base64'));
    const file = read.assets.get(name);
    return file === undefined ? next() : sendFile(request, response, file);
  };
};

const sendPage = (request: HttpRequest, response: HttpResponse, page: string, nonce: string): void => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', policyOf(nonce));
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', PERMISSIONS);
  response.end(request.method === 'HEAD' ? undefined : page.replaceAll('NONCE', nonce));
};

const sendFile = (request: HttpRequest, response: HttpResponse, file: ConsoleFile): void => {
  response.setHeader('cache-control', FOR_EVER);
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('etag', file.etag);
  response.setHeader('vary', 'accept-encoding');
  if (namesTag(request.headers['if-none-match'], file.etag)) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const zipped = file.gzip !== undefined && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const bytes = zipped ? file.gzip : file.bytes;
  response.setHeader('content-type', file.type);
  if (zipped) response.setHeader('content-encoding', 'gzip');
  response.setHeader('content-length', String(bytes?.length ?? 0));
  response.end(request.method === 'HEAD' ? undefined : bytes);
};

const namesTag = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
