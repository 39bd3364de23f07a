import { licencePoolStream, listsMailbox, type LicensingEvent, type MailboxJobEvent, type PassKind } from '@pstream/contracts';
import { keptInMemory, memoryEventStore } from '@pstream/event-store';
import { deriveId } from '@pstream/kernel';
import fc from 'fast-check';
import { applyBundles, cancelOrder, coverage, placeOrder, refundOrder } from '../../apps/licensing/src/commands/handlers.js';
import { poolOf } from '../../apps/licensing/src/commands/pool.js';
import { decide } from '../../apps/licensing/src/domain/licence-pool/decide.js';
import type { LicensingPorts } from '../../apps/licensing/src/commands/ports.js';
import { requestOperation } from '../../apps/projects/src/commands/operations.js';
import { resumePass, stopPass } from '../../apps/projects/src/commands/passes.js';
import { keepStates, type ProjectsPorts } from '../../apps/projects/src/commands/ports.js';
import {
  customerId,
  failing,
  inTurns,
  item,
  projectId,
  repeated,
  Scene,
  unreliable,
} from '../../apps/projects/src/operations/operations.fixture.js';
import { runOperation } from '../../apps/projects/src/operations/run-operation.js';

// Two services with a log between them: licensing says who is covered, projects starts passes. Each step of each command may come at any time, fail before
// it is on record or after, and be repeated by a process that remembers nothing.

const workgroupId = 'default';
const NOW = '2026-03-01T00:00:00.000Z';
/** So long ago that what was bought then has ended by now. */
const LONG_AGO = '2025-02-01T00:00:00.000Z';
const MAILBOXES = 3;
const ORDERS = 2;

const nth = fc.nat({ max: MAILBOXES - 1 });
const order = fc.nat({ max: ORDERS - 1 });
const when = fc.constantFrom(NOW, NOW, LONG_AGO);
const work = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('order' as const), order, quantity: fc.integer({ min: 1, max: 2 }), at: when }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('pay' as const, 'cancel' as const, 'refund' as const), order, at: when }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('apply' as const), users: fc.uniqueArray(nth, { minLength: 1, maxLength: 2 }), at: when }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      kind: fc.constantFrom<PassKind>('full', 'full', 'full', 'pre-stage', 'trial'),
      nth: fc.oneof(nth, fc.constant('all' as const)),
      later: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'resume' as const), nth }) },
);
type Work = typeof work extends fc.Arbitrary<infer T> ? T : never;

/** A year from now: a bundle that is valid today has ended by then. */
const NEXT_YEAR = '2027-02-28T00:00:00.000Z';

const carryOut = (licensing: LicensingPorts, projects: ProjectsPorts, title: string, one: Work): Promise<unknown> => {
  const meta = { commandId: deriveId('command', title), by: 'token', at: 'at' in one ? one.at : NOW };
  const of = { workgroupId, orderId: deriveId('order', 'order' in one ? one.order : 0) };
  switch (one.do) {
    case 'order':
      return repeated(() => placeOrder(licensing, meta, { ...of, quantity: one.quantity, payment: 'card' }));
    case 'pay':
      // What the payment process records when the provider says that the money has come.
      return repeated(() =>
        poolOf(licensing, workgroupId).decide(
          (pool) => decide({ type: 'ReceivePayment', ...of, reference: 'paid', paid: null, at: meta.at }, pool),
          meta,
        ),
      );
    case 'cancel':
      return repeated(() => cancelOrder(licensing, meta, of));
    case 'refund':
      return repeated(() => refundOrder(licensing, meta, of));
    case 'apply':
      return repeated(() => applyBundles(licensing, meta, { workgroupId, customerId, users: one.users.map((n) => item(n).source) }));
    case 'stop':
      return repeated(() => stopPass(projects, meta, item(one.nth).mailboxJobId));
    case 'resume':
      return repeated(() => resumePass(projects, meta, item(one.nth).mailboxJobId));
    case 'start': {
      const operationId = deriveId('operation', title);
      const range = one.kind === 'pre-stage' ? { olderThanDays: 90 as const } : {};
      const startAt = one.later ? { startAt: NEXT_YEAR } : {};
      const verb = { verb: 'start' as const, kind: one.kind, ...range, ...startAt };
      const selection = one.nth === 'all' ? { by: 'all' as const } : { by: 'list' as const, entries: [item(one.nth).mailboxJobId] };
      const request = { workgroupId, customerId, operationId, projectId, work: verb, selection };
      return repeated(async () => {
        await requestOperation(projects, meta, request);
        await runOperation(projects, operationId, new AbortController().signal);
      });
    }
  }
};

