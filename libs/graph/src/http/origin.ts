import { Fault, type Brand } from '@pstream/kernel';

/** A path with query below the configured Graph origin: the only kind of address that the transport sends a token to. */
export type GraphPath = Brand<string, 'GraphPath'>;

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const API = /^\/(v1\.0|beta)\//i;
const MAILBOXES = /^\/(v1\.0|beta)\/admin\/exchange\/mailboxes\/([^/?]+)(?:[/?]|$)/i;
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;
// Reads as one URL to us and perhaps as another elsewhere: white space and controls, which parsers drop; backslashes, which they turn.
const UNSAFE = /[^\x21-\x7e]|\\|#/;

/** Checks a configured origin: https, or plain http for loopback; no path, user or query. Fault 'graph.bad-origin' (never). */
export const parseOrigin = (text: string, name: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  const bare =
    url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (url === undefined || !secure || !bare) {
    throw new Fault('graph.bad-origin', {
      retry: 'never',
      facts: { setting: name },
      advice: `${name} must be an https address without a path; plain http is accepted for this machine only.`,
    });
  }
  return url;
};

/** Accepts a URL that came out of a reply (nextLink, deltaLink, Location, redirect message, parentMailboxUrl) if it is spelled with
 *  exactly the configured origin and leads into the API; returns its path unchanged. Fault 'graph.foreign-url' (never) otherwise;
 *  the URL is not repeated in it, because a hostile one may carry anything. */
export const pinToOrigin = (text: string, origin: URL, source: string): GraphPath => {
  const foreign = (because: string): never => {
    throw new Fault('graph.foreign-url', {
      retry: 'never',
      facts: { source, because },
      advice: 'A reply pointed outside Microsoft Graph; nothing was sent there. Check for a proxy that rewrites replies, and report this.',
    });
  };
  if (UNSAFE.test(text)) return foreign('unsafe characters');
  if (!URL.canParse(text)) return foreign('not an absolute URL');
  const url = new URL(text);
  if (url.origin !== origin.origin) return foreign('another origin');
  if (url.username !== '' || url.password !== '') return foreign('user information');
  if (text.slice(0, origin.origin.length).toLowerCase() !== origin.origin) return foreign('unusual spelling of the origin');
  const path = text.slice(origin.origin.length);
  const bare = path.split('?', 1)[0]!;
  if (!API.test(bare) || !API.test(url.pathname) || DOT_SEGMENT.test(bare)) return foreign('not below the API');
  return path as GraphPath;
};

/** As `pinToOrigin`, for URLs that must name a mailbox: redirects and parentMailboxUrl. Also says which mailbox and version. */
export const pinToMailbox = (
  text: string,
  origin: URL,
  source: string,
): { readonly path: GraphPath; readonly mailboxId: string; readonly version: 'v1.0' | 'beta' } => {
  const path = pinToOrigin(text, origin, source);
  const found = mailboxOfPath(path);
  if (found === null) {
    throw new Fault('graph.foreign-url', {
      retry: 'never',
      facts: { source, because: 'no mailbox' },
      advice: 'A reply pointed to something that is no mailbox; nothing was sent there. Report this.',
    });
  }
  return { path, ...found };
};

/** The mailbox and version that a path names, or null. */
export const mailboxOfPath = (path: GraphPath): { readonly mailboxId: string; readonly version: 'v1.0' | 'beta' } | null => {
  const match = MAILBOXES.exec(path);
  if (match === null) return null;
  try {
    return { mailboxId: decodeURIComponent(match[2]!), version: match[1]!.toLowerCase() === 'beta' ? 'beta' : 'v1.0' };
  } catch {
    return null;
  }
};

/** Builds a path of our own; every interpolated value is percent-encoded as one segment or query value. */
export const graphPath = (parts: TemplateStringsArray, ...values: readonly (string | number)[]): GraphPath =>
  String.raw({ raw: parts.raw }, ...values.map((value) => encodeURIComponent(String(value)))) as GraphPath;

const REPORTS = /^reports[a-z0-9-]*\.office\.com$/;

/** Whether a report may be fetched from there, without a token: from Microsoft's hosts of reports, or beside a tenant that is simulated on this
 *  machine from this machine. */
export const isReportHost = (url: URL, origin: URL): boolean =>
  origin.protocol === 'http:'
    ? url.protocol === 'http:' && url.hostname === origin.hostname
    : url.protocol === 'https:' && url.port === '' && REPORTS.test(url.hostname);
