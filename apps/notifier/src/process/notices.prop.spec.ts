import { outboxPrefix, type OutboxEvent, type RecordedEvent, type StreamName } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { House } from './house.fixture.js';

const MAILBOXES = ['a', 'b', 'c'];
const step = fc.oneof(
  fc.record({
    is: fc.constantFrom('PassBegun', 'PassCompleted', 'PassFailed'),
    project: fc.constantFrom('p', 'q'),
    mailbox: fc.constantFrom(...MAILBOXES),
  }),
  fc.record({ is: fc.constant('round'), waitMs: fc.constantFrom(0, 30_000, 60_000, 121_000, 3_600_000) }),
  fc.record({ is: fc.constant('two rounds at once'), afterMs: fc.constantFrom(0, 60_000, 3_600_000) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const ends = fc.array(fc.constantFrom('before', 'after', undefined, undefined, undefined), { maxLength: 60 });

/** Whoever fails dies; the work is done again by a process that knows nothing. */
const take = async (house: House, one: Step, happened: Set<string>): Promise<void> => {
  try {
    if ('waitMs' in one) {
      house.pass(one.waitMs);
      await house.round();
    } else if ('mailbox' in one) {
      const name = `${one.project}${one.mailbox}`;
      happened.add(`${one.is} ${name}`);
      await house.process().collector.onEvent(house.event(one.project, name, one.is));
    } else {
      house.pass(one.afterMs);
      await Promise.all([house.round(), house.round()]);
    }
  } catch (error) {
    if (!isFault(error)) throw error;
  }
};

/** Nothing fails any more: what happened is reported once more, and all that is due is done. */
const settle = async (house: House, happened: ReadonlySet<string>): Promise<void> => {
  house.failAppend = () => undefined;
  house.failDelivery = () => undefined;
  for (const one of happened) {
    const [is, name] = one.split(' ') as ['PassBegun' | 'PassCompleted' | 'PassFailed', string];
    await house.process().collector.onEvent(house.event(name.slice(0, 1), name, is));
  }
  for (let round = 0; round < 6; round++) {
    house.pass(3_600_000);
    await house.round();
  }
};

const KIND = { PassBegun: 'pass.started', PassCompleted: 'pass.completed', PassFailed: 'pass.failed' } as const;

describe('notices', () => {
  it('tell each thing that happened once, whoever dies when: no notice without its record, none forgotten, and each the same every time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), ends, ends, async (steps, appends, deliveries) => {
        const house = new House();
        for (const project of ['p', 'q'])
          await house.project(
            project,
            MAILBOXES.map((mailbox) => `${project}${mailbox}`),
          );
        await house.subscribe('s', ['pass.started', 'pass.completed', 'pass.failed']);
        const happened = new Set<string>();
        house.failAppend = () => appends.shift();
        house.failDelivery = () => deliveries.shift();
        for (const one of steps) await take(house, one, happened);
        await settle(house, happened);

        const events: RecordedEvent<OutboxEvent>[] = [];
        for await (const stream of house.store.streams(outboxPrefix))
          events.push(...(await house.store.read(stream as StreamName<OutboxEvent>)));
        const of = (type: OutboxEvent['type'], noticeId: string) =>
          events.filter((event) => event.type === type && 'noticeId' in event.data && event.data.noticeId === noticeId).length;

        const notices = new Map(house.delivered.map((notice) => [notice.noticeId, notice]));
        const told = [...notices.values()].flatMap(({ entries }) => entries.map(({ kind, mailboxJobId }) => `${kind} ${mailboxJobId}`));
        const wanted = [...happened].map((one) => one.replace(/^\w+/, (is) => KIND[is as keyof typeof KIND]));
        expect(told.toSorted()).toEqual(wanted.toSorted());
        for (const notice of house.delivered) expect(notice).toEqual(notices.get(notice.noticeId));
        for (const noticeId of notices.keys()) {
          const times = house.delivered.filter((notice) => notice.noticeId === noticeId).length;
          expect(of('NoticeAttempted', noticeId)).toBeGreaterThanOrEqual(times);
          expect(of('NoticeSent', noticeId)).toBe(1);
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('go out once where nobody dies and every receiver answers, also from two processes at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const house = new House();
        house.slow = () => new Promise((resolve) => setImmediate(resolve));
        for (const project of ['p', 'q'])
          await house.project(
            project,
            MAILBOXES.map((mailbox) => `${project}${mailbox}`),
          );
        await house.subscribe('s', ['pass.started', 'pass.completed', 'pass.failed']);
        const happened = new Set<string>();
        for (const one of steps) await take(house, one, happened);
        await settle(house, happened);
        expect(new Set(house.delivered.map(({ noticeId }) => noticeId)).size).toBe(house.delivered.length);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
