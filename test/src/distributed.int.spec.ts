import { jest } from '@jest/globals';
import { azureBlobStore } from '@pstream/blob';
import { auditHash, ChainCheck, readAuditLine } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import { bufferSource } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';
import { generatedTenant, startTenant, type FaultRule, type RunningTenant } from '@pstream/tenant-sim';
import { kafkaTransport } from '@pstream/transport/kafka';
import { pstDigests, sourceDigests } from './distributed/items.fixture.js';
import { Operator } from './distributed/operator.fixture.js';
import { Receiver } from './distributed/receiver.fixture.js';
import { closeSurroundings, findSurroundings, Services, type Surroundings } from './distributed/services.fixture.js';
import { eventually } from './support/eventually.js';
import { poison, POISON_RECORDS, POISONED } from './support/poison.js';

jest.setTimeout(170_000);

const ITEMS = 240;
const USER = 'user1@fabrikam.test';

/** Mailboxes side by side: three in which a folder goes wrong, twelve healthy ones, and two whose storage refuses the key. */
const HEALTHY = 12;
const EACH = 20;
const many = generatedTenant({ seed: 71, mailboxes: 1 + 3 + HEALTHY + 2, itemsPerMailbox: EACH, sizeProfile: 'tiny' });
// The first is that of the test before.
const [REFUSED = '', FULL = '', ENDLESS = '', ...HEALTHY_AND_LOST] = many.users.slice(1).map(({ userPrincipalName }) => userPrincipalName);
const largestFolder = (user: string): { readonly id: string; readonly count: number } =>
  (many.users.find(({ userPrincipalName }) => userPrincipalName === user)?.primary?.folders() ?? [])
    .filter(({ searchOf, recoverable }) => searchOf === undefined && recoverable !== true)
    .toSorted((a, b) => b.count - a.count)[0]!;
const TROUBLE: readonly FaultRule[] = [
  { on: 'itemsDelta', mailbox: REFUSED, folder: largestFolder(REFUSED).id, effect: 'error', status: 403, code: 'ErrorAccessDenied' },
  ...(['itemsDelta', 'foldersDelta'] as const).map(
    (on): FaultRule => ({ on, mailbox: FULL, effect: 'error', status: 403, code: 'ErrorQuotaExceeded' }),
  ),
  { on: 'itemsDelta', mailbox: ENDLESS, folder: largestFolder(ENDLESS).id, effect: 'empty-page' },
];

