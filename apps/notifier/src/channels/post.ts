import { lookup, type LookupAddress } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { errnoOf, Fault, fieldOf, isFault } from '@pstream/kernel';
import { noAnswer, refused, untilOver } from './faults.js';
import { isPrivate } from './private-address.js';

export type PostOptions = {
  /** Hosts that may be at a private address, and be called without TLS. */
  readonly privateHosts: ReadonlySet<string>;
};

export type Posted = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Posts JSON. Follows no redirect, reads no answer beyond its status, and ends in bounded time. Faults: 'notice.no-answer' (retry),
 *  'notice.refused' (retry where the receiver says that it may take it later), 'notice.redirected', 'notice.address-private',
 *  'notice.not-encrypted' (never). None of them holds the address. */
export const post = async ({ privateHosts }: PostOptions, { url, headers, body }: Posted, signal?: AbortSignal): Promise<void> => {
  const at = new URL(url);
  const host = hostOf(at);
  const mayBePrivate = privateHosts.has(host);
  if (at.protocol !== 'https:' && !mayBePrivate)
    throw new Fault('notice.not-encrypted', { retry: 'never', advice: 'Give an address that begins with https://.' });
  if (!mayBePrivate && isIP(host) !== 0 && isPrivate(host)) throw privateAddress();
  const send = at.protocol === 'https:' ? requestHttps : requestHttp;
  const over = untilOver(signal);
  const status = await new Promise<number>((resolve, reject) => {
    const request = send(
      at,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'pstream', ...headers },
        agent: false,
        signal: over,
        lookup: mayBePrivate ? lookup : publicOnly,
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    request.on('error', reject);
    request.end(body);
  }).catch((error: unknown) => {
    throw over.aborted ? noAnswer('time-out') : classified(error);
  });
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400)
    throw new Fault('notice.redirected', {
      retry: 'never',
      facts: { status },
      advice: 'Redirects are not followed. Give the address that the receiver redirects to.',
    });
  throw refused({ status }, status >= 500 || LATER.has(status) ? { afterMs: 60_000 } : 'never');
};

/** Request timeout, too early, too many requests. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** The host of an address, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replaceAll(/^\[|\]$/g, '').toLowerCase();

/** Finds the addresses of a name, and refuses the name where one of them is private: the connection goes to what was looked at. */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error !== null) return callback(error, []);
    if (found.length === 0 || found.some(({ address }) => isPrivate(address))) return callback(privateAddress(), []);
    const [first] = found;
    return options.all === true ? callback(null, found) : callback(null, first!.address, first!.family);
  });
};

const privateAddress = (): Fault =>
  new Fault('notice.address-private', {
    retry: 'never',
    advice: 'Notices go to public addresses only. For a receiver in your own network, add its host to PSTREAM_NOTICE_PRIVATE_HOSTS.',
  });

const classified = (error: unknown): Fault => (isFault(error) ? error : noAnswer(errnoOf(error) ?? fieldOf(error, 'code') ?? 'unknown'));
