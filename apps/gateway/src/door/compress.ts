import compression from 'compression';
import type { Middleware } from './http.js';

/** Compresses answers for callers that take it, but for streams of events, which would wait for a block to be full. */
export const compress = compression({
  filter: (request, response) =>
    !String(response.getHeader('content-type')).startsWith('text/event-stream') && compression.filter(request, response),
  // Express hands on what both types describe.
}) as unknown as Middleware;
