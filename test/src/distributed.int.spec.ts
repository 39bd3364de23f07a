import { jest } from '@jest/globals';
import { azureBlobStore } from '@pstream/blob';
import { systemClock } from '@pstream/kernel';
import { bufferSource } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { kafkaTransport } from '@pstream/transport';
import { pstDigests, sourceDigests } from './distributed/items.fixture.js';
import { Operator } from './distributed/operator.fixture.js';
import { closeSurroundings, findSurroundings, Services, type Surroundings } from './distributed/services.fixture.js';
import { eventually } from './support/eventually.js';
import { poison, POISON_RECORDS, POISONED } from './support/poison.js';

jest.setTimeout(170_000);

const ITEMS = 240;
const USER = 'user1@fabrikam.test';

const found = await findSurroundings();

if ('skipped' in found) {
  describe.skip(`services as processes (skipped: ${found.skipped})`, () => {
    it('needs Kafka, MongoDB and Azurite', () => undefined);
  });
} else {
  suite(found);
}

function suite(surroundings: Surroundings): void {
  const { azurite } = surroundings;
  const container = `export-${process.pid}`;
  const source = generatedTenant({ seed: 11, mailboxes: 1, itemsPerMailbox: ITEMS, sizeProfile: 'small' });
  let tenant: RunningTenant;
  let services: Services;

  beforeAll(async () => {
    // Every export call takes a moment, so that there is a middle to crash in.
    tenant = await startTenant({ tenant: source, faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 150 }] } });
    services = new Services(surroundings);
    await services.startAll();
    // Records that nobody understands, on every partition before those of the test.
    const broker = await kafkaTransport({ brokers: surroundings.kafka.brokers, clientId: 'poison', clock: systemClock });
    await poison(broker);
    await broker.close();
  });
  afterAll(async () => {
    await services.stopAll();
    await tenant.close();
    await closeSurroundings(surroundings);
  });

  describe('services as processes', () => {
    it('export each item once, though an extractor and a builder are killed in the middle of it', async () => {
      try {
        const operator = new Operator(services.door);
        const { account, endpoint, key } = azurite;
        const destination = { kind: 'azure-blob', account, endpoint, region: 'westeurope', credential: { kind: 'key', value: key } };
        const { projectId, mailboxJobIds } = await operator.prepare(tenant, destination, container, [USER]);
        const mailboxJobId = mailboxJobIds[0]!;
        await operator.start(projectId, 'verify');
        const checked = await operator.until(mailboxJobId, 'the verification', (view) => typeof view.pass?.endedAt === 'string');
        expect(checked.cause).toBeNull();
        await operator.start(projectId, 'full');
        const middle = await operator.until(mailboxJobId, 'a third of the items', (view) => view.extracted.items >= ITEMS / 3);
        expect(middle.extracted.items).toBeLessThan(ITEMS);
        await Promise.all([services.kill('extractor'), services.kill('pst-builder')]);
        await Promise.all([services.start('extractor'), services.start('pst-builder')]);
        const done = await operator.until(
          mailboxJobId,
          'the end of the pass',
          (view) => view.pass?.kind === 'full' && view.pass.endedAt !== null,
        );

        const expected = await sourceDigests(source.users[0]!.primary!);
        expect(done).toMatchObject({
          status: 'Completed',
          cause: null,
          totals: { discovered: expected.length, exported: expected.length, skipped: 0, failed: 0 },
        });
        const parts = await operator.parts(mailboxJobId);
        expect(parts).toEqual([expect.objectContaining({ name: 'user1.pst', state: 'verified', items: expected.length })]);
        const bytes = await azureBlobStore({
          account: azurite.account,
          endpoint: azurite.endpoint,
          container,
          credential: { key: azurite.key },
        }).get('user1.pst');
        const report = await verifyPst(bufferSource(bytes));
        expect(report).toMatchObject({ ok: true, items: expected.length, sha256: parts[0]?.sha256 });
        expect(await pstDigests(bytes)).toEqual(expected);
        // Nobody has ended by the poison; all of it is kept, by each group that has read it.
        for (const topic of POISONED) {
          const { total } = await operator.get<{ total: number }>(`/admin/dead-letters?topic=${topic}&limit=1`);
          expect([topic, Math.min(total, POISON_RECORDS)]).toEqual([topic, POISON_RECORDS]);
        }
        // Right after the end the builder removes what holds mail.
        const work = azureBlobStore({ account, endpoint, container: 'pstream-work', credential: { key } });
        await eventually(
          async () => {
            const names: string[] = [];
            for await (const name of work.list('')) names.push(name);
            return names;
          },
          (names) => names.length > 0 && names.every((name) => /^(manifests|lists|keys)\//.test(name)),
        );
      } catch (error) {
        process.stderr.write(`${services.output()}\n`);
        throw error;
      }
    });

    it('come to rest and end well when they are asked to', async () => {
      const codes = await services.stopAll();
      expect(new Set(Object.values(codes))).toEqual(new Set([0]));
    });
  });
}
