import { TRIAL, type PassKind, type PassSettings } from '@pstream/contracts';
import { passSettings } from '@pstream/testing';
import { listedDate, Picker, selectionOf, type Selectable } from './selection.js';

const item = (more: Partial<Selectable> = {}): Selectable => ({
  type: 'IPM.Note',
  size: 1_000,
  createdDateTime: '2026-01-01T00:00:00Z',
  ...more,
});
const pick = (kind: PassKind, more: Partial<PassSettings>, items: readonly Selectable[], listedBytes = 0) => {
  const picker = new Picker(selectionOf(kind, { ...passSettings, ...more }), listedBytes);
  return { taken: items.map((each) => picker.takes(each)), leftOut: picker.leftOut };
};

describe('the date of a listing', () => {
  it.each(['2026-01-01T00:00:00Z', '1900-01-01T00:00:00Z', '4500-08-31T00:00:00Z'])('%s is kept as it is', (date) =>
    expect(listedDate(date)).toBe(date),
  );
  it.each([null, '', 'yesterday', '0001-01-01T00:00:00Z', '1601-01-01T00:00:00Z', '4501-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    '%j is none',
    (date) => expect(listedDate(date)).toBeUndefined(),
  );
});

describe('a Full Migration', () => {
  it('takes everything', () => {
    expect(pick('full', {}, [item(), item({ type: null }), item({ createdDateTime: null, size: 10 ** 9 })])).toEqual({
      taken: [true, true, true],
      leftOut: {},
    });
  });
});

describe('a Pre-Stage', () => {
  const before = '2026-01-01T00:00:00.000Z';
  it('takes mail from before its date', () => {
    expect(
      pick('pre-stage', { before }, [item({ createdDateTime: '2025-12-31T23:59:59Z' }), item({ createdDateTime: '2026-01-01T00:00:00Z' })]),
    ).toEqual({ taken: [true, false], leftOut: { date: 1 } });
  });
  it('leaves what has no date, and what is not mail, to a Full Migration', () => {
    const old = '2020-01-01T00:00:00Z';
    expect(
      pick('pre-stage', { before }, [
        item({ createdDateTime: null }),
        item({ type: 'IPM.Contact', createdDateTime: old }),
        item({ type: 'IPM.Schedule.Meeting.Request', createdDateTime: old }),
      ]),
    ).toEqual({
      taken: [false, false, true],
      leftOut: { date: 1, type: 1 },
    });
  });
});

describe('options of a project', () => {
  it('choose kinds of items and a range of days, the last one not included', () => {
    const options = { itemTypes: ['email' as const, 'contacts' as const], itemsFrom: '2026-01-01', itemsBefore: '2026-02-01' };
    const items = [
      item(),
      item({ type: 'IPM.DistList' }),
      item({ type: 'IPM.Appointment' }),
      item({ createdDateTime: '2025-12-31T23:59:59Z' }),
      item({ createdDateTime: '2026-02-01T00:00:00Z' }),
      item({ createdDateTime: null }),
    ];
    expect(pick('full', { options }, items)).toEqual({ taken: [true, true, false, false, false, false], leftOut: { type: 1, date: 3 } });
  });
  it('hold for a Pre-Stage too: the earlier of two ends counts, and only mail is taken', () => {
    const options = { itemTypes: ['calendars' as const, 'email' as const], itemsBefore: '2025-06-01' };
    const days = ['2025-05-31T00:00:00Z', '2025-06-01T00:00:00Z', '2026-01-01T00:00:00Z'];
    expect(
      pick(
        'pre-stage',
        { options, before: '2025-12-01T00:00:00.000Z' },
        days.map((createdDateTime) => item({ createdDateTime })),
      ).taken,
    ).toEqual([true, false, false]);
    expect(
      pick('pre-stage', { options, before: '2025-12-01T00:00:00.000Z' }, [
        item({ type: 'IPM.Appointment', createdDateTime: '2020-01-01T00:00:00Z' }),
      ]).taken,
    ).toEqual([false]);
  });
});

describe('a Trial', () => {
  it('takes ten items of a folder', () => {
    const { taken, leftOut } = pick(
      'trial',
      {},
      Array.from({ length: TRIAL.itemsPerFolder + 3 }, () => item()),
    );
    expect([taken.filter(Boolean).length, leftOut]).toEqual([TRIAL.itemsPerFolder, { trial: 3 }]);
  });
  it('takes no more bytes than its limit over all folders, and smaller items in place of a large one', () => {
    expect(pick('trial', {}, [item({ size: 3_000 }), item({ size: 1_000 })], TRIAL.bytes - 2_000)).toEqual({
      taken: [false, true],
      leftOut: { trial: 1 },
    });
  });
});