type Notices = { readonly items: readonly { readonly noticeId: string; readonly state: string; readonly attempts: number }[] };

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
  let receiver: Receiver;

  beforeAll(async () => {
    // Every export call takes a moment, so that there is a middle to crash in.
    tenant = await startTenant({ tenant: source, faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 150 }] } });
    receiver = await Receiver.start();
    services = new Services(surroundings, { PSTREAM_NOTICE_PRIVATE_HOSTS: '127.0.0.1' });
    await services.startAll();
    // Records that nobody understands, on every partition before those of the test.
    const broker = await kafkaTransport({ brokers: surroundings.kafka.brokers, clientId: 'poison', clock: systemClock });
    await poison(broker);
    await broker.close();
  });
  afterAll(async () => {
    await services.stopAll();
    await tenant.close();
    await receiver.close();
    await closeSurroundings(surroundings);
  });

  /** Kills the notifier while a receiver has a notice and has not answered: the attempt is on record, and its end is not. */
  const interruptNotice = async (operator: Operator): Promise<void> => {
    const { id } = await operator.post<{ id: string }>('/notices/subscriptions', {
      name: 'Operations',
      kinds: ['pass.completed', 'pass.failed'],
      channel: { kind: 'webhook', url: receiver.url },
    });
    receiver.isHolding = true;
    // Nobody answers it: who is to is killed.
    void operator.post(`/notices/subscriptions/${id}/test`, {}).catch(() => undefined);
    await eventually(
      () => Promise.resolve(receiver.held.length),
      (held) => held > 0,
    );
    await services.kill('notifier');
    receiver.isHolding = false;
    await services.start('notifier');
  };

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
        await interruptNotice(operator);
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

    it('notify of a pass once, and again of what the notifier was killed in the middle of, under the same id', async () => {
      try {
        const told = (): string[] => receiver.posted.map(({ id }) => id);
        const [interrupted = ''] = receiver.held;
        await eventually(
          () => Promise.resolve(receiver.posted.flatMap(({ entries }) => entries)),
          (entries) => entries.some(({ kind }) => kind === 'test') && entries.some(({ kind }) => kind === 'pass.completed'),
          150_000,
        );
        expect(told().filter((id) => id === interrupted)).toHaveLength(1);
        expect(new Set(told()).size).toBe(told().length);
        const passes = receiver.posted.flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'pass.completed'));
        expect(passes).toEqual([expect.objectContaining({ passKind: 'full' })]);
        const operator = new Operator(services.door);
        await eventually(
          async () => (await operator.get<Notices>('/notices')).items.find(({ noticeId }) => noticeId === interrupted),
          (notice) => notice?.state === 'sent' && notice.attempts === 2,
        );
      } catch (error) {
        process.stderr.write(`${services.output()}\n`);
        throw error;
      }
    });

    it('keep to one mailbox what goes wrong in it', async () => {
      const sim = await startTenant({ tenant: many, faults: { rules: TROUBLE } });
      try {
        const operator = new Operator(services.door);
        const { account, endpoint, key } = azurite;
        const storage = (value: string) => ({
          kind: 'azure-blob',
          account,
          endpoint,
          region: 'westeurope',
          credential: { kind: 'key', value },
        });
        const users = [REFUSED, FULL, ENDLESS, ...HEALTHY_AND_LOST.slice(0, HEALTHY)];
        const lost = await operator.prepare(
          sim,
          storage(Buffer.alloc(64, 5).toString('base64')),
          container,
          HEALTHY_AND_LOST.slice(HEALTHY),
          'Lost storage',
        );
        const others = await operator.prepare(sim, storage(key), container, users, 'Fabrikam again');
        await operator.start(lost.projectId, 'full');
        await operator.start(others.projectId, 'full');
        const ended = new Map<string, { readonly status: string; readonly exported: number | undefined; readonly notListed: number }>();
        for (const id of others.mailboxJobIds) {
          const view = await operator.until(id, `the end of ${id}`, ({ pass }) => typeof pass?.endedAt === 'string');
          ended.set(view.source, { status: view.status, exported: view.totals?.exported, notListed: view.foldersNotListed ?? 0 });
        }
        const whole = { status: 'Completed', exported: EACH, notListed: 0 };
        const rest = EACH - largestFolder(REFUSED).count;
        expect(Object.fromEntries(ended)).toEqual(
          Object.fromEntries(
            users.map((user) => [user, user === REFUSED ? { status: 'Completed with errors', exported: rest, notListed: 1 } : whole]),
          ),
        );
        for (const id of lost.mailboxJobIds) {
          const view = await operator.until(id, `the failure of ${id}`, ({ status }) => status === 'Failed');
          expect(view.cause?.code).toMatch(/^destination\./);
        }
      } catch (error) {
        process.stderr.write(`${services.output()}\n`);
        throw error;
      } finally {
        await sim.close();
      }
    });

    it('have everything that was changed on record, also after the service that keeps it was killed', async () => {
      await services.kill('people');
      await services.start('people');
      const operator = new Operator(services.door);
      const { id } = await operator.post<{ id: string }>('/customers', { name: 'After the crash' });
      const check = new ChainCheck();
      const lines = (await operator.download('/audit.jsonl')).trim().split('\n');
      for (const line of lines) {
        const stored = readAuditLine(line) ?? { record: '', sha256: '' };
        check.add(stored, auditHash(stored.record));
      }
      expect(check.report()).toEqual({ records: lines.length, head: expect.stringMatching(/^\d+:[0-9a-f]{64}$/), breaks: [] });
      const text = lines.join('\n');
      for (const action of ['createCustomer', 'addEndpoint', 'startPasses', 'addSubscription', 'testSubscription'])
        expect([action, text.includes(`"action":"${action}"`)]).toEqual([action, true]);
      expect(text).toContain(`"madeId":"${id}"`);
    });

    it('stop and end well when they are asked to', async () => {
      const codes = await services.stopAll();
      expect(new Set(Object.values(codes))).toEqual(new Set([0]));
    });
  });
}
