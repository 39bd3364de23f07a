import { streamName } from '@pstream/contracts';
import { accept, reject, type Decision } from '@pstream/kernel';
import { recorded } from '@pstream/testing';
import type { EventStore } from './event-store.js';
import { executeCommand, foldStream, type CommandExecution } from './handle.js';
import { sqliteEventStore } from './sqlite-event-store.js';

type SeatEvent = { readonly type: 'SeatsReserved'; readonly data: { readonly seats: number } };
type Reserve = { readonly seats: number };

describe('executeCommand', () => {
  let store: EventStore;
  let decided: number;
  beforeEach(() => {
    store = sqliteEventStore({ path: ':memory:' });
    decided = 0;
  });
  afterEach(() => store.close());

  const decide = (command: Reserve, reserved: number): Decision<SeatEvent> => {
    decided++;
    if (command.seats === 0) return accept();
    return reserved + command.seats > 10
      ? reject('seats.exhausted', { left: 10 - reserved })
      : accept({ type: 'SeatsReserved', data: command });
  };
  const fold = { evolve: (reserved: number, event: SeatEvent) => reserved + event.data.seats, initial: 0 };
  const reserve = (seats: number, commandId: string, on: EventStore = store): CommandExecution<Reserve, SeatEvent, number> => ({
    ...fold,
    store: on,
    context: 'licensing',
    stream: streamName<SeatEvent>('pool:1'),
    decide,
    command: { seats },
    at: '2026-01-01T00:00:00.000Z',
    metadata: { commandId, by: 'user-1' },
  });
  /** A store in which somebody else is quicker, the given number of times. */
  const contended = (times: number): EventStore => {
    let left = times;
    return {
      ...store,
      append: async (commit) => {
        if (left-- > 0) await executeCommand(reserve(1, `rival-${left}`));
        return store.append(commit);
      },
    };
  };

  it('appends what is decided and returns stream, version, events and the new state', async () => {
    const outcome = await executeCommand(reserve(4, 'a'));
    expect(outcome).toEqual({ accepted: true, stream: 'pool:1', version: 1, events: await store.read(streamName('pool:1')), state: 4 });
    expect(await foldStream({ ...fold, store, stream: streamName<SeatEvent>('pool:1') })).toEqual({ state: 4, version: 1 });
    expect(await foldStream({ ...fold, store, stream: streamName<SeatEvent>('pool:2') })).toEqual({ state: 0, version: 0 });
  });

  it('returns a refusal and appends nothing', async () => {
    await executeCommand(reserve(8, 'a'));
    expect(await executeCommand(reserve(3, 'b'))).toEqual({ accepted: false, rejection: { code: 'seats.exhausted', facts: { left: 2 } } });
    expect((await store.read(streamName('pool:1'))).length).toBe(1);
  });

  it('accepts a command that changes nothing without an append', async () => {
    await executeCommand(reserve(8, 'a'));
    expect(await executeCommand(reserve(0, 'b'))).toEqual({ accepted: true, stream: 'pool:1', version: 1, events: [], state: 8 });
  });

  it('answers a repeated command as before, without deciding again, even when the state has moved on', async () => {
    const first = await executeCommand(reserve(6, 'a'));
    await executeCommand(reserve(4, 'b'));
    const asked = decided;
    expect(await executeCommand(reserve(6, 'a'))).toEqual(first);
    expect(decided).toBe(asked);
  });

  it('decides again on the new state after a version conflict', async () => {
    const outcome = await executeCommand(reserve(2, 'a', contended(3)));
    expect(outcome).toMatchObject({ accepted: true, version: 4, state: 5 });
    expect((await store.read(streamName('pool:1'))).map((event) => event.metadata.commandId)).toEqual([
      'rival-2',
      'rival-1',
      'rival-0',
      'a',
    ]);
  });

  it('is refused on the new state when the rival took what was left', async () => {
    await executeCommand(reserve(8, 'before'));
    expect(await executeCommand(reserve(2, 'a', contended(1)))).toMatchObject({ accepted: false, rejection: { facts: { left: 1 } } });
  });

  it('gives up after a few conflicts', async () => {
    const hopeless = executeCommand({ ...reserve(1, 'a', contended(99)), maxAttempts: 3 });
    await expect(hopeless).rejects.toMatchObject({ code: 'event-store.version-conflict', retry: 'now' });
    expect((await store.read(streamName('pool:1'))).length).toBe(3);
  });

  it('answers with the events of a twin that was applied between read and append', async () => {
    const twin: EventStore = {
      ...store,
      append: async (commit) => {
        await executeCommand(reserve(2, 'a'));
        await executeCommand(reserve(3, 'later'));
        return store.append(commit);
      },
    };
    const outcome = await executeCommand(reserve(2, 'a', twin));
    expect(outcome).toMatchObject({ accepted: true, version: 1, state: 2 });
    expect((await store.read(streamName('pool:1'))).length).toBe(2);
  });

  it('takes the same path after a lost reply: the repeated command finds its events', async () => {
    const losing: EventStore = {
      ...store,
      append: async (commit) => {
        await store.append(commit);
        throw new Error('connection lost');
      },
    };
    await expect(executeCommand(reserve(2, 'a', losing))).rejects.toThrow('connection lost');
    expect(await executeCommand(reserve(2, 'a'))).toMatchObject({ accepted: true, version: 1, state: 2 });
    expect((await store.read(streamName('pool:1'))).length).toBe(1);
  });

  it('keeps the ids that the test helper gives to events', async () => {
    await executeCommand(reserve(2, 'a'));
    const [event] = recorded('licensing', 'pool:1', [{ type: 'SeatsReserved', data: { seats: 2 } }], { commandId: 'a', by: 'user-1' });
    expect((await store.read(streamName('pool:1')))[0]).toEqual(event);
  });
});
