import { jest } from '@jest/globals';
import type { MailboxView } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { waitFor, type KafkaProxy } from '@pstream/testing';
import { Operator } from './distributed/operator.fixture.js';
import { closeSurroundings, findSurroundings, Services, type Surroundings } from './distributed/services.fixture.js';

jest.setTimeout(300_000);

const ITEMS = 400;
const MAILBOXES = 4;
const TAKEN_OVER_MS = 15_000;
const OUTAGE_MS = 10_000;
const RECOVERED_MS = 30_000;

const found = await findSurroundings();
const skipped = 'skipped' in found ? found.skipped : 'the broker has no listener behind a proxy';

if ('skipped' in found || found.kafka.proxy === undefined) {
  describe.skip(`a worker that dies (skipped: ${skipped})`, () => {
    it('needs Kafka, MongoDB and Azurite', () => undefined);
  });
} else {
  suite(found, found.kafka.proxy);
}

function suite(surroundings: Surroundings, proxy: KafkaProxy): void {
  const { azurite } = surroundings;
  const users = Array.from({ length: MAILBOXES }, (_, n) => `user${n + 1}@fabrikam.test`);
  let tenant: RunningTenant;
  let services: Services;

  beforeAll(async () => {
    tenant = await startTenant({
      tenant: generatedTenant({ seed: 12, mailboxes: MAILBOXES, itemsPerMailbox: ITEMS, sizeProfile: 'tiny' }),
      // Each mailbox takes half a minute, so that there is a middle to die in.
      faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 1_500 }] },
    });
    services = new Services(surroundings, { PSTREAM_KAFKA_BROKERS: proxy.brokers.join(',') });
    await services.startAll();
    await Promise.all([services.start('extractor/2'), services.start('pst-builder/2')]);
  });
  afterAll(async () => {
    await services.stopAll();
    await tenant.close();
    await closeSurroundings(surroundings);
  });

  describe('an export on two extractors and two builders', () => {
    it('goes on within 15 seconds when one of each dies, and within 30 after an outage of 10, and is whole', async () => {
      try {
        const operator = new Operator(services.door);
        const { account, endpoint, key } = azurite;
        const destination = { kind: 'azure-blob', account, endpoint, region: 'westeurope', credential: { kind: 'key', value: key } };
        const { projectId, mailboxJobIds } = await operator.prepare(tenant, destination, `dead-${process.pid}`, users);
        const look = (): Promise<readonly MailboxView[]> =>
          Promise.all(mailboxJobIds.map((id) => operator.get<MailboxView>(`/mailboxes/${id}`)));
        const read = async (): Promise<readonly number[]> => (await look()).map(({ extracted }) => extracted.items);
        /** Every mailbox gets further than it is now, within the time. */
        const allGoOn = async (withinMs: number, what: string): Promise<number> => {
          const from = performance.now();
          const before = await read();
          await waitFor(read, {
            what,
            stallMs: withinMs,
            progress: () => what,
            until: (now) => now.every((items, n) => items > before[n]!),
          });
          return Math.round(performance.now() - from);
        };

        await operator.start(projectId, 'full');
        await waitFor(read, { what: 'some items of each', stallMs: 60_000, until: (now) => now.every((items) => items > 0) });
        await Promise.all([services.kill('extractor/2'), services.kill('pst-builder/2')]);
        // What the dead have left is shown first.
        await systemClock.sleep(1_000);
        const takenOver = await allGoOn(TAKEN_OVER_MS - 1_000, 'the mailboxes of the dead workers');

        proxy.cut();
        await systemClock.sleep(OUTAGE_MS);
        proxy.restore();
        const recovered = await allGoOn(RECOVERED_MS, 'all mailboxes after the outage');
        process.stderr.write(`taken over after ${takenOver + 1_000} ms, recovered after ${recovered} ms\n`);

        const done = await waitFor(look, {
          what: 'the end of all passes',
          stallMs: 60_000,
          until: (now) => now.every(({ pass }) => typeof pass?.endedAt === 'string'),
        });
        const whole = { status: 'Completed', totals: { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 } };
        expect(done).toEqual(mailboxJobIds.map(() => expect.objectContaining(whole)));
        const logged = services.logged('extractor');
        expect(logged).toContain('transport.rebalanced');
        expect(logged.filter((event) => event === 'transport.outage')).toHaveLength(1);
        expect(logged.filter((event) => event === 'transport.recovered')).toHaveLength(1);
      } catch (error) {
        process.stderr.write(`${services.output()}\n`);
        throw error;
      }
    });
  });
}
