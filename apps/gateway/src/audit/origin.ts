import { LONGEST_AUDITED, secretShapeOf, type AuditedOrigin } from '@pstream/contracts';
import type { HttpRequest } from '../door/http.js';

/** From where a request came. Headers are what anybody can send, so they are cut to size, and left out where they look like a secret. */
export const originOf = (request: HttpRequest): AuditedOrigin => ({
  address: request.socket.remoteAddress ?? '',
  forwardedFor: plain(request.headers['x-forwarded-for'], /^[\dA-Fa-f:.,\s[\]]+$/),
  userAgent: plain(request.headers['user-agent'], /^[ -~]+$/),
  requestId: request.requestId ?? '',
});

const plain = (header: string | string[] | undefined, shape: RegExp): string | null => {
  if (typeof header !== 'string' || !shape.test(header) || secretShapeOf(header) !== undefined) return null;
  return header.slice(0, LONGEST_AUDITED);
};

/** What somebody typed into an address, in at most `LONGEST_AUDITED` characters; it may be anything, so of what looks like a secret only that. */
export const typedOf = (text: string): string => {
  const shape = secretShapeOf(text);
  return shape === undefined ? text.slice(0, LONGEST_AUDITED) : `(${shape})`;
};
