import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { isZone } from './instant.js';

/** Days of a week, Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'Give a time of day such as 20:00.');

/** When mailboxes may be begun: on these days from one time of day to another, of the next day if that comes before it; a whole day if
 *  they are the same. */
export const PlanWindow = z.strictObject({
  from: timeOfDay,
  to: timeOfDay,
  zone: z.string().max(64).refine(isZone, 'Give a time zone of the IANA list, such as Europe/Berlin.'),
  days: z.array(z.enum(weekdays)).min(1).max(7),
});
export type PlanWindow = z.infer<typeof PlanWindow>;

/** How a window stands. Open: until when. Closed: since when, and until when, as far as a week shows. */
export type WindowState =
  | { readonly open: true; readonly until: string }
  | { readonly open: false; readonly since: string | null; readonly until: string | null };

/** How many days before and after are looked at: a window of one day a week is found, even if clocks skip it once. */
const DAYS = 15;

/** Looks at a window at an instant. A time that the clocks of its zone skip counts as much later as they skip, one that they show twice counts the
 *  first time. A window with a zone that is not known here is closed. */
export const windowAt = (window: PlanWindow, at: string): WindowState => {
  const known = lookedAt.get(window);
  if (known !== undefined && known.at <= at && at < (known.state.until ?? '')) return known.state;
  const state = lookAt(window, at);
  lookedAt.set(window, { at, state });
  return state;
};

/** What was found last: it holds until it ends, and the queue asks of every project whenever a mailbox ends. */
const lookedAt = new WeakMap<PlanWindow, { readonly at: string; readonly state: WindowState }>();

const lookAt = (window: PlanWindow, at: string): WindowState => {
  const spans = spansAround(window, at);
  const open = spans.filter(([from, to]) => from <= at && at < to).at(-1);
  if (open !== undefined) return { open: true, until: open[1] };
  return {
    open: false,
    since: spans.filter(([, to]) => to <= at).at(-1)?.[1] ?? null,
    until: spans.find(([from]) => from > at)?.[0] ?? null,
  };
};

type Span = readonly [from: string, to: string];

const spansAround = ({ from, to, zone, days }: PlanWindow, at: string): readonly Span[] => {
  if (!isZone(zone)) return [];
  const today = Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainDate();
  const instant = (day: Temporal.PlainDate, time: string): string =>
    new Date(day.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds).toISOString();
  return Array.from({ length: 2 * DAYS + 1 }, (_none, n) => today.add({ days: n - DAYS })).flatMap((day): Span[] => {
    if (!days.includes(weekdays[day.dayOfWeek - 1]!)) return [];
    const span: Span = [instant(day, from), instant(to > from ? day : day.add({ days: 1 }), to)];
    return span[0] < span[1] ? [span] : [];
  });
};

/** `20:00-06:00 Europe/Berlin, mon fri`. */
export const windowText = ({ from, to, zone, days }: PlanWindow): string =>
  `${from}-${to} ${zone}${days.length === weekdays.length ? '' : `, ${days.join(' ')}`}`;
