import { Waits } from './waits.js';

const entry = (mailbox: string, limit: string, waitMs: number) => ({
  mailbox,
  limit,
  waitMs,
  at: '2026-11-22T10:00:00.000Z',
  until: new Date(Date.parse('2026-11-22T10:00:00.000Z') + waitMs).toISOString(),
  requestId: null,
});

describe('the ledger of waits', () => {
  it('sums by limit over the mailboxes that are asked for, and gives each wait once', () => {
    const waits = new Waits();
    waits.add(entry('a', 'MailboxConcurrency', 1000));
    waits.add(entry('a', 'MailboxConcurrency', 500));
    waits.add(entry('b', 'ErrorServerBusy', 2000));
    waits.add(entry('c', 'MailboxConcurrency', 9000));
    expect(waits.take(['a', 'b'])).toEqual({ MailboxConcurrency: { times: 2, ms: 1500 }, ErrorServerBusy: { times: 1, ms: 2000 } });
    expect(waits.take(['a', 'b'])).toEqual({});
    expect(waits.take(['c'])).toEqual({ MailboxConcurrency: { times: 1, ms: 9000 } });
  });

  it('tells whoever follows as a wait begins, and keeps what could not be recorded', () => {
    const waits = new Waits();
    const heard: string[] = [];
    const stop = waits.follow(({ mailbox }) => heard.push(mailbox));
    waits.add(entry('a', 'MailboxConcurrency', 1000));
    stop();
    waits.add(entry('b', 'MailboxConcurrency', 1000));
    expect(heard).toEqual(['a']);
    const taken = waits.take(['a']);
    waits.giveBack('a', taken);
    expect(waits.take(['a'])).toEqual({ MailboxConcurrency: { times: 1, ms: 1000 } });
  });
});
