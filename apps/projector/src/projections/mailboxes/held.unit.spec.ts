import type { ExtractionEvent, MailboxView } from '@pstream/contracts';
import { recorded } from '@pstream/testing';
import { mailboxes } from './projection.js';

const refs = { workgroupId: 'w', customerId: 'C', projectId: 'P', mailboxJobId: 'M', passId: 'X' };
const time = (second: number): string => `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;

type Held = Extract<ExtractionEvent, { readonly type: 'ExtractionWaited' }>['data']['held'];

const started = recorded('projects', 'mailbox-job:M', [{ type: 'PassStarted', data: { ...refs, number: 1, kind: 'full', at: time(0) } }]);
const waited = (second: number, held: Held, times = 0) => ({
  type: 'ExtractionWaited',
  data: {
    ...refs,
    waits: times === 0 ? {} : { MailboxConcurrency: { times, ms: 30_000 } },
    ...(held === undefined ? {} : { held }),
    at: time(second),
  },
});

const heldAfter = (...events: readonly ReturnType<typeof waited>[]) => {
  const history = [...started, ...recorded('extraction', 'extraction:X', [...events])];
  const document = history.reduce<ReturnType<typeof mailboxes.evolve>>((now, event) => mailboxes.evolve(now, event, 'M'), null);
  const { held, waits } = document as unknown as MailboxView;
  return {
    held,
    waits,
    announced: mailboxes.announce?.({ ...document, projectId: 'P', customerId: 'C' }, 'M').share?.amounts['held.graph.throttled'],
  };
};

const limit = { code: 'graph.throttled', limit: 'MailboxConcurrency', advice: 'Nothing.', retryAt: time(31) };
const fault = { code: 'graph.unavailable', retryAt: time(20) };

describe('what holds a mailbox up', () => {
  it('is a limit of the tenant from when the wait begins until it is over', () => {
    const shown = {
      kind: 'limit',
      code: 'graph.throttled',
      limit: 'MailboxConcurrency',
      advice: 'Nothing.',
      since: time(1),
      until: time(31),
    };
    const waits = { MailboxConcurrency: { times: 1, ms: 30_000 } };
    expect(heldAfter(waited(1, limit, 1))).toEqual({ held: shown, waits, announced: 1 });
    expect(heldAfter(waited(1, limit, 1), waited(31, null))).toEqual({ held: null, waits, announced: undefined });
  });

  it('has the beginning of the first of several waits without a moment between', () => {
    const longer = { ...limit, retryAt: time(59) };
    expect(heldAfter(waited(1, limit, 1), waited(20, longer, 1)).held).toMatchObject({ since: time(1), until: time(59) });
    expect(heldAfter(waited(1, limit, 1), waited(20, { ...longer, limit: 'requests' })).held).toMatchObject({
      since: time(20),
      limit: 'requests',
    });
  });

  it('is a fault where something failed, and stays when sums of waits are recorded', () => {
    const shown = { kind: 'fault', code: 'graph.unavailable', limit: null, advice: null, since: time(5), until: time(20) };
    expect(heldAfter(waited(5, fault), waited(6, undefined, 2)).held).toEqual(shown);
  });

  it('is a backlog where its builder is behind', () => {
    expect(heldAfter(waited(5, { code: 'builder.behind', retryAt: time(6) })).held).toMatchObject({ kind: 'backlog', limit: null });
  });
});
