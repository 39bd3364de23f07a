import type { Middleware } from './http.js';
import { isDocs } from './serve-docs.js';

/** Scripts and styles from our own files only; the API page sets styles in its markup. */
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Headers that every answer carries. */
export const secureHeaders: Middleware = (request, response, next) => {
  response.removeHeader('x-powered-by');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-security-policy', isDocs(request.path) ? DOCS_POLICY : API_POLICY);
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
  next();
};
