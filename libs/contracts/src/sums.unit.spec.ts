import { flowHours, flowMinutes, flowScope, mailboxScope, mailboxShare, mailboxSums } from './sums.js';
import type { MailboxView } from './mailbox-views.js';
import { noItems } from './words.js';

const mailbox = (change: Partial<MailboxView>): MailboxView => ({
  mailboxJobId: 'm',
  projectId: 'p',
  customerId: 'c',
  source: 'ada@contoso.com',
  destination: 'ada.pst',
  status: 'Not Submitted',
  pass: null,
  totals: noItems,
  mime: 0,
  doubts: 0,
  superseded: 0,
  leftOut: 0,
  listing: 'not-started',
  extracted: { items: 0, bytes: 0 },
  waits: {},
  priority: 0,
  held: null,
  progressAt: null,
  folders: 0,
  foldersNotListed: 0,
  parts: 0,
  cause: null,
  checks: [],
  found: null,
  ...change,
});

const sumOf = (...mailboxes: MailboxView[]) => {
  const sum: Record<string, number> = {};
  for (const { amounts } of mailboxes.map(mailboxShare))
    for (const [name, amount] of Object.entries(amounts)) sum[name] = (sum[name] ?? 0) + amount;
  return mailboxSums(sum);
};

describe('the sums over mailboxes', () => {
  it('say what is still to be accounted for, what was lost to limits and what is held', () => {
    const held = { kind: 'limit' as const, code: 'graph.throttled', limit: 'tenant', advice: null, since: 's', until: 'u' };
    expect(
      sumOf(
        mailbox({
          status: 'Completed',
          totals: { discovered: 10, exported: 8, skipped: 1, failed: 1 },
          extracted: { items: 9, bytes: 900 },
          parts: 2,
          mime: 3,
          foldersNotListed: 2,
          doubts: 2,
          superseded: 3,
          listing: 'finished',
          waits: { 'mailbox.calls': { times: 2, ms: 300 } },
        }),
        mailbox({
          status: 'Migrating',
          totals: { discovered: 5, exported: 1, skipped: 0, failed: 0 },
          extracted: { items: 2, bytes: 100 },
          listing: 'going-on',
          waits: { 'mailbox.calls': { times: 1, ms: 0 }, tenant: { times: 1, ms: 5 } },
          held,
        }),
      ),
    ).toEqual({
      mailboxes: 2,
      statuses: { Completed: 1, Migrating: 1 },
      totals: { discovered: 15, exported: 9, skipped: 1, failed: 1 },
      unaccounted: 4,
      listing: 'going-on',
      extracted: { items: 11, bytes: 1_000 },
      parts: 2,
      mime: 3,
      foldersNotListed: 2,
      doubts: 2,
      superseded: 3,
      waits: { 'mailbox.calls': { times: 3, ms: 300 }, tenant: { times: 1, ms: 5 } },
      held: { 'graph.throttled': 1 },
    });
  });

  it('are zero where there is no mailbox', () => {
    expect(mailboxSums({})).toMatchObject({ mailboxes: 0, totals: noItems, unaccounted: 0, listing: 'not-started', statuses: {} });
  });

  it('call a listing finished only if every one is', () => {
    expect(sumOf(mailbox({ listing: 'finished' }), mailbox({})).listing).toBe('going-on');
    expect(sumOf(mailbox({ listing: 'finished' })).listing).toBe('finished');
  });

  it('count a mailbox in its project, its customer and the workgroup', () => {
    expect(mailboxShare(mailbox({})).scopes).toEqual([
      mailboxScope({ projectId: 'p' }),
      mailboxScope({ customerId: 'c' }),
      mailboxScope('workgroup'),
    ]);
  });
});

describe('the minutes of a day', () => {
  it('are read from the hours that reach from a day ago to now', () => {
    const hours = flowHours('2026-03-01T10:20:30.000Z');
    expect([hours.length, hours[0], hours.at(-1)]).toEqual([25, '2026-02-28T10', '2026-03-01T10']);
    expect(flowScope('2026-03-01T10', 'workgroup')).toBe('2026-03-01T10/workgroup');
  });

  it('hold what came in and what waited', () => {
    expect(flowMinutes('2026-03-01T10', { '07.items': 3, '07.bytes': 30, '59.waits.tenant.times': 1, '59.waits.tenant.ms': 20 })).toEqual([
      { at: '2026-03-01T10:07:00.000Z', items: 3, bytes: 30, waits: {} },
      { at: '2026-03-01T10:59:00.000Z', items: 0, bytes: 0, waits: { tenant: { times: 1, ms: 20 } } },
    ]);
  });
});
