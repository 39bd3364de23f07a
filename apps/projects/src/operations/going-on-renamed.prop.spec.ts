import { deriveId } from '@pstream/kernel';
import { placeName, placeStream, rosterStream, samePartName, type OperationEvent } from '@pstream/contracts';
import fc from 'fast-check';
import { editMailbox } from '../commands/mailboxes.js';
import { keepStates } from '../commands/ports.js';
import { evolve as evolvePlace, newPlace } from '../domain/place/decide.js';
import { emptyRoster, evolve } from '../domain/roster/state.js';
import { failing, inTurns, item, projectId, repeated, Scene } from './operations.fixture.js';
import { runOperation } from './run-operation.js';

const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string) => ({ commandId: deriveId('command', name), by: 'token', at });

/** A mailbox whose pass has exported a part, and met a file of somebody else under the name of the next one. */
const meetForeign = async (scene: Scene, n: number): Promise<void> => {
  await scene.whole(`start ${String(n)}`, { verb: 'start', kind: 'full' }, { by: 'list', entries: [item(n).mailboxJobId] });
  const started = (await scene.job(n)).findLast((event) => event.type === 'PassStarted');
  if (started?.type !== 'PassStarted') throw new Error('nothing was started');
  const { settings, number: _number, kind, at: _at, startAt: _startAt, ...refs } = started.data;
  const name = settings.destinationName.replace('.pst', '.002.pst');
  await scene.append(n, { type: 'PassBegun', data: { ...refs, at } });
  await scene.append(n, { type: 'PassFailed', data: { ...refs, kind, cause: { code: 'part.foreign-blob', facts: { name } }, at } });
};

const renamed = (events: readonly OperationEvent[]): (string | undefined)[] =>
  events.flatMap((event) =>
    event.type === 'OperationRowsDone' ? event.data.rows.map((row) => (row.outcome === 'accepted' ? row.renamed : row.code)) : [],
  );

const prepared = async (mailboxes: number): Promise<Scene> => {
  const scene = await new Scene().prepare(mailboxes);
  for (let n = 0; n < mailboxes; n++) scene.bundles.set(item(n).source, '2027-01-01T00:00:00.000Z');
  return scene;
};

describe('passes that go on under another name', () => {
  it('get one that nobody has, and say which; others go on as they were', async () => {
    const scene = await prepared(3);
    await editMailbox(scene.ports, meta('edit'), { mailboxJobId: item(2).mailboxJobId, projectId, destination: 'user0-2.pst' });
    await meetForeign(scene, 0);
    const events = await scene.whole('resume', { verb: 'resume', rename: true });
    expect(renamed(events)).toEqual(['user0-3.pst', 'mailbox-job.not-stopped', 'mailbox-job.not-stopped']);
    expect((await scene.job(0)).at(-1)).toMatchObject({ type: 'PassResumed', data: { attempt: 2, destination: 'user0-3.pst' } });
    const roster = (await scene.read(rosterStream(projectId))).reduce(evolve, emptyRoster());
    expect(roster.items.get(item(0).mailboxJobId)?.destination).toBe('user0-3.pst');
    expect([...roster.claims]).toEqual([]);
    // The name of the parts that it has written is not given to anybody else.
    const edit = { mailboxJobId: item(1).mailboxJobId, projectId, destination: 'user0.pst' };
    expect(await editMailbox(scene.ports, meta('take'), edit)).toMatchObject({
      accepted: false,
      rejection: { code: 'mailbox.name-taken' },
    });
    await meetForeign(scene, 1);
    expect(renamed(await scene.whole('plain', { verb: 'resume' }, { by: 'list', entries: [item(1).mailboxJobId] }))).toEqual([undefined]);
  });

  it('never share a name, whoever takes names at the same time and whatever fails, and are given one each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1), { minLength: 1, maxLength: 3 }),
        fc.array(fc.record({ mailbox: fc.constantFrom(2, 3), name: fc.constantFrom('user0-2.pst', 'user1-2.pst', 'user0-3.pst') }), {
          maxLength: 3,
        }),
        fc.scheduler(),
        fc.array(fc.constantFrom('before', 'after', undefined), { maxLength: 10 }),
        async (resumes, edits, scheduler, script) => {
          const scene = await prepared(4);
          await meetForeign(scene, 0);
          await meetForeign(scene, 1);
          failing(scene.faults, script);
          const interleaved = inTurns(scene.ports.store, () => scheduler.schedule(Promise.resolve()));
          const own = () => ({ ...scene.ports, store: interleaved, kept: keepStates() });
          const operations: string[] = [];
          const doing = [
            ...resumes.map(async (n, nth) => {
              const selection = { by: 'list' as const, entries: [item(n).mailboxJobId] };
              let operationId = '';
              await repeated(async () => {
                operationId = await scene.request(`resume ${String(nth)}`, { verb: 'resume', rename: true }, selection);
              });
              operations.push(operationId);
              await repeated(() => runOperation(own(), operationId, new AbortController().signal));
            }),
            ...edits.map(({ mailbox, name }, nth) =>
              repeated(() =>
                editMailbox(own(), meta(`edit ${String(nth)}`), {
                  mailboxJobId: item(mailbox).mailboxJobId,
                  projectId,
                  destination: name,
                }),
              ),
            ),
          ];
          await scheduler.waitFor(Promise.all(doing));
          const roster = (await scene.read(rosterStream(projectId))).reduce(evolve, emptyRoster());
          const names = [...roster.items.values()].map(({ destination }) => samePartName(destination));
          expect(new Set(names).size).toBe(4);
          expect([...roster.claims]).toEqual([]);
          const place = placeStream(deriveId('place', placeName({ kind: 'folder', path: '/out' }, 'mailboxes')));
          const { holders } = (await scene.read(place)).reduce(evolvePlace, newPlace());
          for (const n of new Set(resumes)) {
            const { mailboxJobId } = item(n);
            const resumed = (await scene.job(n)).filter((event) => event.type === 'PassResumed');
            expect(resumed).toHaveLength(1);
            const destination = (resumed[0]!.data as { destination?: string }).destination ?? '';
            expect(roster.items.get(mailboxJobId)?.destination).toBe(destination);
            expect(holders.get(samePartName(destination))?.mailboxJobId).toBe(mailboxJobId);
            expect(holders.get(samePartName(item(n).destination))?.mailboxJobId).toBe(mailboxJobId);
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});
