import { words } from '../words/i18n.js';

/** The reader's own form of the chosen language, which says how times and numbers are written. */
export const locale = (): string => navigator.languages.find((own) => own.startsWith(words.language)) ?? words.language;

/** A whole number with the separators of the reader's language. */
export const count = (value: number): string => new Intl.NumberFormat(locale()).format(value);

/** A share from 0 to 1 in percent; never 100 % before it is all. */
export const percent = (share: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent' }).format(share < 1 ? Math.min(share, 0.99) : 1);

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in binary units. */
export const size = (bytes: number): string => {
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: unit === 0 ? 0 : 1 }).format(value)} ${UNITS[unit]}`;
};

/** A moment in the reader's zone, with the zone. */
export const moment = (at: string): string =>
  new Intl.DateTimeFormat(locale(), {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(at));

/** The same to the second, as a log is compared with it. */
export const exactMoment = (at: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(at));

/** The time of day in the reader's zone. */
export const timeOfDay = (ms: number): string =>
  new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(new Date(ms));

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A length of time in its two largest units. */
export const duration = (ms: number): string => {
  let seconds = Math.max(0, Math.round(ms / 1_000));
  const parts: string[] = [];
  for (const [unit, length] of STEPS) {
    const amount = Math.floor(seconds / length);
    if (amount === 0 && !(unit === 'second' && parts.length === 0)) continue;
    if (parts.length === 2) break;
    parts.push(new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' }).format(amount));
    seconds -= amount * length;
  }
  return parts.join(' ');
};

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name as it may be shown: what would turn it round, hide it or break its line is shown as a mark. */
export const plain = (name: string): string => name.replaceAll(INVISIBLE, '\ufffd');
