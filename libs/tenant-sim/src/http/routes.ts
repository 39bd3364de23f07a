import type { Operation } from '../fault-script.js';
import type { RouteParams, Version } from './call.js';

/** What a path means. */
export type Route =
  | { readonly is: 'token'; readonly tenant: string }
  | { readonly is: 'discovery'; readonly tenant: string }
  | {
      readonly is: 'graph';
      readonly version: Version;
      readonly operation: Operation;
      readonly method: 'GET' | 'POST';
      readonly params: RouteParams;
    }
  | { readonly is: 'unknown'; readonly segment: string };

type Pattern = { readonly operation: Operation; readonly method?: 'POST'; readonly path: string };

// A segment in braces is variable. Longer patterns stand before shorter ones only where a variable could swallow a word.
const PATTERNS: readonly Pattern[] = [
  { operation: 'batch', method: 'POST', path: '$batch' },
  { operation: 'applications', path: 'applications' },
  { operation: 'users', path: 'users' },
  { operation: 'user', path: 'users/{user}' },
  { operation: 'settings', path: 'users/{user}/settings/exchange' },
  { operation: 'mailboxSettings', path: 'users/{user}/mailboxSettings' },
  { operation: 'usageReport', path: "reports/getMailboxUsageDetail(period='D7')" },
  { operation: 'mailFolders', path: 'users/{user}/mailFolders' },
  { operation: 'mailFolders', path: 'users/{user}/mailFolders/{folder}/childFolders' },
  { operation: 'messages', path: 'users/{user}/mailFolders/{folder}/messages' },
  { operation: 'message', path: 'users/{user}/messages/{item}' },
  { operation: 'messageValue', path: 'users/{user}/messages/{item}/$value' },
  { operation: 'contact', path: 'users/{user}/contacts/{item}' },
  { operation: 'contactPhoto', path: 'users/{user}/contacts/{item}/photo/$value' },
  { operation: 'event', path: 'users/{user}/events/{item}' },
  { operation: 'task', path: 'users/{user}/todo/lists/{folder}/tasks/{item}' },
  { operation: 'mailbox', path: 'admin/exchange/mailboxes/{mailbox}' },
  { operation: 'exportItems', method: 'POST', path: 'admin/exchange/mailboxes/{mailbox}/exportItems' },
  { operation: 'folders', path: 'admin/exchange/mailboxes/{mailbox}/folders' },
  { operation: 'foldersDelta', path: 'admin/exchange/mailboxes/{mailbox}/folders/delta' },
  { operation: 'folder', path: 'admin/exchange/mailboxes/{mailbox}/folders/{folder}' },
  { operation: 'childFolders', path: 'admin/exchange/mailboxes/{mailbox}/folders/{folder}/childFolders' },
  { operation: 'foldersDelta', path: 'admin/exchange/mailboxes/{mailbox}/folders/{folder}/childFolders/delta' },
  { operation: 'items', path: 'admin/exchange/mailboxes/{mailbox}/folders/{folder}/items' },
  { operation: 'itemsDelta', path: 'admin/exchange/mailboxes/{mailbox}/folders/{folder}/items/delta' },
  { operation: 'item', path: 'admin/exchange/mailboxes/{mailbox}/folders/{folder}/items/{item}' },
];

const COMPILED = PATTERNS.map((pattern) => ({ ...pattern, segments: pattern.path.split('/') }));

/** Reads a path. Fixed segments are compared without regard to case, as Graph does; ids keep theirs. */
export const routeOf = (pathname: string): Route => {
  const raw = pathname.split('/').slice(1);
  let segments: string[];
  try {
    segments = raw.map((segment) => decodeURIComponent(segment));
  } catch {
    return { is: 'unknown', segment: pathname };
  }
  const [first = '', ...rest] = segments;
  const lower = rest.map((segment) => segment.toLowerCase());
  if (lower.join('/') === 'oauth2/v2.0/token') return { is: 'token', tenant: first };
  if (lower.join('/') === 'v2.0/.well-known/openid-configuration') return { is: 'discovery', tenant: first };
  const version = first.toLowerCase();
  if (version !== 'v1.0' && version !== 'beta') return { is: 'unknown', segment: first };
  for (const { operation, method, segments: wanted } of COMPILED) {
    const params = paramsOf(wanted, rest, lower);
    if (params !== undefined) return { is: 'graph', version, operation, method: method ?? 'GET', params };
  }
  return { is: 'unknown', segment: rest.at(-1) ?? first };
};

const paramsOf = (wanted: readonly string[], given: readonly string[], lower: readonly string[]): RouteParams | undefined => {
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) {
      if (value === '') return undefined;
      params[segment.slice(1, -1)] = value;
    } else if (segment.toLowerCase() !== lower[index]) return undefined;
  }
  return params;
};
