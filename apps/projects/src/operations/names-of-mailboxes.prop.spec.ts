import {
  projectStream,
  rosterStream,
  sameAddress,
  samePartName,
  type LineItem,
  type OperationSelection,
  type OperationWork,
} from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import fc from 'fast-check';
import { addLineItems, createProject } from '../commands/catalogue.js';
import { editMailbox, removeMailbox } from '../commands/mailboxes.js';
import { requestOperation } from '../commands/operations.js';
import { keepStates, type ProjectsPorts } from '../commands/ports.js';
import { emptyRoster, evolve, type Roster } from '../domain/roster/state.js';
import { customerId, failing, inTurns, item, projectId, repeated, Scene, sourceId, targetId } from './operations.fixture.js';
import { runOperation } from './run-operation.js';

const at = '2026-03-01T00:00:00.000Z';
const workgroupId = 'default';
const otherId = deriveId('test', 'other project');
const PROJECTS = [projectId, otherId];
const MAILBOXES = 2;
const meta = (name: string) => ({ commandId: deriveId('command', name), by: 'token', at });

/** Few mailboxes and few names, so that they meet. */
const mailbox = fc.nat({ max: MAILBOXES - 1 });
const name = fc.nat({ max: 1 });
const project = fc.constantFrom(...PROJECTS);
const work = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('edit' as const), mailbox, project: fc.constant(projectId), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), mailbox, project }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edit' as const), mailbox, project: fc.constant(otherId), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), mailbox, project }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), mailbox: fc.integer({ min: 10, max: 11 }), project, name }) },
);
type Work = typeof work extends fc.Arbitrary<infer T> ? T : never;
const nameOf = (n: number): Pick<LineItem, 'source' | 'destination'> => ({ source: `n${n}@contoso.com`, destination: `n${n}.pst` });

const rosterOf = async (scene: Scene, of: string): Promise<Roster> => (await scene.read(rosterStream(of))).reduce(evolve, emptyRoster());

/** Every name on a roster, with the mailboxes that have it as their line item or claim it. */
const holdersOf = ({ items, claims }: Roster): Map<string, Set<string>> => {
  const holders = new Map<string, Set<string>>();
  const all = [...items.values(), ...[...claims.values()].flatMap((some) => some.map((claim) => claim.item))];
  for (const { mailboxJobId, source, destination } of all)
    for (const key of [sameAddress(source), samePartName(destination)]) holders.set(key, (holders.get(key) ?? new Set()).add(mailboxJobId));
  return holders;
};

const carryOut = async (ports: ProjectsPorts, title: string, one: Work): Promise<unknown> => {
  const { mailboxJobId } = item(one.mailbox);
  switch (one.do) {
    case 'edit':
      return repeated(() => editMailbox(ports, meta(title), { mailboxJobId, projectId: one.project, ...nameOf(one.name) }));
    case 'remove':
      return repeated(() => removeMailbox(ports, meta(title), { mailboxJobId, projectId: one.project, stop: false }));
    case 'add':
      return repeated(() => addLineItems(ports, meta(title), { projectId: one.project, items: [{ mailboxJobId, ...nameOf(one.name) }] }));
    case 'move': {
      const operationId = deriveId('operation', title);
      const from = PROJECTS.find((id) => id !== one.project) ?? '';
      const verb: OperationWork = { verb: 'move', toProjectId: one.project };
      const selection: OperationSelection = { by: 'list', entries: [mailboxJobId] };
      await repeated(() =>
        requestOperation(ports, meta(title), { workgroupId, customerId, operationId, projectId: from, work: verb, selection }),
      );
      return repeated(() => runOperation(ports, operationId, new AbortController().signal));
    }
  }
};

describe('names of mailboxes that are edited, moved, removed and added at the same time', () => {
  it('belong to one mailbox each, and are free when nobody needs them, in whatever order the steps come and whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 3, maxLength: 7 }),
        fc.scheduler(),
        fc.array(fc.constantFrom('before', 'after', undefined), { maxLength: 12 }),
        async (works, scheduler, script) => {
          const scene = await new Scene().prepare(MAILBOXES);
          await createProject(scene.ports, meta('other'), {
            workgroupId,
            customerId,
            projectId: otherId,
            name: 'Joiners',
            type: 'mailbox',
            sourceEndpointId: sourceId,
            destinationEndpointId: targetId,
            container: 'joiners',
            partBytes: 2 ** 20,
          });
          failing(scene.faults, script);
          const twice: string[] = [];
          const turn = (): Promise<void> => scheduler.schedule(Promise.resolve());
          const interleaved = inTurns(scene.ports.store, turn, async () => {
            for (const of of PROJECTS)
              for (const [key, holders] of holdersOf(await rosterOf(scene, of))) if (holders.size > 1) twice.push(key);
          });
          // Each is carried out by a process of its own.
          const doing = works.map((one, n) => carryOut({ ...scene.ports, store: interleaved, kept: keepStates() }, `work ${n}`, one));
          await scheduler.waitFor(Promise.all(doing));

          expect(twice).toEqual([]);
          const rosters = await Promise.all(PROJECTS.map((of) => rosterOf(scene, of)));
          for (const roster of rosters) {
            expect([...roster.claims]).toEqual([]);
            const used = [...roster.items.values()];
            expect([...roster.sources.keys()].toSorted()).toEqual(used.map(({ source }) => sameAddress(source)).toSorted());
            expect([...roster.destinations.keys()].toSorted()).toEqual(used.map(({ destination }) => samePartName(destination)).toSorted());
          }
          for (let n = 0; n < MAILBOXES; n++) {
            const own = (await scene.job(n)).at(-1);
            const there = rosters.map(({ items }) => items.get(item(n).mailboxJobId));
            if (own === undefined) expect(there).toEqual([item(n), undefined]);
            else if (own.type !== 'MailboxEdited') expect([own.type, ...there]).toEqual(['MailboxRemoved', undefined, undefined]);
            else {
              const { mailboxJobId, source, destination } = own.data;
              expect(there).toEqual(PROJECTS.map((of) => (of === own.data.projectId ? { mailboxJobId, source, destination } : undefined)));
            }
          }
          expect(await scene.read(projectStream(otherId))).toHaveLength(1);
        },
      ),
      { numRuns: 500 },
    );
  }, 120_000);
});
