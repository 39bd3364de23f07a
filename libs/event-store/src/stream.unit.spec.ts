import { streamName, type CommandMeta, type StreamName } from '@pstream/contracts';
import { accept, reject, type Decision } from '@pstream/kernel';
import { recorded } from '@pstream/testing';
import type { EventStore } from './event-store.js';
import { keptInMemory } from './kept-states.js';
import { memoryEventStore } from './sqlite-event-store.js';
import { streamOf, toReply, type CommandOutcome, type Concerns, type StreamKind } from './stream.js';

type SeatEvent = { readonly type: 'SeatsReserved'; readonly data: { readonly seats: number } };
type LampEvent = { readonly type: 'LampLit'; readonly data: { readonly colour: string } };

const POOL: StreamName<SeatEvent> = streamName('pool:1');
const AT = '2026-01-01T00:00:00.000Z';
const seats: StreamKind<SeatEvent, number> = {
  context: 'licensing',
  evolve: (reserved, event) => reserved + event.data.seats,
  initial: () => 0,
};

let store: EventStore;
let decided: number;
beforeEach(() => {
  store = memoryEventStore();
  decided = 0;
});
afterEach(() => store.close());

const reserved =
  (count: number) =>
  (state: number): Decision<SeatEvent> => {
    decided++;
    if (count === 0) return accept();
    return state + count > 10 ? reject('seats.exhausted', { left: 10 - state }) : accept({ type: 'SeatsReserved', data: { seats: count } });
  };
const meta = (commandId: string, expectedVersion?: number): CommandMeta => ({
  commandId,
  by: 'user-1',
  at: AT,
  ...(expectedVersion === undefined ? {} : { expectedVersion }),
});
type Options = { readonly on?: EventStore; readonly kind?: StreamKind<SeatEvent, number>; readonly expectedVersion?: number };
const reserve = (count: number, commandId: string, options: Options = {}): Promise<CommandOutcome<SeatEvent, number>> =>
  streamOf(options.on ?? store, POOL, options.kind ?? seats).decide(reserved(count), meta(commandId, options.expectedVersion));
/** A store in which somebody else is quicker, the given number of times. */
const contended = (times: number): EventStore => {
  let left = times;
  return {
    ...store,
    append: async (commit) => {
      if (left-- > 0) await reserve(1, `rival-${left}`);
      return store.append(commit);
    },
  };
};
/** A store whose replies to appends are lost. */
const losing = (): EventStore => ({
  ...store,
  append: async (commit) => {
    await store.append(commit);
    throw new Error('connection lost');
  },
});
/** Counts the events that are read. */
const counted = (): { readonly on: EventStore; read: number } => {
  const counts = {
    read: 0,
    on: {
      ...store,
      read: async <E extends SeatEvent>(name: StreamName<E>, after?: number) => {
        const events = await store.read(name, after);
        counts.read += events.length;
        return events;
      },
    } as EventStore,
  };
  return counts;
};