const failures = fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 12 });

describe('passes that need a bundle', () => {
  it('never start without one that is valid and was paid for, whatever is ordered, applied, started and fails at the same time', async () => {
    let started = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(work, { minLength: 2, maxLength: 7 }), { minLength: 2, maxLength: 4 }),
        fc.constantFrom('nothing' as const, 'licences' as const, 'an expired bundle' as const),
        fc.scheduler(),
        failures,
        failures,
        async (people, then, scheduler, ofLicensing, ofProjects) => {
          const scene = await new Scene().prepare(MAILBOXES);
          const licences = unreliable(memoryEventStore());
          failing(licences, ofLicensing);
          failing(scene.faults, ofProjects);
          const inTurn = (): Promise<void> => scheduler.schedule(Promise.resolve());
          const pool = (): Promise<readonly { readonly type: string; readonly data: unknown }[]> =>
            licences.store.read(licencePoolStream(workgroupId));
          const wrong: string[] = [];
          /** What has been appended is judged by what licensing has on record at that very moment. */
          const judged = async (events: readonly { readonly type: string }[]): Promise<void> => {
            for (const event of events as readonly MailboxJobEvent[]) {
              if (event.type !== 'PassStarted') continue;
              const { kind, settings, startAt, at } = event.data;
              if (!listsMailbox(kind) || kind === 'trial') continue;
              started++;
              const applied = ((await pool()) as readonly LicensingEvent[]).some(
                ({ type, data }) => type === 'BundlesApplied' && data.users.includes(settings.source) && data.expiresAt > (startAt ?? at),
              );
              if (!applied) wrong.push(`${kind} of ${settings.source}`);
            }
          };
          const licensing = (): LicensingPorts => ({
            store: inTurns(licences.store, inTurn),
            kept: keptInMemory(1),
            terms: { enforced: true, price: null, cards: 'trial' },
            advance: undefined,
            lookSoon: () => undefined,
            addressOf: undefined,
          });
          const projects = (): ProjectsPorts => ({
            ...scene.ports,
            store: inTurns(scene.ports.store, inTurn, (events, isAppended) => (isAppended ? judged(events) : Promise.resolve())),
            kept: keepStates(),
            coverage: async (query) => {
              await inTurn();
              const answer = await coverage(licensing(), query);
              await inTurn();
              return answer;
            },
          });
          const bought = then === 'an expired bundle' ? LONG_AGO : NOW;
          const before: readonly Work[] = [
            { do: 'order', order: 0, quantity: 2, at: bought },
            { do: 'pay', order: 0, at: bought },
            { do: 'apply', users: then === 'licences' ? [] : [0, 1], at: bought },
          ];
          const buying = (async () => {
            for (const [n, one] of then === 'nothing' ? [] : before.entries())
              await carryOut(licensing(), projects(), `bought ${String(n)}`, one);
          })();
          await scheduler.waitFor(buying);
          // Each does one thing after another, beside the others.
          const doing = people.map(async (works, person) => {
            for (const [n, one] of works.entries()) await carryOut(licensing(), projects(), `${String(person)}/${String(n)}`, one);
          });
          await scheduler.waitFor(Promise.all(doing));
          expect(wrong).toEqual([]);

          // No bundle came out of an order that was not paid, or out of more licences than it had.
          const events = (await pool()) as readonly LicensingEvent[];
          const released = new Map(
            events.flatMap(({ type, data }) => (type === 'LicencesReleased' ? [[data.orderId, data.quantity] as const] : [])),
          );
          const used = new Map<string, number>();
          const returned = new Set<string>();
          for (const { type, data } of events) {
            if (type === 'RefundRequested' || type === 'OrderRefunded') returned.add(data.orderId);
            if (type !== 'BundlesApplied') continue;
            expect(returned.has(data.orderId)).toBe(false);
            used.set(data.orderId, (used.get(data.orderId) ?? 0) + data.users.length);
          }
          for (const [orderId, taken] of used) expect(taken).toBeLessThanOrEqual(released.get(orderId) ?? 0);
        },
      ),
      { numRuns: 300 },
    );
    // Otherwise the property has seen nothing.
    expect(started).toBeGreaterThan(0);
  }, 120_000);
});
