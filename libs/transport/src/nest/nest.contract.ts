import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { streamName, toCloudEvent, type RecordedEvent } from '@pstream/contracts';
import { countingIds, Fault, systemClock } from '@pstream/kernel';
import { firstValueFrom } from 'rxjs';
import { DeadLetters, deadLetterTopic } from '../dead-letters.js';
import { Collector, Condition, text, textOf, type TransportFixture } from '../transport.fixture.js';
import type { LogRecord, Transport } from '../transport.js';
import { Answer, Subscribe } from './decorators.js';
import { LogClient } from './log-client.js';
import { LogContext } from './log-context.js';
import { LogServer } from './log-server.js';

const opened: RecordedEvent = {
  id: '01J8ZQ4N5W9K7C1B2D3E4F5G6H',
  type: 'CustomerCreated',
  context: 'projects',
  stream: streamName('customer:01J8ZQ4N5W9K7C1B2D3E4F5G6H'),
  version: 3,
  at: '2025-01-02T03:04:05.678Z',
  data: { workgroupId: 'w', customerId: 'c', name: 'x', at: '2025-01-02T03:04:05.678Z' },
  metadata: { commandId: 'c', by: 'u' },
};

/** What the Nest strategy and client must hold over a message log with `fixture`'s storage. */
export const nestContract = (make: () => Promise<TransportFixture>): void => {
  const changed = new Condition();
  let fixture: TransportFixture;
  let transport: Transport;
  let app: INestMicroservice;
  let client: LogClient;
  let service: string;
  let topic: string;
  const events: { readonly by: string; readonly payload: unknown; readonly offset: bigint }[] = [];
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  let deadLetters: DeadLetters;
  let clientId: string;
  let groups: readonly [string, string];

  beforeAll(async () => {
    fixture = await make();
    transport = await fixture.open();
    service = fixture.name('projects').replaceAll('.', '-');
    topic = fixture.name('events');
    groups = [fixture.name('desk.first'), fixture.name('desk.second')];
    clientId = fixture.name('gateway').replaceAll('.', '-');
    deadLetters = new DeadLetters(transport, { clock: systemClock, written: () => changed.changed() });
    let tries = 0;

    class Desk {
      double({ value }: { value: number }): { value: number } {
        return { value: 2 * value };
      }
      nothing(): void {}
      busy(): never {
        throw new Fault('desk.busy', { retry: { afterMs: 1234 }, facts: { queue: 7 }, advice: 'Come back later.' });
      }
      refuse(): Promise<never> {
        return Promise.reject({ code: 'desk.closed', facts: { since: 'noon' } });
      }
      bug(): never {
        throw new TypeError('person@example.com broke it');
      }
      first(payload: unknown, context: LogContext): void {
        if (++tries === 1) throw new Fault('desk.busy', { retry: { afterMs: 1 } });
        events.push({ by: 'first', payload, offset: context.record.offset });
        changed.changed();
      }
      async second(payload: unknown, context: LogContext): Promise<void> {
        await Promise.resolve();
        expect(context.signal.aborted).toBe(false);
        events.push({ by: 'second', payload, offset: context.record.offset });
        changed.changed();
      }
    }
    // Names that differ from run to run cannot stand in decorator syntax, so the decorators are applied as functions.
    const decorate = (method: keyof Desk, decorator: MethodDecorator): void => {
      const descriptor = Object.getOwnPropertyDescriptor(Desk.prototype, method)!;
      decorator(Desk.prototype, method, descriptor);
      Payload()(Desk.prototype, method, 0);
      Ctx()(Desk.prototype, method, 1);
    };
    for (const method of ['double', 'nothing', 'busy', 'refuse', 'bug'] as const) decorate(method, Answer(`${service}.${method}`));
    decorate('first', Subscribe(topic, { group: groups[0] }));
    decorate('second', Subscribe(topic, { group: groups[1], concurrency: 2 }));
    Controller()(Desk);

    await transport.ensureTopics([{ name: topic, partitions: 2, durability: 'durable' }]);
    const module = await Test.createTestingModule({ controllers: [Desk] }).compile();
    app = module.createNestMicroservice({
      strategy: new LogServer({ transport, clock: systemClock, deadLetters, failed }),
      logger: false,
    });
    await app.listen();
    client = new LogClient({ transport, clock: systemClock, ids: countingIds(), clientId, deadLetters, failed });
    await client.connect();
  });

  afterAll(async () => {
    await client.close();
    await app.close();
    await transport.close();
    await fixture.dispose();
    expect(failures).toEqual([]);
  });

  const ask = (command: string, data: unknown = {}): Promise<unknown> =>
    firstValueFrom(client.send<unknown>(`${service}.${command}`, data));

  it('answers requests, many at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, value) => ask('double', { value })));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, value) => ({ value: 2 * value })));
    expect(await ask('nothing')).toBeNull();
  });

  it('carries a fault, a rejection and the absence of a handler back to whoever asked', async () => {
    await expect(ask('busy')).rejects.toMatchObject({
      name: 'Fault',
      code: 'desk.busy',
      retry: { afterMs: 1234 },
      facts: { queue: 7 },
      advice: 'Come back later.',
    });
    await expect(ask('refuse')).rejects.toEqual({ code: 'desk.closed', facts: { since: 'noon' } });
    await expect(ask('unheard')).rejects.toMatchObject({ code: 'message.no-handler', retry: 'never' });
  });

  it('tells nothing of a bug but that it happened', async () => {
    const error = await ask('bug').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'handler.failed', retry: 'never' });
    expect(JSON.stringify(error) + String(error)).not.toContain('example.com');
  });

  it('gives up on an answer that does not come', async () => {
    const impatient = new LogClient({
      transport,
      clock: systemClock,
      ids: countingIds(900),
      clientId: fixture.name('impatient').replaceAll('.', '-'),
      deadLetters,
      failed,
      timeoutMs: 5,
    });
    const nobody = `${fixture.name('nobody').replaceAll('.', '-')}.Ask`;
    await expect(firstValueFrom(impatient.send(nobody, {}))).rejects.toMatchObject({
      code: 'transport.no-answer',
      retry: 'now',
      facts: { pattern: nobody, timeoutMs: 5 },
    });
    await impatient.close();
  });

  it('brings each event to every subscribed handler, and repeats it after a fault', async () => {
    const { key, headers, value } = toCloudEvent(opened);
    await firstValueFrom(client.emit(topic, { key, headers, value }), { defaultValue: undefined });
    await changed.until(() => events.length === 2);
    expect(events.map(({ by }) => by).sort()).toEqual(['first', 'second']);
    for (const { payload } of events) expect(payload).toMatchObject({ type: 'CustomerCreated', version: 3, data: { name: 'x' } });
  });

  it('buries what is no event, for each handler, and goes on', async () => {
    const before = events.length;
    const { key, headers, value } = toCloudEvent({ ...opened, version: 4 });
    const junk = [
      text('k', 'bytes'),
      { ...text('k', '{"type":"PassStarted"}'), headers: { 'content-type': 'application/json' } },
      { key, headers: { ...headers, ce_type: 'pstream.projects.ProjectOpened.v2' }, value },
      { key, headers: { ...headers, ce_type: 'pstream.projects.ProjectRenamed.v1' }, value: new Uint8Array([0xff, 0xfe]) },
      { key, headers, value: new TextEncoder().encode('{"name":"x"}') },
    ];
    await transport.send(topic, [...junk, { key, headers, value }]);
    await changed.until(() => events.length === before + 2 && deadLetters.counts[topic] === 2 * junk.length);
    const dead = await letters(topic, 2 * junk.length);
    expect(new Set(dead.map((letter) => letter.headers['dead_code']))).toEqual(new Set(['event.unreadable']));
    expect(new Set(dead.map((letter) => letter.headers['dead_group']))).toEqual(new Set(groups));
    expect(dead.filter((letter) => textOf(letter) === 'bytes')).toHaveLength(2);
  });

  it('buries requests that nobody understands, tells whoever asked where it can, and answers the next', async () => {
    const commands = `${service}.commands.v1`;
    await transport.ensureTopics([{ name: commands, partitions: 4, durability: 'volatile' }]);
    await transport.send(commands, [
      text('a', 'junk'),
      text('b', '{"value":1}', { pattern: `${service}.noSuchCommand` }),
      text('c', '{"value":', { pattern: `${service}.double` }),
    ]);
    await changed.until(() => deadLetters.counts[commands] === 4);
    expect(await ask('double', { value: 4 })).toEqual({ value: 8 });
    const dead = await letters(commands, 4);
    expect(dead.map((letter) => letter.headers['dead_code']).toSorted()).toEqual([
      'command.unreadable',
      'command.unreadable',
      'message.no-handler',
      'message.no-handler',
    ]);
  });

  it('buries answers that cannot be read, and takes the next', async () => {
    const replies = `${clientId}.replies.v1`;
    await transport.send(replies, [text('a', 'junk'), text('b', '{}')]);
    await changed.until(() => deadLetters.counts[replies] === 2);
    expect(await ask('double', { value: 5 })).toEqual({ value: 10 });
    expect((await letters(replies, 2)).map(textOf)).toEqual(['junk', '{}']);
  });

  const letters = async (of: string, count: number): Promise<readonly LogRecord[]> => {
    const dead = new Collector();
    const morgue = await transport.subscribe({ topics: [deadLetterTopic(of)], group: fixture.name('morgue'), handler: dead });
    await dead.until(({ records }) => records.length >= count);
    await morgue.close();
    return dead.records;
  };
};