describe('deciding on a stream', () => {
  it('appends what is decided and returns stream, version, events and the new state', async () => {
    const outcome = await reserve(4, 'a');
    expect(outcome).toEqual({ accepted: true, stream: 'pool:1', version: 1, events: await store.read(POOL), state: 4 });
    expect(toReply(outcome)).toEqual({ accepted: true, stream: 'pool:1', version: 1 });
    expect(await streamOf(store, POOL, seats).fold()).toEqual({ state: 4, version: 1 });
    expect(await streamOf(store, streamName<SeatEvent>('pool:2'), seats).fold()).toEqual({ state: 0, version: 0 });
  });

  it('returns a refusal and appends nothing', async () => {
    await reserve(8, 'a');
    const outcome = await reserve(3, 'b');
    expect(outcome).toEqual({ accepted: false, rejection: { code: 'seats.exhausted', facts: { left: 2 } } });
    expect(toReply(outcome)).toEqual(outcome);
    expect((await store.read(POOL)).length).toBe(1);
  });

  it('accepts a command that changes nothing without an append', async () => {
    await reserve(8, 'a');
    expect(await reserve(0, 'b')).toEqual({ accepted: true, stream: 'pool:1', version: 1, events: [], state: 8 });
  });

  it('answers a repeated command as before, without deciding again, even when the state has moved on', async () => {
    const first = await reserve(6, 'a');
    await reserve(4, 'b');
    const asked = decided;
    expect(await reserve(6, 'a')).toEqual({ ...first, state: 10 });
    expect(decided).toBe(asked);
  });

  it('decides again on the new state after a version conflict', async () => {
    expect(await reserve(2, 'a', { on: contended(3) })).toMatchObject({ accepted: true, version: 4, state: 5 });
    expect((await store.read(POOL)).map((event) => event.metadata.commandId)).toEqual(['rival-2', 'rival-1', 'rival-0', 'a']);
  });

  it('is refused on the new state when the rival took what was left', async () => {
    await reserve(8, 'before');
    expect(await reserve(2, 'a', { on: contended(1) })).toMatchObject({ accepted: false, rejection: { facts: { left: 1 } } });
  });

  it('gives up after a few conflicts', async () => {
    await expect(reserve(1, 'a', { on: contended(99) })).rejects.toMatchObject({ code: 'event-store.version-conflict', retry: 'now' });
    expect((await store.read(POOL)).length).toBe(5);
  });

  it('answers with the events of a twin that was applied between read and append', async () => {
    const twin: EventStore = {
      ...store,
      append: async (commit) => {
        await reserve(2, 'a');
        await reserve(3, 'later');
        return store.append(commit);
      },
    };
    expect(await reserve(2, 'a', { on: twin })).toMatchObject({ accepted: true, version: 1, state: 5 });
    expect((await store.read(POOL)).length).toBe(2);
  });

  it('finds its events when the reply was lost and the command is repeated', async () => {
    await expect(reserve(2, 'a', { on: losing() })).rejects.toThrow('connection lost');
    expect(await reserve(2, 'a')).toMatchObject({ accepted: true, version: 1, state: 2 });
    expect((await store.read(POOL)).length).toBe(1);
  });

  it('names events as the test helper does', async () => {
    await reserve(2, 'a');
    const [event] = recorded('licensing', POOL, [{ type: 'SeatsReserved', data: { seats: 2 } }], { commandId: 'a', by: 'user-1' });
    expect((await store.read(POOL))[0]).toEqual(event);
  });
});

describe('a command that expects a version', () => {
  it('is applied at that version, from nothing on', async () => {
    expect(await reserve(1, 'a', { expectedVersion: 0 })).toMatchObject({ accepted: true, version: 1 });
    expect(await reserve(1, 'b', { expectedVersion: 1 })).toMatchObject({ accepted: true, version: 2 });
  });

  it.each([0, 1, 3])('is refused when it expects %i of a stream at 2', async (expectedVersion) => {
    await reserve(1, 'a');
    await reserve(1, 'b');
    const rejection = { code: 'stream.version-mismatch', facts: { expected: expectedVersion, actual: 2 } };
    expect(await reserve(1, 'c', { expectedVersion })).toEqual({ accepted: false, rejection });
  });

  it('is refused when somebody else was quicker', async () => {
    const rejection = { code: 'stream.version-mismatch', facts: { expected: 0, actual: 1 } };
    expect(await reserve(1, 'a', { on: contended(1), expectedVersion: 0 })).toEqual({ accepted: false, rejection });
  });

  describe('of one of several things in a stream', () => {
    const isBig: Concerns<SeatEvent> = ({ data }) => data.seats > 5;
    const change = (expectedVersion: number, on = store): Promise<CommandOutcome<SeatEvent, number>> =>
      streamOf(on, POOL, seats).decide(reserved(1), meta('c', expectedVersion), isBig);

    it('is applied whatever became of the others meanwhile, and is refused where the thing has changed', async () => {
      await reserve(6, 'a');
      await reserve(1, 'b');
      const rejection = { code: 'stream.version-mismatch', facts: { expected: 0, actual: 2 } };
      expect(await change(0)).toEqual({ accepted: false, rejection });
      expect(await change(1)).toMatchObject({ accepted: true, version: 3 });
    });

    it('is refused at a version that the stream has not reached', async () => {
      await reserve(1, 'a');
      expect(await change(2)).toMatchObject({ accepted: false, rejection: { code: 'stream.version-mismatch' } });
    });

    it('is applied when somebody was quicker who changed another', async () => {
      expect(await change(0, contended(1))).toMatchObject({ accepted: true, version: 2 });
    });

    it('gets its first answer again when it is repeated', async () => {
      const first = await change(0);
      await reserve(6, 'b');
      expect(await change(0)).toEqual({ ...first, state: 7 });
    });
  });

  it.each([true, false])('gets its first answer again when it is repeated (states kept: %s)', async (keeps) => {
    const kind = keeps ? { ...seats, kept: keptInMemory<number>(1) } : seats;
    const first = await reserve(1, 'a', { expectedVersion: 0, kind });
    await reserve(1, 'b', { kind });
    expect(await reserve(1, 'a', { expectedVersion: 0, kind })).toEqual({ ...first, state: 2 });
  });
});

