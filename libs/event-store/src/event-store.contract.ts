import { isFault, type Fault } from '@pstream/kernel';
import { streamName, type Context, type DomainEvent, type RecordedEvent } from '@pstream/contracts';
import type { Commit, EventStore } from './event-store.js';

const AT = '2026-01-01T00:00:00.000Z';
let commands = 0;

/** `count` plain events that carry their number. */
export const someEvents = (count: number, first = 1): DomainEvent[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'Happened', data: { number: first + index } }));

/** A commit with a commandId of its own unless one is given. */
export const commitOf = (
  stream: string,
  expectedVersion: number,
  count = 1,
  more: { readonly commandId?: string; readonly context?: Context } = {},
): Commit => ({
  context: more.context ?? 'projects',
  stream: streamName(stream),
  expectedVersion,
  events: someEvents(count, expectedVersion + 1),
  at: AT,
  metadata: { commandId: more.commandId ?? `command-${++commands}`, by: 'user-1', traceparent: '00-1-2-01' },
});

const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isFault(error)) throw new Error(`expected a Fault, got ${String(error)}`);
  return error;
};

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

/** What every event store must do. `make` gives an empty one; `peer`, where the store can be shared, a second client of it. */
export const eventStoreContract = (title: string, make: () => Promise<{ readonly store: EventStore; readonly peer?: EventStore }>): void =>
  describe(`event store contract: ${title}`, () => {
    let store: EventStore;
    let peer: EventStore;
    beforeEach(async () => {
      const made = await make();
      store = made.store;
      peer = made.peer ?? made.store;
    });
    afterEach(async () => {
      await store.close();
      if (peer !== store) await peer.close();
    });

    it('keeps the events of a commit with everything they carry', async () => {
      const commit = commitOf('project:1', 0, 2);
      const appended = await store.append(commit);
      expect(appended).toMatchObject({ version: 2, duplicate: false });
      expect(await peer.read(streamName('project:1'))).toEqual(appended.events);
      expect(appended.events).toEqual([
        {
          id: expect.any(String),
          context: 'projects',
          stream: 'project:1',
          version: 1,
          type: 'Happened',
          data: { number: 1 },
          at: AT,
          metadata: commit.metadata,
        },
        {
          id: expect.any(String),
          context: 'projects',
          stream: 'project:1',
          version: 2,
          type: 'Happened',
          data: { number: 2 },
          at: AT,
          metadata: commit.metadata,
        },
      ]);
      expect(new Set(appended.events.map((event) => event.id)).size).toBe(2);
    });

    it('keeps data of any JSON shape', async () => {
      const data = { 'a.b': 1, $set: { deep: [null, true, 'ü', 2 ** 53 - 1, -0.5] }, empty: {}, '': 'no name', list: [[]] };
      await store.append({ ...commitOf('project:1', 0), events: [{ type: 'Happened', data }] });
      expect((await peer.read(streamName('project:1')))[0]?.data).toEqual(data);
    });

    it('reads a stream from a version on, even from inside a commit', async () => {
      await store.append(commitOf('project:1', 0, 3));
      await store.append(commitOf('project:1', 3, 2));
      expect((await store.read(streamName('project:1'), 1)).map((event) => event.version)).toEqual([2, 3, 4, 5]);
      expect((await store.read(streamName('project:1'), 3)).map((event) => event.version)).toEqual([4, 5]);
      expect(await store.read(streamName('project:1'), 5)).toEqual([]);
      expect(await store.read(streamName('project:unknown'))).toEqual([]);
    });

    it.each([0, 1, 2, 4, 7])('refuses an append that expects version %i of a stream at 3', async (expectedVersion) => {
      await store.append(commitOf('project:1', 0, 3));
      const fault = await faultOf(peer.append(commitOf('project:1', expectedVersion, 2)));
      expect([fault.code, fault.retry, fault.facts]).toEqual([
        'event-store.version-conflict',
        'now',
        { stream: 'project:1', expected: expectedVersion, actual: 3 },
      ]);
      expect((await store.read(streamName('project:1'))).length).toBe(3);
    });

    it('refuses a first append that expects a past', async () => {
      expect((await faultOf(store.append(commitOf('project:1', 1)))).facts).toMatchObject({ expected: 1, actual: 0 });
    });

    it('lets exactly one of many concurrent appends win, whatever their lengths', async () => {
      for (const before of [0, 2]) {
        const stream = `project:${before}`;
        if (before > 0) await store.append(commitOf(stream, 0, before));
        const lengths = [1, 2, 3, 5, 1, 4, 2, 3];
        const outcomes = await Promise.allSettled(
          lengths.map((length, index) => (index % 2 === 0 ? store : peer).append(commitOf(stream, before, length))),
        );
        const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' && isFault(outcome.reason) ? [outcome.reason.code] : []));
        expect(won.length).toBe(1);
        expect(lost).toEqual(Array.from({ length: 7 }, () => 'event-store.version-conflict'));
        const events = await store.read(streamName(stream));
        expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
        expect(events.slice(before)).toEqual(won[0]?.events);
      }
    });

    it('never overlaps commits, even where writers claim a version in the middle of one', async () => {
      await store.append(commitOf('project:1', 0, 4));
      const claims = [0, 1, 2, 3, 4, 4, 5, 6].map((expected, index) =>
        (index % 2 === 0 ? store : peer).append(commitOf('project:1', expected, 3)),
      );
      const outcomes = await Promise.allSettled(claims);
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled').length).toBe(1);
      expect((await store.read(streamName('project:1'))).map((event) => event.version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    });

    it('answers a repeated command with the events of then and appends nothing', async () => {
      const commit = commitOf('project:1', 0, 2);
      const first = await store.append(commit);
      await store.append(commitOf('project:1', 2));
      expect(await peer.append(commit)).toEqual({ ...first, duplicate: true });
      expect(await peer.append({ ...commit, expectedVersion: 3 })).toEqual({ ...first, duplicate: true });
      expect((await store.read(streamName('project:1'))).length).toBe(3);
    });

    it('applies a command once when it is sent many times at once', async () => {
      const commit = commitOf('project:1', 0, 2);
      const outcomes = await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? store : peer).append(commit)));
      expect(outcomes.filter((outcome) => !outcome.duplicate).length).toBe(1);
      expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome.events))).size).toBe(1);
      expect((await store.read(streamName('project:1'))).length).toBe(2);
    });

    it('finds the events of a command', async () => {
      const commit = commitOf('project:1', 0, 2, { commandId: 'known' });
      const { events } = await store.append(commit);
      expect(await peer.byCommand('known')).toEqual(events);
      expect(await peer.byCommand('unknown')).toBeUndefined();
    });

    it('reads every event, the streams each in order, and only the contexts asked for', async () => {
      for (let round = 0; round < 3; round++) {
        await store.append(commitOf('project:1', round * 2, 2));
        await store.append(commitOf('order:1', round, 1, { context: 'licensing' }));
      }
      const versions = (events: readonly RecordedEvent[], stream: string): number[] =>
        events.filter((event) => event.stream === stream).map((event) => event.version);
      const events = await all(peer.readAll());
      expect(events.length).toBe(9);
      expect(versions(events, 'project:1')).toEqual([1, 2, 3, 4, 5, 6]);
      expect(versions(events, 'order:1')).toEqual([1, 2, 3]);
      expect((await all(store.readAll({ contexts: ['licensing'] }))).map((event) => event.context)).toEqual([
        'licensing',
        'licensing',
        'licensing',
      ]);
      expect(await all(store.readAll({ contexts: [] }))).toEqual([]);
    });

    it('reads everything without a gap while more is appended', async () => {
      for (let stream = 0; stream < 30; stream++) await store.append(commitOf(`project:${String(stream).padStart(2, '0')}`, 0, 2));
      const seen = new Map<string, number>();
      let appends = 0;
      for await (const event of store.readAll()) {
        expect(event.version).toBe((seen.get(event.stream) ?? 0) + 1);
        seen.set(event.stream, event.version);
        if (appends < 20) await peer.append(commitOf(`project:${String(29 - appends++).padStart(2, '0')}`, 2, 1));
      }
      expect(seen.size).toBe(30);
    });

    it('lists streams by prefix, ascending', async () => {
      for (const stream of ['part:b', 'project:2', 'part:a', 'project:10', 'project:1']) await store.append(commitOf(stream, 0, 2));
      await store.append(commitOf('part:a', 2));
      expect(await all(peer.streams('project:'))).toEqual(['project:1', 'project:10', 'project:2']);
      expect(await all(store.streams('part:'))).toEqual(['part:a', 'part:b']);
      expect(await all(store.streams('none:'))).toEqual([]);
      expect((await all(store.streams(''))).length).toBe(5);
    });

    it('offers what is unpublished, per stream lowest version first, until it is marked', async () => {
      for (let round = 0; round < 3; round++) for (const stream of ['b:1', 'a:1']) await store.append(commitOf(stream, round * 2, 2));
      const commits = await peer.unpublished(100);
      expect(commits.length).toBe(6);
      for (const stream of ['a:1', 'b:1'])
        expect(
          commits.filter((commit) => commit.stream === stream).flatMap((commit) => commit.events.map((event) => event.version)),
        ).toEqual([1, 2, 3, 4, 5, 6]);
      expect(commits[0]?.events).toEqual((await store.read(commits[0]!.stream)).slice(0, 2));

      const some = await store.unpublished(3);
      expect(some.length).toBe(3);
      for (const stream of ['a:1', 'b:1']) {
        const versions = some.filter((commit) => commit.stream === stream).flatMap((commit) => commit.events.map((event) => event.version));
        expect(versions).toEqual(versions.map((_, index) => index + 1));
      }
      await store.markPublished(some.map((commit) => commit.id));
      await peer.markPublished(some.map((commit) => commit.id));
      const rest = await peer.unpublished(100);
      expect(rest.length).toBe(3);
      await store.markPublished(rest.map((commit) => commit.id));
      expect(await store.unpublished(100)).toEqual([]);
      await store.markPublished([]);
      expect((await store.read(streamName('a:1'))).length).toBe(6);
    });

    it('calls back after an append of its own, and no more once that is stopped', async () => {
      let calls = 0;
      const stop = store.onAppended(() => calls++);
      const commit = commitOf('project:1', 0);
      await store.append(commit);
      expect(calls).toBe(1);
      await store.append(commit);
      await faultOf(store.append(commitOf('project:1', 0)));
      expect(calls).toBe(1);
      stop();
      await store.append(commitOf('project:1', 1));
      expect(calls).toBe(1);
    });

    it('treats an empty commit as our own bug', async () => {
      await expect(store.append({ ...commitOf('project:1', 0), events: [] })).rejects.toMatchObject({ name: 'Defect' });
    });
  });
