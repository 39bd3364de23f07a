import { outboxPrefix, streamName, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { mailText } from '../render/mail-text.js';
import { House, workgroupId } from './house.fixture.js';
import { Outboxes } from './outboxes.js';
import { sendTest } from './send-test.js';

const MINUTE = 60_000;
const sources = (house: House): string[] =>
  house.delivered.flatMap(({ entries }) => entries.map(({ kind, source }) => `${kind} ${source}`));
const published = (event: PublishedEvent): RecordedEvent<PublishedEvent> => ({
  ...event,
  id: 'e',
  context: 'licensing',
  stream: streamName('s'),
  version: 1,
  at: '2026-03-31T10:00:00.000Z',
  metadata: { commandId: 'c', by: 'u' },
});
const recorded = async (house: House): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const stream of house.store.streams(outboxPrefix)) events.push(...(await house.store.read(stream)));
  return events;
};

describe('what happens in a project', () => {
  it('goes out as one notice, however many mailboxes it has, with the names of now', async () => {
    const house = new House();
    const mailboxes = Array.from({ length: 300 }, (_, index) => `m${index}`);
    await house.project('p', mailboxes);
    await house.subscribe('s', ['pass.completed', 'pass.completed-with-errors', 'pass.failed']);
    const process = house.process();
    for (const [index, mailbox] of mailboxes.entries()) {
      await process.collector.onEvent(house.event('p', mailbox, 'PassBegun'));
      await process.collector.onEvent(house.event('p', mailbox, index === 7 ? 'PassFailed' : 'PassCompleted', index === 9 ? 3 : 0));
    }
    await house.round(process);
    expect(house.delivered).toEqual([]);
    house.pass(MINUTE);
    await house.round(process);
    expect(house.delivered).toMatchObject([
      {
        project: { projectId: 'p', name: 'Project p', customerId: 'c' },
        counts: { 'pass.completed': 298, 'pass.failed': 1, 'pass.completed-with-errors': 1 },
      },
    ]);
    expect(house.delivered[0]?.entries[7]).toMatchObject({
      kind: 'pass.failed',
      source: 'm7@contoso.com',
      passKind: 'full',
      pass: 1,
      code: 'graph.no-mailbox',
      advice: 'Look.',
    });
  });

  it('is reported once, whoever reports it again, and at whatever time', async () => {
    const house = new House();
    await house.project('p', ['m']);
    await house.subscribe('s', ['pass.started']);
    for (let time = 0; time < 3; time++) {
      const process = house.process();
      await process.collector.onEvent(house.event('p', 'm', 'PassBegun'));
      house.pass(MINUTE);
      await house.round(process);
    }
    expect(sources(house)).toEqual(['pass.started m@contoso.com']);
  });

  it('is reported to those who want to hear of it, of this project, and not to those who rest or came later', async () => {
    const house = new House();
    await house.project('p', ['m']);
    await house.project('q', ['n']);
    await house.subscribe('all', ['pass.failed', 'pass.started']);
    await house.subscribe('of-q', ['pass.failed'], 'q');
    await house.subscribe('starts', ['pass.started']);
    await house.subscribe('rests', ['pass.failed']);
    await house.edit('rests', { active: false });
    const failed = [house.event('p', 'm', 'PassFailed'), house.event('q', 'n', 'PassFailed')];
    house.pass(1);
    await house.subscribe('late', ['pass.failed']);
    const process = house.process();
    for (const event of failed) await process.collector.onEvent(event);
    house.pass(MINUTE);
    await house.round(process);
    expect(house.delivered.map(({ subscription, project }) => `${subscription.name} ${project?.projectId}`).toSorted()).toEqual([
      'all p',
      'all q',
      'of-q q',
    ]);
  });
});

describe('what becomes of licences', () => {
  it('is reported once for each order and number of days, to those who hear of the whole workgroup', async () => {
    const house = new House();
    await house.subscribe('s', ['licence.released', 'licence.ending']);
    await house.subscribe('of-p', ['licence.released', 'licence.ending'], 'p');
    const process = house.process();
    const order = { workgroupId, orderId: 'O', quantity: 100, expiresAt: '2026-04-07T00:00:00.000Z', at: house.clock.now() };
    const released = { type: 'LicencesReleased', data: order } as const;
    const ending = (daysLeft: number) => ({ type: 'LicenceExpiryNear', data: { ...order, daysLeft, applied: 3 } }) as const;
    for (const event of [released, released, ending(30), ending(7), ending(7)]) await process.collector.onEvent(published(event));
    house.pass(MINUTE);
    await house.round(process);
    expect(house.delivered).toMatchObject([
      {
        project: null,
        counts: { 'licence.released': 1, 'licence.ending': 2 },
        entries: [{ orderId: 'O', quantity: 100 }, { daysLeft: 30 }, { daysLeft: 7 }],
      },
    ]);
    const { text } = mailText(house.delivered[0]!);
    expect(text).toContain('100 licences released, until 2026-04-07');
    expect(text).toContain('100 licences: they end on 2026-04-07, in at most 7 days. Renew them with: pstream licence renew');
  });
});

