import 'reflect-metadata';
import { jest } from '@jest/globals';
import { systemClock } from '@pstream/kernel';
import { kafkaServer, type KafkaServer } from '@pstream/testing';
import { consumeByKeyContract } from '../consume-by-key.contract.js';
import { nestContract } from '../nest/nest.contract.js';
import { transportContract } from '../transport.contract.js';
import type { TransportFixture } from '../transport.fixture.js';
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
  describe('consumer loop over Kafka', () => consumeByKeyContract(fixture));
  describe('Nest over Kafka', () => nestContract(fixture));
}
