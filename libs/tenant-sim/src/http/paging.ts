import type { GrantedCall } from './call.js';
import type { Context } from './context.js';
import type { ListOptions } from './odata.js';

/** The next link of a list: the same call with $skip moved on, or nothing on the last page. */
export const nextSkip = (
  context: Context,
  call: GrantedCall,
  options: ListOptions,
  total: number,
): { readonly '@odata.nextLink'?: string } => {
  const next = options.skip + options.top;
  if (options.top === 0 || next >= total) return {};
  const query = new URLSearchParams(call.query);
  query.set('$skip', String(next));
  return { '@odata.nextLink': `${context.origin}${call.target.split('?')[0]}?${readable(query)}` };
};

/** A query with `$` left as it is, as Graph writes its links. */
export const readable = (query: URLSearchParams): string => query.toString().replaceAll('%24', '$');
