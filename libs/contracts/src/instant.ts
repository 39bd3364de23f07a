import { err, ok, type Result } from '@pstream/kernel';
import { Temporal } from 'temporal-polyfill';

/** Reads a time as people write it: `2026-12-01T20:00Z`, `2026-12-01T20:00+01:00` or `2026-12-01T20:00[Europe/Berlin]`; without a zone it is
 *  UTC. Returns ISO 8601 in UTC with milliseconds, or what is wrong with it. A time that clocks of the zone skip or show twice is refused. */
export const instantOf = (text: string): Result<string, string> => {
  const trimmed = text.trim();
  if (!LOOKS_RIGHT.test(trimmed)) return err('Give a day and a time such as 2026-12-01T20:00[Europe/Berlin].');
  try {
    const { epochMilliseconds } = /Z$|[+-]\d{2}:?\d{2}$/i.test(trimmed)
      ? Temporal.Instant.from(trimmed)
      : Temporal.ZonedDateTime.from(trimmed.includes('[') ? trimmed : `${trimmed}[UTC]`, { disambiguation: 'reject' });
    return ok(new Date(epochMilliseconds).toISOString());
  } catch {
    return err(faultOf(trimmed));
  }
};

const LOOKS_RIGHT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

const faultOf = (text: string): string => {
  const [local = '', zone] = text.replace(/\]$/, '').split('[');
  if (zone !== undefined && !isZone(zone)) return `${zone} is no time zone. Give one of the IANA list, such as Europe/Berlin.`;
  if (zone !== undefined && isTime(local))
    return `Clocks in ${zone} are changed then: this time does not exist, or comes twice. Give another one, or an offset such as 2026-10-25T02:30+02:00.`;
  return 'There is no such day or time.';
};

/** Whether this is a name of the IANA time zone database. */
export const isZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
};

const isTime = (text: string): boolean => {
  try {
    Temporal.PlainDateTime.from(text);
    return true;
  } catch {
    return false;
  }
};
