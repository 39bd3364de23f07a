import { PlanWindow, weekdays, windowAt, windowText } from './plan-window.js';

const window = (from: string, to: string, days: readonly (typeof weekdays)[number][] = weekdays, zone = 'Europe/Berlin'): PlanWindow => ({
  from,
  to,
  zone,
  days: [...days],
});
const iso = (text: string): string => new Date(text).toISOString();

describe('a window', () => {
  it.each([
    ['before it', '2026-12-01T18:59:59Z', { open: false, since: iso('2026-12-01T05:00Z'), until: iso('2026-12-01T19:00Z') }],
    ['as it opens', '2026-12-01T19:00:00Z', { open: true, until: iso('2026-12-02T05:00Z') }],
    ['after midnight', '2026-12-02T04:59:59Z', { open: true, until: iso('2026-12-02T05:00Z') }],
    ['as it closes', '2026-12-02T05:00:00Z', { open: false, since: iso('2026-12-02T05:00Z'), until: iso('2026-12-02T19:00Z') }],
  ])('over midnight, %s', (_when, at, state) => expect(windowAt(window('20:00', '06:00'), iso(at))).toEqual(state));

  it('says the same of a time, whichever was asked for before', () => {
    const times = [
      '2026-12-01T18:59:59Z',
      '2026-12-01T19:00:00Z',
      '2026-12-02T04:59:59Z',
      '2026-12-02T05:00:00Z',
      '2026-12-05T12:00:00Z',
    ].map(iso);
    const one = window('20:00', '06:00', ['tue', 'wed', 'thu', 'fri']);
    for (const before of times)
      for (const at of times) {
        windowAt(one, before);
        expect(windowAt(one, at)).toEqual(windowAt({ ...one }, at));
      }
  });

  it('belongs to the day on which it begins', () => {
    // The 4th is a Friday.
    const friday = window('20:00', '06:00', ['fri']);
    expect(windowAt(friday, iso('2026-12-05T03:00Z'))).toEqual({ open: true, until: iso('2026-12-05T05:00Z') });
    expect(windowAt(friday, iso('2026-12-05T20:00Z'))).toMatchObject({ open: false, until: iso('2026-12-11T19:00Z') });
    expect(windowAt(friday, iso('2026-12-04T03:00Z'))).toMatchObject({ open: false, until: iso('2026-12-04T19:00Z') });
  });

  it('within a day, and of a whole day', () => {
    expect(windowAt(window('12:00', '13:00', weekdays, 'UTC'), iso('2026-12-01T12:30Z'))).toEqual({
      open: true,
      until: iso('2026-12-01T13:00Z'),
    });
    const weekend = window('00:00', '00:00', ['sat', 'sun'], 'UTC');
    expect(windowAt(weekend, iso('2026-12-06T23:59Z'))).toEqual({ open: true, until: iso('2026-12-07T00:00Z') });
    expect(windowAt(weekend, iso('2026-12-07T00:00Z'))).toMatchObject({ open: false, until: iso('2026-12-12T00:00Z') });
  });

  it('follows the clocks: on the short night it is an hour shorter, on the long one longer', () => {
    const hours = (at: string): number => {
      const state = windowAt(window('20:00', '06:00'), iso(at));
      return (Date.parse(state.until ?? '') - Date.parse(iso(at))) / 3_600_000;
    };
    expect(hours('2027-03-27T19:00Z')).toBe(9);
    expect(hours('2026-10-24T18:00Z')).toBe(11);
  });

  it('opens later where the clocks skip its time, once where they show it twice, and not at all where they skip all of it', () => {
    expect(windowAt(window('02:30', '05:00'), iso('2027-03-28T01:00Z'))).toMatchObject({ open: false, until: iso('2027-03-28T01:30Z') });
    expect(windowAt(window('02:30', '05:00'), iso('2026-10-25T00:00Z'))).toMatchObject({ open: false, until: iso('2026-10-25T00:30Z') });
    expect(windowAt(window('02:30', '05:00'), iso('2026-10-25T01:30Z'))).toEqual({ open: true, until: iso('2026-10-25T04:00Z') });
    expect(windowAt(window('02:30', '03:00', ['sun']), iso('2027-03-28T00:00Z'))).toMatchObject({
      open: false,
      until: iso('2027-04-04T00:30Z'),
    });
  });

  it('of a zone that is not known here is closed', () =>
    expect(windowAt(window('20:00', '06:00', weekdays, 'Mars/Base'), iso('2026-12-01T20:00Z'))).toEqual({
      open: false,
      since: null,
      until: null,
    }));

  it('says what it is', () => {
    expect(windowText(window('20:00', '06:00'))).toBe('20:00-06:00 Europe/Berlin');
    expect(windowText(window('20:00', '06:00', ['mon', 'fri']))).toBe('20:00-06:00 Europe/Berlin, mon fri');
  });

  it.each([{ from: '24:00' }, { to: '6:00' }, { zone: 'Mars/Base' }, { days: [] }, { days: ['monday'] }])('with %j is refused', (wrong) =>
    expect(PlanWindow.safeParse({ ...window('20:00', '06:00'), ...wrong }).success).toBe(false),
  );
});