describe('a notice', () => {
  const due = async (house: House): Promise<void> => {
    await house.project('p', ['m', 'n']);
    await house.subscribe('s', ['pass.started']);
    await house.process().collector.onEvent(house.event('p', 'm', 'PassBegun'));
    house.pass(MINUTE);
  };

  it('is on record before it goes out, and under the same id when it is tried again', async () => {
    const house = new House();
    await due(house);
    house.failDelivery = () => 'after';
    await house.round();
    house.pass(29_999);
    await house.round();
    expect(house.delivered.length).toBe(1);
    house.failDelivery = () => undefined;
    house.pass(1);
    await house.round();
    expect(house.delivered.length).toBe(2);
    expect(house.delivered[1]).toEqual(house.delivered[0]);
    const types = (await recorded(house)).map(({ type }) => type);
    expect(types).toEqual(['NoticeCollected', 'NoticePrepared', 'NoticeAttempted', 'NoticeDelayed', 'NoticeAttempted', 'NoticeSent']);
  });

  it('of a process that died between the attempt and its answer is sent by another, when the attempt must be over', async () => {
    const house = new House();
    await due(house);
    // The process dies with the append that would record what came of it.
    const ends: ('before' | undefined)[] = [undefined, 'before'];
    house.failAppend = () => ends.shift();
    await expect(house.round()).rejects.toMatchObject({ code: 'event-store.unavailable' });
    house.pass(119_999);
    await house.round();
    expect(house.delivered.length).toBe(1);
    house.pass(1);
    await house.round();
    expect(house.delivered.map(({ noticeId }) => noticeId)).toEqual([house.delivered[0]?.noticeId, house.delivered[0]?.noticeId]);
    house.pass(3_600_000);
    await house.round();
    expect(house.delivered.length).toBe(2);
  });

  it('is given up where everybody sees it, and the next one goes out', async () => {
    const house = new House();
    await due(house);
    house.failDelivery = () => 'final';
    await house.round();
    expect(house.noticed).toEqual(['given-up notice.refused']);
    house.failDelivery = () => undefined;
    await house.process().collector.onEvent(house.event('p', 'n', 'PassBegun'));
    house.pass(2 * MINUTE);
    await house.round();
    expect(sources(house)).toEqual(['pass.started n@contoso.com']);
  });

  it('of a subscription that was removed is given up, and what was collected is not sent', async () => {
    const house = new House();
    await due(house);
    house.failDelivery = () => 'before';
    await house.round();
    await house.process().collector.onEvent(house.event('p', 'n', 'PassBegun'));
    await house.unsubscribe('s');
    house.failDelivery = () => undefined;
    house.pass(3_600_000);
    await house.round();
    await house.round();
    expect([house.delivered, house.noticed.at(-1)]).toEqual([[], 'given-up notice.subscription-removed']);
    expect((await recorded(house)).filter(({ type }) => type === 'NoticePrepared').length).toBe(1);
  });

  it('does not stop the others', async () => {
    const house = new House();
    await due(house);
    await house.subscribe('t', ['pass.started']);
    const process = house.process();
    await process.collector.onEvent(house.event('p', 'n', 'PassBegun'));
    house.pass(MINUTE);
    const ends: ('before' | undefined)[] = ['before'];
    house.failDelivery = () => ends.shift();
    await house.round(process);
    expect(house.delivered.length).toBe(1);
  });
});

describe('a test', () => {
  it('goes out at once, once, and says what came of it', async () => {
    const house = new House();
    await house.subscribe('s', ['pass.failed']);
    const { ports, outboxes } = house.process();
    const ask = { workgroupId, subscriptionId: 's', testId: 'T' };
    expect(await sendTest(ports, outboxes, ask)).toEqual({ outcome: 'sent', code: null, advice: null });
    expect(await sendTest(ports, outboxes, ask)).toEqual({ outcome: 'sent', code: null, advice: null });
    expect(house.delivered).toMatchObject([{ counts: { test: 1 }, project: null }]);
    // Asked for again while it is under way, it is not said to have failed.
    const held = Promise.withResolvers<void>();
    house.slow = () => held.promise;
    const [first, second] = [sendTest(ports, outboxes, { ...ask, testId: 'V' }), sendTest(ports, outboxes, { ...ask, testId: 'V' })];
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    held.resolve();
    expect((await Promise.all([first, second])).map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
    expect(house.delivered.length).toBe(2);
    house.delivered.pop();
    house.failDelivery = () => 'before';
    expect(await sendTest(ports, outboxes, { ...ask, testId: 'U' })).toMatchObject({ outcome: 'failed', code: 'notice.no-answer' });
    house.pass(3_600_000);
    await house.round();
    expect(house.delivered.length).toBe(1);
    expect(await sendTest(ports, outboxes, { ...ask, subscriptionId: 'x' })).toMatchObject({ outcome: 'unknown-subscription' });
  });
});

describe('what comes while an outbox is found empty', () => {
  it('is not forgotten', async () => {
    const house = new House();
    await house.subscribe('s', ['pass.failed']);
    const [late, read] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let reads = 0;
    const store = new Proxy(house.store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'read') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return async (...given: Parameters<typeof target.read>) => {
          const found = await target.read(...given);
          if (++reads > 1) return found;
          read.resolve();
          await late.promise;
          return found;
        };
      },
    });
    const outboxes = new Outboxes({ ...house.process().ports, store });
    const of = { workgroupId, subscriptionId: 's', about: 'p' };
    const looking = outboxes.advance(of);
    await read.promise;
    await outboxes.collect(of, { kind: 'pass.failed', at: house.clock.now() }, ['P']);
    late.resolve();
    await looking;
    expect(outboxes.open).toEqual([of]);
  });
});
