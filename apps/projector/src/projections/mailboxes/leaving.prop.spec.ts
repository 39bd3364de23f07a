import { mailboxSums, noItems, projectSumScopes, type Amounts, type RecordedEvent } from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { passSettings } from '@pstream/testing';
import fc from 'fast-check';
import { projects } from '../catalogue/projection.js';
import { mailboxes } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const PROJECTS = ['p', 'q'] as const;
const ids = (projectId: string) => ({ workgroupId: 'w', customerId: 'c', projectId });

/** What a mailbox of project `p` goes through before its end. */
type Life = { readonly name: string; readonly way: readonly ('pass' | 'failed' | 'edited')[]; readonly end: 'stays' | 'moved' | 'removed' };
type Event = { readonly type: string; readonly data: object };

/** The events of the mailbox's own stream, and those of its extraction. */
const streamsOf = ({ name, way, end }: Life): { readonly job: Event[]; readonly extraction: Event[] } => {
  const item = { mailboxJobId: name, source: `${name}@contoso.com`, destination: `${name}.pst` };
  const job: Event[] = [];
  const extraction: Event[] = [];
  let mailbox = noItems;
  for (const [n, step] of way.entries()) {
    const refs = { ...ids('p'), mailboxJobId: name, passId: `${name}-${n}` };
    if (step === 'edited') {
      job.push({ type: 'MailboxEdited', data: { ...ids('p'), ...item, source: `${name}${n}@contoso.com`, at } });
      continue;
    }
    job.push({ type: 'PassStarted', data: { ...refs, number: n + 1, kind: 'full', settings: passSettings, at } });
    if (step === 'failed') {
      job.push({ type: 'PassFailed', data: { ...refs, kind: 'full', cause: { code: 'x.y' }, at } });
      continue;
    }
    const pass = { discovered: 3, exported: 2, skipped: 0, failed: 1 };
    mailbox = { discovered: mailbox.discovered + 3, exported: mailbox.exported + 2, skipped: 0, failed: mailbox.failed + 1 };
    extraction.push({ type: 'ExtractionFinished', data: { ...refs, discovered: 3, published: 2, skipped: 0, failed: 1, bytes: 9, at } });
    job.push({ type: 'PassBegun', data: { ...refs, at } }, { type: 'PassCompleted', data: { ...refs, kind: 'full', pass, mailbox, at } });
  }
  if (end === 'moved') job.push({ type: 'MailboxEdited', data: { ...ids('q'), ...item, at } });
  if (end === 'removed') job.push({ type: 'MailboxRemoved', data: { ...ids('p'), mailboxJobId: name, at } });
  return { job, extraction };
};

const life = (name: string): fc.Arbitrary<Life> =>
  fc.record({
    name: fc.constant(name),
    way: fc.array(fc.constantFrom('pass', 'failed', 'edited'), { maxLength: 4 }),
    end: fc.constantFrom('stays', 'moved', 'removed'),
  });

const lives = fc.tuple(life('a'), life('b'), life('c'));

/** All streams, each in its order. */
const allStreams = (all: readonly Life[]): Event[][] => {
  const added = (projectId: string, names: readonly string[]): Event => ({
    type: 'LineItemsAdded',
    data: {
      ...ids(projectId),
      items: names.map((name) => ({ mailboxJobId: name, source: `${name}@contoso.com`, destination: `${name}.pst` })),
      at,
    },
  });
  const left = (...ends: Life['end'][]): string[] => all.filter(({ end }) => ends.includes(end)).map(({ name }) => name);
  return [
    [
      added(
        'p',
        all.map(({ name }) => name),
      ),
      { type: 'LineItemsRemoved', data: { ...ids('p'), mailboxJobIds: left('moved', 'removed'), at } },
    ],
    [added('q', left('moved'))],
    ...all.flatMap((one) => Object.values(streamsOf(one))),
  ];
};

/** One order of all events that keeps that of each stream. */
const interleaved = (streams: readonly Event[][], picks: readonly number[]): Event[] => {
  const rest = streams.map((stream) => [...stream]);
  const order: Event[] = [];
  for (let n = 0; rest.some(({ length }) => length > 0); n++) {
    const open = rest.filter(({ length }) => length > 0);
    const event = open[(picks[n % Math.max(1, picks.length)] ?? 0) % open.length]?.shift();
    if (event !== undefined) order.push(event);
  }
  return order;
};

describe('mailboxes that leave their project', () => {
  it('leave every list and every sum, whichever stream comes first', () => {
    fc.assert(
      fc.property(lives, fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), (all, picks) => {
        const documents = new Map<string, Document | null>();
        const counts = new Map<string, Document | null>();
        for (const event of interleaved(allStreams(all), picks) as unknown as RecordedEvent[]) {
          for (const id of mailboxes.keys(event)) documents.set(id, mailboxes.evolve(documents.get(id) ?? null, event, id));
          for (const id of projects.keys(event)) counts.set(id, projects.evolve(counts.get(id) ?? null, event, id));
        }
        const shares = [...documents].map(([id, document]) => (document === null ? {} : (mailboxes.announce?.(document, id) ?? {})));
        for (const projectId of PROJECTS) {
          const there = all.filter(({ end }) => end === (projectId === 'p' ? 'stays' : 'moved'));
          const [scope] = projectSumScopes(ids(projectId));
          const amounts: Record<string, number> = {};
          for (const { share } of shares) {
            if (share === undefined || scope === undefined || !share.scopes.includes(scope)) continue;
            for (const [name, amount] of Object.entries<number>(share.amounts)) amounts[name] = (amounts[name] ?? 0) + amount;
          }
          const passes = there.flatMap(({ way }) => way).filter((step) => step === 'pass').length;
          expect(mailboxSums(amounts satisfies Amounts)).toMatchObject({
            mailboxes: there.length,
            totals: { discovered: 3 * passes, exported: 2 * passes, skipped: 0, failed: passes },
            unaccounted: 0,
          });
          expect([...documents.values()].filter((document) => document?.['projectId'] === projectId)).toHaveLength(there.length);
          expect(counts.get(projectId)?.['mailboxes']).toBe(there.length);
        }
        for (const { name, end } of all)
          if (end === 'removed')
            expect(mailboxes.announce?.(documents.get(name) ?? {}, name)).toEqual({ projectId: 'p', customerId: 'c', gone: true });
      }),
      { numRuns: 300 },
    );
  });
});
