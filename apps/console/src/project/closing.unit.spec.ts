import { closeCommand, linesOf, sumsOf } from './closing.js';

const part = (name: string, is: 'deleted' | 'kept' | 'gone', bytes: number, why?: string) => ({
  partId: name,
  name,
  container: 'leavers',
  bytes,
  is,
  reason: why === undefined ? null : { code: why, title: why, detail: '' },
});

describe('the end statement of a project', () => {
  const lines = linesOf([
    { source: 'ann@contoso.com', parts: [part('ann.pst', 'deleted', 10), part('ann.002.pst', 'kept', 5, 'part.legal-hold')] },
    { source: 'ben@contoso.com', parts: null },
    { source: 'cleo@contoso.com', parts: [part('cleo.pst', 'deleted', 20), part('cleo.002.pst', 'gone', 1)] },
  ]);

  it('has each PST with its mailbox, those first that stay for a reason', () => {
    expect(lines.map(({ source, name }) => [source, name])).toEqual([
      ['ann@contoso.com', 'ann.002.pst'],
      ['ann@contoso.com', 'ann.pst'],
      ['cleo@contoso.com', 'cleo.pst'],
      ['cleo@contoso.com', 'cleo.002.pst'],
    ]);
  });

  it('is summed up by what becomes of them', () => {
    expect(sumsOf(lines)).toEqual([
      { is: 'deleted', parts: 2, bytes: 30 },
      { is: 'gone', parts: 1, bytes: 1 },
      { is: 'kept', parts: 1, bytes: 5 },
    ]);
    expect(sumsOf([])).toEqual([]);
  });
});

it('has a command that means the same', () => {
  expect(closeCommand('P', 'keep', true)).toBe('pstream project close P --dry-run');
  expect(closeCommand('P', 'delete', false)).toBe('pstream project close P --delete-blobs --yes');
});
