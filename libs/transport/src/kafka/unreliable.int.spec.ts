import { jest } from '@jest/globals';
import { isFault, systemClock, retryDelayMs, type Facts } from '@pstream/kernel';
import { kafkaServer, waitFor, type KafkaProxy, type KafkaServer } from '@pstream/testing';
import { at, Collector, text } from '../transport.fixture.js';
import type { Transport } from '../transport.js';
import { kafkaTransport } from './kafka-transport.js';

jest.setTimeout(120_000);

const TAKEN_OVER_MS = 15_000;
const OUTAGE_MS = 10_000;
const RECOVERED_MS = 30_000;

const server = await kafkaServer();
const skipped = 'skipped' in server ? server.skipped : server.proxy === undefined ? 'the broker has no listener behind a proxy' : undefined;

if ('skipped' in server || server.proxy === undefined) {
  describe.skip(`Kafka over an unreliable network (skipped: ${skipped})`, () => {
    it('needs a broker behind a proxy', () => undefined);
  });
} else {
  suite(server, server.proxy);
}

function suite(broker: KafkaServer, proxy: KafkaProxy): void {
  let names = 0;
  const name = (base: string): string => `${base}.${process.pid}.${names++}`;
  const lines: { readonly event: string; readonly facts: Facts }[] = [];
  const open = (brokers: readonly string[]): Promise<Transport> =>
    kafkaTransport({
      brokers,
      clientId: 'pstream-tests',
      clock: systemClock,
      notice: (_level, event, facts) => lines.push({ event, facts }),
    });
  const linesOf = (event: string): readonly Facts[] => lines.filter((line) => line.event === event).map(({ facts }) => facts);
  let transport: Transport;
  let direct: Transport;
  beforeAll(async () => {
    [transport, direct] = await Promise.all([open(proxy.brokers), open(broker.brokers)]);
  });
  afterEach(() => {
    proxy.restore();
    lines.length = 0;
  });
  afterAll(async () => {
    await Promise.all([transport.close(), direct.close()]);
    await broker.close();
  });

  const everything = async (topic: string, until: (collector: Collector) => boolean): Promise<readonly string[]> => {
    const seen = new Collector();
    const subscription = await direct.subscribe({ topics: [topic], group: name('reader'), handler: seen });
    await seen.until(until);
    await subscription.close();
    return seen.texts;
  };

  describe('Kafka over an unreliable network', () => {
    it('loses no acknowledged record after sends whose replies were lost', async () => {
      const topic = name('lost-replies');
      await direct.ensureTopics([{ name: topic, partitions: 2, durability: 'durable' }]);
      const acknowledged: string[] = [];
      let failed = 0;
      for (const lost of [0, 6, 2, 6, 6, 0, 1]) {
        proxy.loseReplies(lost);
        const batch = ['a', 'b', 'c'].map((key) => `${key}${acknowledged.length + failed}`);
        try {
          await transport.send(
            topic,
            batch.map((value) => text(value.slice(0, 1), value)),
          );
          acknowledged.push(...batch);
        } catch (error) {
          if (!isFault(error)) throw error;
          expect(error).toMatchObject({ code: 'transport.unavailable' });
          failed += batch.length;
        }
        proxy.loseReplies(0);
      }
      expect(failed).toBeGreaterThan(0);
      expect(proxy.lost).toBeGreaterThanOrEqual(18);
      await direct.send(topic, [text('a', 'end'), text('b', 'end'), text('c', 'end')]);
      const texts = await everything(topic, (seen) => seen.texts.filter((found) => found === 'end').length === 3);
      expect(acknowledged.filter((sent) => !texts.includes(sent))).toEqual([]);
      for (const key of ['a', 'b', 'c']) {
        const firsts = [...new Set(texts.filter((found) => found.startsWith(key) && acknowledged.includes(found)))];
        expect(firsts).toEqual(acknowledged.filter((sent) => sent.startsWith(key)));
      }
    });

    it('gives the partitions of a member that fell silent to another one within 15 seconds', async () => {
      const topic = name('silent');
      const group = name('g');
      await direct.ensureTopics([{ name: topic, partitions: 4, durability: 'durable' }]);
      const [dead, living] = [new Collector(), new Collector()];
      const one = await transport.subscribe({ topics: [topic], group, handler: dead });
      const two = await direct.subscribe({ topics: [topic], group, handler: living });
      await waitFor(() => living.assignments.length === 2 && dead.revocations.length === 2, { stallMs: TAKEN_OVER_MS });
      const mine = dead.assignments.filter((partition) => !dead.revocations.includes(partition));
      proxy.silence();
      await waitFor(() => living.assignments.length === 4, { stallMs: TAKEN_OVER_MS, progress: () => living.assignments.length });
      expect(linesOf('transport.rebalanced').at(-1)).toEqual({ group, partitions: 4, gained: 2, lost: 0 });
      proxy.restore();
      // It hears that it is a member no more, and begins as another one.
      await waitFor(() => mine.every((partition) => dead.revocations.includes(partition)), { stallMs: RECOVERED_MS });
      await expect(at(mine, 0).commit(1n)).rejects.toMatchObject({ code: 'transport.not-owner' });
      await waitFor(() => living.revocations.length === 2 && dead.assignments.length - dead.revocations.length === 2, {
        stallMs: RECOVERED_MS,
      });
      const values = Array.from({ length: 20 }, (_, i) => `v${i}`);
      await direct.send(
        topic,
        values.map((value) => text(value, value)),
      );
      await waitFor(() => new Set([...dead.texts, ...living.texts]).size === values.length, { stallMs: RECOVERED_MS });
      expect([...dead.texts, ...living.texts].sort()).toEqual([...values].sort());
      expect(dead.texts.length).toBeGreaterThan(0);
      await Promise.all([one.close(), two.close()]);
    });

    it.each(['cut', 'silence'] as const)('goes on within half a minute after an outage of ten seconds (%s)', async (kind) => {
      const topic = name('outage');
      await direct.ensureTopics([{ name: topic, partitions: 2, durability: 'durable' }]);
      const seen = new Collector((partition, records) => partition.commit(at(records, -1).offset + 1n));
      const subscription = await transport.subscribe({ topics: [topic], group: name('g'), handler: seen });
      await transport.send(topic, [text('a', 'before')]);
      await seen.until(({ texts }) => texts.includes('before'));
      lines.length = 0;
      proxy[kind]();
      const sent = (async (): Promise<void> => {
        for (;;) {
          try {
            return await transport.send(topic, [text('a', 'during')]);
          } catch (error) {
            if (!isFault(error) || error.code !== 'transport.unavailable') throw error;
            await systemClock.sleep(retryDelayMs(error.retry) ?? 0);
          }
        }
      })();
      await systemClock.sleep(OUTAGE_MS);
      proxy.restore();
      await waitFor(() => seen.texts.includes('during'), { stallMs: RECOVERED_MS });
      await sent;
      await transport.send(topic, [text('b', 'after')]);
      await waitFor(() => seen.texts.includes('after'), { stallMs: RECOVERED_MS });
      await waitFor(() => linesOf('transport.recovered').length > 0, { stallMs: RECOVERED_MS });
      expect([linesOf('transport.outage').length, linesOf('transport.recovered').length]).toEqual([1, 1]);
      expect(linesOf('transport.recovered')[0]?.['outageMs']).toBeGreaterThan(0);
      await subscription.close();
      expect(seen.errors).toEqual([]);
    });
  });
}