describe('a fold with kept states', () => {
  it('reads only what is new, whoever appended it', async () => {
    const counts = counted();
    const kind = { ...seats, kept: keptInMemory<number>(10) };
    for (let n = 0; n < 5; n++) await reserve(1, `before-${n}`);
    expect(await reserve(1, 'a', { on: counts.on, kind })).toMatchObject({ version: 6, state: 6 });
    expect(counts.read).toBe(5);
    await reserve(1, 'foreign');
    expect(await reserve(1, 'b', { on: counts.on, kind })).toMatchObject({ version: 8, state: 8 });
    expect(counts.read).toBe(6);
  });

  it('answers a command that the kept state holds already as it was answered then', async () => {
    const kind = { ...seats, kept: keptInMemory<number>(10) };
    const first = await reserve(6, 'a', { kind });
    await reserve(4, 'b', { kind });
    expect(await reserve(6, 'a', { kind })).toEqual({ ...first, state: 10 });
    expect((await store.read(POOL)).length).toBe(2);
  });

  it('starts again for streams beyond the limit', async () => {
    const counts = counted();
    const kind = { ...seats, kept: keptInMemory<number>(2) };
    const fold = async (id: number): Promise<number> => (await streamOf(counts.on, streamName<SeatEvent>(`pool:${id}`), kind).fold()).state;
    for (const id of [1, 2, 3])
      await streamOf(store, streamName<SeatEvent>(`pool:${id}`), seats).decide(reserved(id), meta(`command-${id}`));
    for (const id of [1, 2, 1, 3, 1]) expect(await fold(id)).toBe(id);
    expect(counts.read).toBe(3);
    expect(await fold(2)).toBe(2);
    expect(counts.read).toBe(4);
  });

  it('counts each event once where the state is changed in place by several at once', async () => {
    type Total = { seats: number };
    const kept = keptInMemory<Total>(10);
    const inPlace: StreamKind<SeatEvent, Total> = {
      context: 'licensing',
      evolve: (state, event) => {
        state.seats += event.data.seats;
        return state;
      },
      initial: () => ({ seats: 0 }),
      kept,
    };
    const stream = streamOf(store, POOL, inPlace);
    await stream.fold();
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        stream.appendOnce({ ...meta(`c${n}`), events: [{ type: 'SeatsReserved', data: { seats: 1 } }] }),
      ),
    );
    expect(await stream.recall()).toEqual({ state: { seats: 12 }, version: 12 });
  });

  it('goes on from a snapshot in storage', async () => {
    const snapshots = new Map<string, string>();
    const stored: StreamKind<SeatEvent, number> = {
      ...seats,
      kept: {
        get: async (name) => {
          const text = snapshots.get(name);
          return text === undefined ? undefined : (JSON.parse(text) as { state: number; version: number });
        },
        set: async (name, state) => {
          if (state.version % 2 === 0) snapshots.set(name, JSON.stringify(state));
        },
      },
    };
    for (let n = 0; n < 5; n++) await reserve(1, `c${n}`, { kind: stored });
    const counts = counted();
    expect(await streamOf(counts.on, POOL, stored).fold()).toEqual({ state: 5, version: 5 });
    expect(counts.read).toBe(1);
  });

  it('recalls what is kept without asking the store, and folds where nothing is', async () => {
    const kind = { ...seats, kept: keptInMemory<number>(10) };
    await reserve(2, 'a');
    expect(await streamOf(store, POOL, kind).recall()).toEqual({ state: 2, version: 1 });
    await reserve(3, 'foreign');
    expect(await streamOf(store, POOL, kind).recall()).toEqual({ state: 2, version: 1 });
    expect(await streamOf(store, POOL, kind).fold()).toEqual({ state: 5, version: 2 });
  });
});

