import { groupErrors, type ItemError } from './group.js';

const error = (facts: Partial<ItemError>): ItemError => ({
  projectId: 'p',
  mailboxJobId: 'm1',
  passId: 'x',
  itemKey: 'k',
  itemId: 'i',
  folderKey: 'f',
  folderPath: 'Inbox',
  outcome: 'failed',
  state: 'open',
  itemType: 'IPM.Note',
  itemDate: null,
  sizeBytes: 1,
  code: 'graph.throttled',
  advice: null,
  fallback: null,
  doubts: [],
  attempts: 1,
  firstSeenAt: '2026-01-02T00:00:00Z',
  lastSeenAt: '2026-01-02T00:00:00Z',
  mended: null,
  acknowledged: null,
  ...facts,
});

describe('errors by cause', () => {
  it('are put by code and outcome, with those that are most open first', () => {
    const groups = groupErrors([
      error({ code: 'item.gone', outcome: 'skipped', state: 'acknowledged' }),
      error({ firstSeenAt: '2026-01-01T00:00:00Z' }),
      error({ mailboxJobId: 'm2', advice: 'Retry.', lastSeenAt: '2026-01-03T00:00:00Z' }),
      error({ outcome: 'mime' }),
    ]);
    expect(groups.map(({ code, outcome, open, mailboxes }) => [code, outcome, open, mailboxes])).toEqual([
      ['graph.throttled', 'failed', 2, ['m1', 'm2']],
      ['graph.throttled', 'mime', 1, ['m1']],
      ['item.gone', 'skipped', 0, ['m1']],
    ]);
    expect(groups[0]).toMatchObject({ advice: 'Retry.', firstSeenAt: '2026-01-01T00:00:00Z', lastSeenAt: '2026-01-03T00:00:00Z' });
  });
});
