import { bottleneckOf, estimateOf, lastHour, type Minute } from './estimate.js';

const NOW = Date.parse('2026-01-01T12:00:30Z');
const minute = (ago: number, items: number, ms = 0): Minute => ({
  at: new Date(Date.parse('2026-01-01T12:00:00Z') - ago * 60_000).toISOString(),
  items,
  bytes: items * 100,
  waits: ms === 0 ? {} : { 'mailbox.requests': { times: 1, ms } },
});

describe('the last hour', () => {
  it('has sixty whole minutes, with zeros where nothing came', () => {
    const slots = lastHour([minute(0, 7), minute(1, 5, 2_000), minute(60, 3), minute(61, 9)], NOW);
    expect(slots).toHaveLength(60);
    expect(slots.reduce((sum, { items }) => sum + items, 0)).toBe(8);
    expect(slots[0]).toMatchObject({ items: 3, bytes: 300, waitedMs: 0 });
    expect(slots[59]).toMatchObject({ items: 5, waitedMs: 2_000 });
  });
});

describe('the end of an export', () => {
  const facts = { toDo: 600, running: 2, counting: false, nowMs: NOW };
  const steady = lastHour(
    Array.from({ length: 20 }, (_none, at) => minute(at + 1, at < 10 ? 50 : 100)),
    NOW,
  );

  it('is a band from the slowest to the fastest tenth of the hour', () => {
    expect(estimateOf({ ...facts, slots: steady })).toEqual({ is: 'band', earlyMs: NOW + 6 * 60_000, lateMs: NOW + 12 * 60_000 });
  });

  it.each([
    ['done', { running: 0, toDo: 0 }],
    ['not-running', { running: 0 }],
    ['counting', { counting: true }],
    ['too-soon', { slots: lastHour([minute(1, 5)], NOW) }],
    ['standing', { slots: lastHour([minute(30, 5)], NOW) }],
  ] as const)('is not guessed when it is %s', (why, change) => {
    expect(estimateOf({ ...facts, slots: steady, ...change })).toEqual({ is: 'none', why });
  });
});

describe('the bottleneck', () => {
  const held = (kind: 'limit' | 'backlog' | 'fault') => ({ status: 'Migrating', held: { kind, code: 'x' } });
  const free = { status: 'Migrating', held: null };

  it('is what most of the running mailboxes wait for', () => {
    expect(bottleneckOf([held('limit'), held('limit'), held('backlog'), free])).toEqual({ at: 'source', mailboxes: 2, running: 4 });
    expect(bottleneckOf([held('backlog'), free])).toEqual({ at: 'build', mailboxes: 1, running: 2 });
    expect(bottleneckOf([held('fault')])).toEqual({ at: 'network', mailboxes: 1, running: 1 });
    expect(bottleneckOf([free])).toEqual({ at: 'none', mailboxes: 0, running: 1 });
    expect(bottleneckOf([{ status: 'Completed', held: null }])).toEqual({ at: 'idle', mailboxes: 0, running: 0 });
  });
});