describe('appending facts once', () => {
  const fact = (count: number): SeatEvent => ({ type: 'SeatsReserved', data: { seats: count } });

  it('appends them whatever others append first', async () => {
    const stream = streamOf(contended(7), POOL, seats);
    expect(await stream.appendOnce({ ...meta('a'), events: [fact(2), fact(1)] })).toEqual({ state: 10, version: 9 });
  });

  it('appends them once', async () => {
    const stream = streamOf(store, POOL, seats);
    await stream.appendOnce({ ...meta('a'), events: [fact(2)] });
    await stream.appendOnce({ ...meta('b'), events: [fact(3)] });
    expect(await stream.appendOnce({ ...meta('a'), events: [fact(2)] })).toEqual({ state: 5, version: 2 });
  });

  it('asks on the newest state whether they are still wanted', async () => {
    const asked: number[] = [];
    const wanted = (state: number): boolean => {
      asked.push(state);
      return state < 2;
    };
    const stream = streamOf(contended(9), POOL, seats);
    expect(await stream.appendOnce({ ...meta('a'), events: [fact(1)], wanted })).toEqual({ state: 2, version: 2 });
    expect(asked).toEqual([0, 1, 2]);
    expect(await store.byCommand('a')).toBeUndefined();
  });

  it('passes on what the question throws', async () => {
    const refuse = (): boolean => {
      throw new Error('too late');
    };
    await expect(streamOf(store, POOL, seats).appendOnce({ ...meta('a'), events: [fact(1)], wanted: refuse })).rejects.toThrow('too late');
  });
});

// What must not compile; each line is an error to the compiler, or `tsc` reports the comment.
const misuses = async (lamps: StreamName<LampEvent>, kind: StreamKind<SeatEvent, number>): Promise<void> => {
  // @ts-expect-error -- a plain string names no stream
  await store.read('pool:1');
  // @ts-expect-error -- lamps have no seats
  void (await store.read(lamps))[0]?.data.seats;
  // @ts-expect-error -- events of seats do not belong into a stream of lamps
  streamOf(store, lamps, kind);
  const seat: SeatEvent = { type: 'SeatsReserved', data: { seats: 1 } };
  // @ts-expect-error -- the same for an append
  await store.append({ context: 'licensing', stream: lamps, expectedVersion: 0, events: [seat], at: AT, metadata: meta('a') });
  // @ts-expect-error -- a decision makes events of its stream only
  await streamOf(store, POOL, kind).decide(() => accept<LampEvent>({ type: 'LampLit', data: { colour: 'red' } }), meta('a'));
};

it('has misuses that do not compile', () => expect(misuses).toBeInstanceOf(Function));

describe('a command that is sent again for another request', () => {
  const send = (commandId: string, digest: string | undefined, count = 1): Promise<CommandOutcome<SeatEvent, number>> =>
    streamOf(store, POOL, seats).decide(reserved(count), { ...meta(commandId), ...(digest === undefined ? {} : { digest }) });
  const refused = { accepted: false, rejection: { code: 'request.idempotency-mismatch', facts: {} } };

  it('is refused, and changes nothing', async () => {
    expect(await send('c1', 'one')).toMatchObject({ accepted: true, version: 1 });
    expect(await send('c1', 'two', 5)).toEqual(refused);
    expect(await send('c1', 'one')).toMatchObject({ accepted: true, version: 1, state: 1 });
  });

  it('is refused too where the state is kept beyond its events', async () => {
    const kept = { ...seats, kept: keptInMemory<number>(10) };
    const sent = (digest: string, count: number) => streamOf(store, POOL, kept).decide(reserved(count), { ...meta('c1'), digest });
    await sent('one', 10);
    expect(await sent('two', 1)).toEqual(refused);
    expect(await sent('one', 10)).toMatchObject({ accepted: true, version: 1 });
  });

  it('is the same command where nobody says what request it was for', async () => {
    await send('c1', undefined);
    expect(await send('c1', 'two')).toMatchObject({ accepted: true, version: 1 });
  });
});
