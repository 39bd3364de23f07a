import type { RosterEvent } from '@pstream/contracts';
import { rosterStream } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { failing, item, outcomesOf, projectId, Scene } from './operations.fixture.js';

const MAILBOXES = 6;

/** Runs until it ends by itself, as the consumer repeats what may be retried. */
const toItsEnd = async (scene: Scene, operationId: string): Promise<void> => {
  for (;;) {
    try {
      await scene.run(operationId);
      return;
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }
};

describe('an operation', () => {
  it('that is interrupted at any append sends each command once, and its sum holds', async () => {
    const undisturbed = await new Scene().prepare(MAILBOXES);
    const before = undisturbed.faults.appends;
    await undisturbed.whole('verify', { verb: 'start', kind: 'verify' });
    const appends = undisturbed.faults.appends - before;
    for (const when of ['before', 'after'] as const) {
      for (let cut = 2; cut <= appends; cut++) {
        const scene = await new Scene().prepare(MAILBOXES);
        const operationId = await scene.request('verify', { verb: 'start', kind: 'verify' });
        const first = scene.faults.appends;
        scene.faults.fail = (append) => (append - first === cut - 1 ? when : undefined);
        await toItsEnd(scene, operationId);
        await expectOnce(scene, operationId);
      }
    }
  }, 60_000);

  it('that several processes carry out at once, failing at random, sends each command once, and its sum holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('before', 'after', undefined), { maxLength: 40 }),
        fc.integer({ min: 2, max: 3 }),
        async (script, processes) => {
          const scene = await new Scene().prepare(MAILBOXES);
          const operationId = await scene.request('verify', { verb: 'start', kind: 'verify' });
          failing(scene.faults, script);
          await Promise.all(Array.from({ length: processes }, () => toItsEnd(scene, operationId)));
          await expectOnce(scene, operationId);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

const expectOnce = async (scene: Scene, operationId: string): Promise<void> => {
  const events = await scene.operation(operationId);
  expect(outcomesOf(events)).toEqual(Array(MAILBOXES).fill('accepted'));
  expect(events.filter(({ type }) => type === 'OperationFinished')).toMatchObject([{ data: { accepted: MAILBOXES, rejected: 0 } }]);
  for (let n = 0; n < MAILBOXES; n++) expect((await scene.job(n)).map(({ type }) => type)).toEqual(['MailboxJobOpened', 'PassStarted']);
};

describe('Bulk Add', () => {
  /** Few names, so that adds compete for them. */
  const add = fc.uniqueArray(fc.record({ source: fc.nat(5), destination: fc.nat(5) }), { minLength: 1, maxLength: 4 });

  it('never lets two line items have one name, however many adds go on at once, and takes each whole or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(add, { minLength: 2, maxLength: 6 }), async (adds) => {
        const scene = await new Scene().prepare(1);
        const sets = adds.map((rows, number) =>
          rows.map(({ source, destination }, at) => ({
            ...item(1_000 + number * 10 + at),
            source: `u${source}@contoso.com`,
            destination: `P${destination}.pst`,
          })),
        );
        const replies = await Promise.all(sets.map((items, number) => scene.add(String(number), ...items).catch(() => undefined)));
        const events = await scene.read<RosterEvent>(rosterStream(projectId));
        const on = events.flatMap(({ data }) => ('items' in data ? data.items : []));
        expect(new Set(on.map(({ source }) => source)).size).toBe(on.length);
        expect(new Set(on.map(({ destination }) => destination)).size).toBe(on.length);
        for (const [number, items] of sets.entries()) {
          const taken = items.filter(({ mailboxJobId }) => on.some((one) => one.mailboxJobId === mailboxJobId)).length;
          expect([0, items.length]).toContain(taken);
          if (replies[number]?.accepted === true) expect(taken).toBe(items.length);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
