import { codeOf, countsOf, shownRows, type Filter } from './views.js';
import { row } from './row.fixture.js';

const ALL: Filter = { view: 'all', q: '', code: '', status: '', sort: 'source', descending: false };
const ROWS = [
  row({ source: 'cleo@contoso.com', status: 'Completed' }),
  row({ source: 'ada@contoso.com', status: 'Migrating', totals: { discovered: 50, exported: 10, skipped: 0, failed: 0 } }),
  row({ source: 'Ben@contoso.com', status: 'Queued', place: 3 }),
  row({ source: 'dan@contoso.com', status: 'Failed', cause: { code: 'graph.mailbox-forbidden' } }),
  row({ source: 'eve@contoso.com', status: 'Completed with errors', openErrors: 2 }),
  row({
    source: 'fay@contoso.com',
    status: 'Migrating',
    held: {
      kind: 'limit',
      code: 'graph.throttled',
      limit: null,
      advice: null,
      since: '2026-01-01T00:00:00Z',
      until: '2026-01-01T00:01:00Z',
    },
  }),
];
const names = (filter: Partial<Filter>): string[] => shownRows(ROWS, { ...ALL, ...filter }).map(({ source }) => source.slice(0, 3));

describe('the views of the table', () => {
  it('count each mailbox where it belongs', () => {
    expect(countsOf(ROWS)).toEqual({ all: 6, running: 1, waiting: 2, attention: 2, done: 1 });
  });

  it('show what belongs to them, by address whatever its case', () => {
    expect(names({})).toEqual(['ada', 'Ben', 'cle', 'dan', 'eve', 'fay']);
    expect(names({ view: 'running' })).toEqual(['ada']);
    expect(names({ view: 'waiting' })).toEqual(['Ben', 'fay']);
    expect(names({ view: 'attention' })).toEqual(['dan', 'eve']);
    expect(names({ view: 'done' })).toEqual(['cle']);
  });

  it('search in addresses and names of PSTs', () => {
    expect(names({ q: ' BEN@ ' })).toEqual(['Ben']);
    expect(names({ q: '.pst' })).toHaveLength(6);
    expect(names({ q: 'nobody' })).toEqual([]);
  });

  it('sort by a column, equal ones by address either way', () => {
    expect(names({ sort: 'discovered', descending: true })).toEqual(['ada', 'Ben', 'cle', 'dan', 'eve', 'fay']);
    expect(names({ sort: 'discovered' })).toEqual(['Ben', 'cle', 'dan', 'eve', 'fay', 'ada']);
    expect(names({ sort: 'source', descending: true })).toEqual(['fay', 'eve', 'dan', 'cle', 'Ben', 'ada']);
  });

  it('show one status alone', () => {
    expect(names({ status: 'Migrating' })).toEqual(['ada', 'fay']);
  });

  it('show one cause alone', () => {
    expect(ROWS.map(codeOf)).toEqual(['', '', '', 'graph.mailbox-forbidden', 'items', '']);
    expect(names({ view: 'attention', code: 'items' })).toEqual(['eve']);
  });
});
