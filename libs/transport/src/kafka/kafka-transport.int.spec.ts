import 'reflect-metadata';
import { jest } from '@jest/globals';
import { deriveId, systemClock } from '@pstream/kernel';
import { freePort, kafkaServer, waitFor, type KafkaServer } from '@pstream/testing';
import { consumeByKeyContract } from '../consume-by-key.contract.js';
import { deadLetterIndexContract } from '../dead-letter-index.contract.js';
import { nestContract } from '../nest/nest.contract.js';
import { dealtKey } from '../placement.js';
import { onlookerContract, transportModelContract } from '../transport-model.contract.js';
import { transportContract } from '../transport.contract.js';
import { at, Collector, text, textOf, type TransportFixture } from '../transport.fixture.js';
import type { Transport } from '../transport.js';
import { kafkaTransport } from './kafka-transport.js';

jest.setTimeout(60_000);

const server = await kafkaServer();

if ('skipped' in server) {
  describe.skip(`Kafka transport (skipped: ${server.skipped})`, () => {
    it('needs a broker', () => undefined);
  });
} else {
  suites(server);
}

function suites(broker: KafkaServer): void {
  let names = 0;
  const run = `${process.pid}-${Math.floor(performance.timeOrigin)}`;
  const fixture = (): Promise<TransportFixture> =>
    Promise.resolve({
      open: () => kafkaTransport({ brokers: broker.brokers, clientId: 'pstream-tests', clock: systemClock, trimEveryMs: 0 }),
      name: (base) => `${base}.${run}.${names++}`,
      dispose: () => Promise.resolve(),
    });
  afterAll(() => broker.close());
  describe('Kafka transport', () => transportContract(fixture));
  describe('Kafka transport, any history', () => {
    transportModelContract(fixture, 3);
    onlookerContract(fixture, 3);
  });
  describe('consumer loop over Kafka', () => consumeByKeyContract(fixture));
  describe('Nest over Kafka', () => nestContract(fixture));
  describe('dead letters over Kafka', () => deadLetterIndexContract(fixture));

  describe('Kafka transport on its broker', () => {
    let storage: TransportFixture;
    let transport: Transport;
    beforeAll(async () => {
      storage = await fixture();
      transport = await storage.open();
    });
    afterAll(() => transport.close());

    it('deletes records once every group of retainFor has committed past them', async () => {
      const topic = storage.name('retained');
      const groups = [storage.name('a'), storage.name('b')];
      await transport.ensureTopics([{ name: topic, partitions: 1, durability: 'durable', retainFor: groups }]);
      await transport.send(
        topic,
        Array.from({ length: 10 }, (_, i) => text('k', String(i))),
      );
      for (const group of groups) {
        const seen = new Collector();
        const subscription = await transport.subscribe({ topics: [topic], group, handler: seen });
        await seen.until(({ records }) => records.length === 10);
        expect(at(seen.assignments, 0).logStart).toBe(0n);
        await at(seen.assignments, 0).commit(5n);
        await at(seen.assignments, 0).commit(6n);
        await subscription.close();
      }
      const start = async (): Promise<bigint> => {
        const late = new Collector();
        const subscription = await transport.subscribe({ topics: [topic], group: storage.name('late'), handler: late });
        await late.until(({ records }) => records.length > 0);
        await subscription.close();
        expect(at(late.records, 0).offset).toBe(at(late.assignments, 0).logStart);
        return at(late.assignments, 0).logStart;
      };
      expect(await waitFor(start, { until: (found) => found >= 5n })).toBeGreaterThanOrEqual(5n);
    });

    it('keeps a busy handler at work through a rebalance that leaves it its partition, and hands it nothing twice', async () => {
      const topic = storage.name('kept');
      const group = storage.name('g');
      await transport.ensureTopics([{ name: topic, partitions: 2, durability: 'durable' }]);
      await transport.send(
        topic,
        Array.from({ length: 40 }, (_, i) => text(`k${i}`, String(i))),
      );
      const release = Promise.withResolvers<void>();
      const aborted: number[] = [];
      const first = new Collector(async ({ partition }, _records, signal) => {
        signal.addEventListener('abort', () => aborted.push(partition));
        await Promise.race([release.promise, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
      });
      const one = await transport.subscribe({ topics: [topic], group, handler: first });
      await first.until(({ batches }) => batches === 2);
      const second = new Collector();
      const two = await transport.subscribe({ topics: [topic], group, handler: second });
      await first.until(({ revocations }) => revocations.length === 1);
      await second.until(({ assignments }) => assignments.length === 1);
      const moved = at(second.assignments, 0).partition;
      const kept = 1 - moved;
      expect(aborted).toEqual([moved]);
      await second.until(({ records }) => records.length > 0);
      release.resolve();
      const handled = (): number =>
        new Set([...first.records.filter(({ partition }) => partition === kept), ...second.records].map(textOf)).size;
      await waitFor(handled, { until: (count) => count === 40 });
      expect(first.assignments).toHaveLength(2);
      const own = first.records.filter(({ partition }) => partition === kept).map(textOf);
      expect(new Set(own).size).toBe(own.length);
      await Promise.all([one.close(), two.close()]);
    });

    it('gives each partition as many dealt keys as the others', async () => {
      const topic = storage.name('dealt');
      await transport.ensureTopics([{ name: topic, partitions: 24, durability: 'durable' }]);
      const keys = Array.from({ length: 48 }, (_, nth) => dealtKey(deriveId('mailbox', nth), nth));
      await transport.send(
        topic,
        keys.map((key) => text(key, key)),
      );
      const seen = new Collector();
      const subscription = await transport.subscribe({ topics: [topic], group: storage.name('g'), handler: seen });
      await seen.until(({ records }) => records.length === keys.length);
      await subscription.close();
      const counts = Array.from({ length: 24 }, (_, n) => seen.records.filter(({ partition }) => partition === n).length);
      expect(new Set(counts)).toEqual(new Set([2]));
    });

    it('serves members of one group that read different topics', async () => {
      const topics = [storage.name('left'), storage.name('right')];
      const group = storage.name('g');
      await transport.ensureTopics(topics.map((name) => ({ name, partitions: 2, durability: 'durable' })));
      for (const topic of topics) await transport.send(topic, [text('a', topic), text('b', topic), text('c', topic)]);
      const seen = topics.map(() => new Collector());
      const subscriptions = await Promise.all(topics.map((topic, i) => transport.subscribe({ topics: [topic], group, handler: seen[i]! })));
      for (const [i, collector] of seen.entries()) {
        await collector.until(({ records }) => records.length >= 3);
        expect(new Set(collector.records.map(textOf))).toEqual(new Set([topics[i]]));
      }
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    });

    it('says that no broker can be reached', async () => {
      const port = await freePort();
      await expect(kafkaTransport({ brokers: [`127.0.0.1:${port}`], clientId: 'lost', clock: systemClock })).rejects.toMatchObject({
        code: 'transport.unavailable',
        retry: { afterMs: 1000 },
      });
    });
  });
}
