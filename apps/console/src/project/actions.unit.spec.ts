import { ACTIONS, commandOf, mayRename, mayUpdate, previewOf, reasonAgainst, selectionOf } from './actions.js';
import { row } from './row.fixture.js';
import type { Row } from './views.js';

const exported = { discovered: 3, exported: 2, skipped: 0, failed: 1 };

describe('an action over mailboxes', () => {
  it.each([
    [row({ status: 'Not Submitted' }), ['verify', 'trial', 'pre-stage', 'full']],
    [row({ status: 'Migrating' }), ['stop']],
    [row({ status: 'Queued' }), ['stop']],
    [row({ status: 'Stopping' }), []],
    [row({ status: 'Stopped', totals: exported }), ['verify', 'pre-stage', 'full', 'retry-errors', 'resume']],
    [row({ status: 'Completed with errors', totals: exported }), ['verify', 'pre-stage', 'full', 'retry-errors']],
    [row({ status: 'Completed', totals: { ...exported, exported: 3, failed: 0 } }), ['verify', 'pre-stage', 'full']],
    [row({ status: 'Failed' }), ['verify', 'trial', 'pre-stage', 'full', 'resume']],
  ])('is offered for what it can be done to: %#', (mailbox, offered) => {
    expect(ACTIONS.filter((action) => reasonAgainst(action, mailbox) === undefined)).toEqual(offered);
  });

  it('says beforehand what it leaves out, and why', () => {
    const rows = [row({ source: 'a', status: 'Migrating' }), row({ source: 'b' }), row({ source: 'c', status: 'Stopping' })];
    const { rows: kept, left } = previewOf('stop', rows);
    expect(kept.map(({ source }) => source)).toEqual(['a']);
    expect([...left].map(([reason, members]) => [reason, members.map(({ source }) => source)])).toEqual([
      ['no-pass-open', ['b']],
      ['stopping', ['c']],
    ]);
  });

  it('can be an update only where something was exported, as a Full pass', () => {
    const rows = [row({ status: 'Not Submitted' }), row({ status: 'Completed', totals: exported })];
    expect([mayUpdate('full', rows), mayUpdate('full', rows.slice(0, 1)), mayUpdate('pre-stage', rows)]).toEqual([true, false, false]);
  });

  it('may take other PST names only where somebody else has a file under the next one', () => {
    const foreign = { code: 'part.foreign-blob' };
    const met = row({ status: 'Failed', cause: { ...foreign, facts: {} } });
    const found = row({
      status: 'Verification failed',
      checks: [{ step: 9, name: 'destination', verdict: 'fail', advice: null, ...foreign }],
    });
    const may = (mailbox: Row) => ACTIONS.filter((action) => mayRename(action, [row({}), mailbox]));
    expect([may(met), may(found), may(row({ status: 'Stopped' }))]).toEqual([['resume'], ['verify', 'trial', 'pre-stage', 'full'], []]);
    expect(commandOf('resume', 'P', [met], true, 90, { rename: true })).toBe('pstream export resume P --rename --all');
  });

  it('has a command that means the same mailboxes, as a shell takes it', () => {
    const rows = [row({ source: "o'hara@contoso.com" }), row({ source: 'ben@contoso.com' })];
    expect(commandOf('full', 'P', rows, false)).toBe(String.raw`pstream export start P 'o'\''hara@contoso.com' ben@contoso.com`);
    expect(commandOf('pre-stage', 'P', rows, true, 60)).toBe('pstream export pre-stage P --older-than 60d --all');
    expect(commandOf('full', 'P', rows, true, 90, { startAt: '2026-12-01T19:00:00.000Z', priority: -5 })).toBe(
      'pstream export start P --at 2026-12-01T19:00Z --priority -5 --all',
    );
    expect(commandOf('full', 'P', rows, true, 90, { update: true })).toBe('pstream export start P --update --all');
    expect(commandOf('retry-errors', 'P', rows, true)).toBe('pstream export retry-errors P --all');
    expect(
      commandOf(
        'stop',
        'P',
        Array.from({ length: 21 }, () => row({})),
        false,
      ),
    ).toBe('pstream export stop P --file addresses.txt');
    expect(selectionOf(rows, true)).toBe('all');
    expect(selectionOf(rows, false)).toEqual(["id of o'hara@contoso.com", 'id of ben@contoso.com']);
  });
});
