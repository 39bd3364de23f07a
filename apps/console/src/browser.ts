/** The browser as ports: the only file that reads its clock, its network and its chance. */
export const clock = {
  now: (): string => new Date().toISOString(),
  nowMs: (): number => Date.now(),
  sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
};

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Ids of requests: as long as a ULID, and as good for telling two requests apart. */
export const ids = {
  ulid: (): string => Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => ALPHABET[byte & 31]).join(''),
};

/** Sends a request. */
export const send = (url: string, init: RequestInit): Promise<Response> => fetch(url, init);

/** Does something again and again; returns how to end it. */
export const every = (ms: number, work: () => void): (() => void) => {
  const timer = setInterval(work, ms);
  return () => clearInterval(timer);
};

/** The address that the page came from. */
export const here = (): string => location.origin;

/** Whether the browser computes hashes: only of pages that came over TLS or from this machine. */
export const canHash = (): boolean => 'subtle' in crypto;

/** The SHA-256 of a text in hexadecimal. */
export const sha256 = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
