import type { Mailbox } from '@pstream/api';
import { currencyDigits, MAILBOX_KIND_TEXTS } from '@pstream/contracts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size for people, in powers of ten as disks are sold: 1.2 GB. */
export const size = (bytes: number): string => {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1_000 ** power).toFixed(1)} ${UNITS[power]}`;
};

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for people in powers of two, as limits of Microsoft are meant: 20 GiB. */
export const binarySize = (bytes: number): string => {
  const power = bytes < 1_024 ? 0 : Math.min(BINARY_UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1_024 ** power).toFixed(1))} ${BINARY_UNITS[power]}`;
};

/** A count for people: 1,412,880. */
export const count = (value: number): string => value.toLocaleString('en-GB');

/** An amount for people: 1500.00 EUR. */
export const money = (minor: number, currency: string): string => {
  const digits = currencyDigits(currency) ?? 2;
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
};

/** Minor units of an amount as people write it: 50.00 EUR is 5000. Undefined if it is none. */
export const minorUnits = (value: string, currency: string): number | undefined => {
  const [, whole, fraction = ''] = /^(\d{1,7})(?:\.(\d+))?$/.exec(value) ?? [];
  const digits = currencyDigits(currency);
  if (whole === undefined || digits === undefined || fraction.length > digits) return undefined;
  const minor = Number(whole + fraction.padEnd(digits, '0'));
  return minor === 0 ? undefined : minor;
};

/** A day for people, of an ISO time. */
export const day = (time: string | null): string => time?.slice(0, 10) ?? '';

/** A time for people, in UTC. */
export const minute = (time: string | null): string => (time === null ? '' : `${time.slice(0, 16).replace('T', ' ')} UTC`);

/** A time for people, in UTC, as exact as a wait of seconds needs it. */
const second = (time: string): string => `${time.slice(0, 19).replace('T', ' ')} UTC`;

/** Milliseconds of a duration such as 8h, 30m, 90s or 500ms; undefined if it is none. */
export const durationMs = (text: string): number | undefined => {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
};

/** Bytes of a size such as 10GiB, 512MiB or 1048576; undefined if it is none. */
export const sizeBytes = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*(b|kib|mib|gib|kb|mb|gb)?$/i.exec(text.trim());
  const unit = { b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9 }[match?.[2]?.toLowerCase() ?? 'b'];
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
};

/** A cause on one line: its code, and what to do. */
export const causeText = (cause: Mailbox['cause']): string =>
  cause === null ? '' : [cause.code, cause.advice].filter((part) => part !== undefined).join(': ');

/** What holds a mailbox up, in a few words: the limit or the fault, since when, and until when. */
export const heldText = (held: Mailbox['held']): string =>
  held === null ? '' : `${held.limit ?? held.code} since ${second(held.since)}${held.until === null ? '' : ` until ${second(held.until)}`}`;

/** The status of a mailbox, its place while it waits for its turn, and how long it is until the time for which it was submitted. */
export const statusText = ({ status, place, pass }: Pick<Mailbox, 'status' | 'place' | 'pass'>, now: string): string => {
  if (status === 'Submitted' && pass !== null && pass.startAt !== null)
    return `${status} (starts in ${span(Date.parse(pass.startAt) - Date.parse(now))})`;
  return place === null ? status : `${status} (place ${count(place)})`;
};

/** A span of time for people, in its two largest units: `2 d 4 h`. */
const span = (ms: number): string => {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return 'a minute';
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60];
  const units = [`${days} d`, `${hours} h`, `${rest} min`].slice(days > 0 ? 0 : hours > 0 ? 1 : 2);
  return units.slice(0, 2).join(' ');
};

/** What Verify found behind an address. */
export const foundText = (found: Mailbox['found']): string => (found === null ? '' : MAILBOX_KIND_TEXTS[found.kind]);

export const yesOrNo = (is: boolean | undefined): string | null => (is === undefined ? null : is ? 'yes' : 'no');
