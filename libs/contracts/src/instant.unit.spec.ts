import { instantOf } from './instant.js';

describe('a time as people write it', () => {
  it.each([
    ['2026-12-01T20:00Z', '2026-12-01T20:00:00.000Z'],
    ['2026-12-01T20:00', '2026-12-01T20:00:00.000Z'],
    ['2026-12-01 20:00', '2026-12-01T20:00:00.000Z'],
    ['2026-12-01T20:00+01:00', '2026-12-01T19:00:00.000Z'],
    ['2026-12-01T20:00[Europe/Berlin]', '2026-12-01T19:00:00.000Z'],
    ['2026-07-01T20:00[Europe/Berlin]', '2026-07-01T18:00:00.000Z'],
    ['2026-10-25T02:30+02:00[Europe/Berlin]', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T02:30+01:00[Europe/Berlin]', '2026-10-25T01:30:00.000Z'],
    ['2026-12-01T20:00:30.5[America/New_York]', '2026-12-02T01:00:30.500Z'],
  ])('%s is %s', (text, instant) => expect(instantOf(text)).toEqual({ ok: true, value: instant }));

  it.each([
    ['20:00', /Give a day and a time/],
    ['tomorrow', /Give a day and a time/],
    ['2026-12-01', /Give a day and a time/],
    ['2026-13-01T20:00', /no such day/],
    ['2026-02-30T20:00[Europe/Berlin]', /no such day/],
    ['2026-12-01T20:00[Mars/Base]', /Mars\/Base is no time zone/],
    ['2027-03-28T02:30[Europe/Berlin]', /does not exist, or comes twice/],
    ['2026-10-25T02:30[Europe/Berlin]', /does not exist, or comes twice/],
  ])('%s is refused with the reason', (text, reason) =>
    expect(instantOf(text)).toEqual({ ok: false, error: expect.stringMatching(reason) }),
  );
});
