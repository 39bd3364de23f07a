import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { streamName, toCloudEvent, type RecordedEvent } from '@pstream/contracts';
import { countingIds, Fault, systemClock } from '@pstream/kernel';
import { firstValueFrom } from 'rxjs';
import { deadLetterTopic } from '../consume-by-key.js';
import { at, Collector, Condition, text, type TransportFixture } from '../transport.fixture.js';
import type { Transport } from '../transport.js';
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

  beforeAll(async () => {
    fixture = await make();
    transport = await fixture.open();
    service = fixture.name('projects').replaceAll('.', '-');
    topic = fixture.name('events');
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
        if (payload instanceof Uint8Array) throw new Fault('desk.unknown', { retry: 'never' });
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
    decorate('first', Subscribe(topic, { group: fixture.name('desk.first') }));
    decorate('second', Subscribe(topic, { group: fixture.name('desk.second'), concurrency: 2 }));
    Controller()(Desk);

    await transport.ensureTopics([{ name: topic, partitions: 2, durability: 'durable' }]);
    const module = await Test.createTestingModule({ controllers: [Desk] }).compile();
    app = module.createNestMicroservice({
      strategy: new LogServer({ transport, clock: systemClock, failed: (error) => failures.push(error) }),
      logger: false,
    });
    await app.listen();
    client = new LogClient({ transport, clock: systemClock, ids: countingIds(), clientId: fixture.name('gateway').replaceAll('.', '-') });
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

  it('brings each record to every subscribed handler, repeats it after a fault, and buries what never works', async () => {
    const { key, headers, value } = toCloudEvent(opened);
    await firstValueFrom(client.emit(topic, { key, headers, value }), { defaultValue: undefined });
    await changed.until(() => events.length === 2);
    expect(events.map(({ by }) => by).sort()).toEqual(['first', 'second']);
    for (const { payload } of events) expect(payload).toMatchObject({ type: 'CustomerCreated', version: 3, data: { name: 'x' } });
    await transport.send(topic, [text('k', 'bytes'), { ...text('k', '{"a":1}'), headers: { 'content-type': 'application/json' } }]);
    await changed.until(() => events.length === 5);
    expect(
      events
        .filter(({ by }) => by === 'second')
        .map(({ payload }) => payload)
        .at(-1),
    ).toEqual({ a: 1 });
    const dead = new Collector();
    const morgue = await transport.subscribe({ topics: [deadLetterTopic(topic)], group: fixture.name('morgue'), handler: dead });
    await dead.until(({ records }) => records.length === 1);
    await morgue.close();
    expect(at(dead.records, 0).headers).toMatchObject({ dead_code: 'desk.unknown', dead_topic: topic });
    expect(dead.texts).toEqual(['bytes']);
  });
};
