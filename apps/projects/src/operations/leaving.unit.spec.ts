import {
  noItems,
  projectStream,
  rosterStream,
  type CommandReply,
  type DomainEvent,
  type LineItem,
  type MailboxJobEvent,
  type PassRefs,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { deriveId, isFault } from '@pstream/kernel';
import { passSettings } from '@pstream/testing';
import fc from 'fast-check';
import { createProject } from '../commands/catalogue.js';
import { removeProject } from '../commands/changes.js';
import { editMailbox, removeMailbox } from '../commands/mailboxes.js';
import { lineItemsOf } from '../commands/rosters.js';
import { hear } from '../process/pass-process.js';
import { customerId, failing, item, outcomesOf, projectId, repeated, Scene, sourceId, targetId } from './operations.fixture.js';

const at = '2026-03-01T00:00:00.000Z';
const otherId = deriveId('test', 'other project');
const meta = (name: string, expectedVersion?: number) => ({
  commandId: deriveId('command', name),
  by: 'token',
  at,
  ...(expectedVersion === undefined ? {} : { expectedVersion }),
});
const { mailboxJobId } = item(0);

/** Two projects, the first with mailboxes. */
const sceneOf = async (mailboxes: number): Promise<Scene> => {
  const scene = await new Scene().prepare(mailboxes);
  await createProject(scene.ports, meta('other'), {
    workgroupId: 'default',
    customerId,
    projectId: otherId,
    name: 'Joiners',
    type: 'mailbox',
    sourceEndpointId: sourceId,
    destinationEndpointId: targetId,
    container: 'joiners',
    partBytes: 2 ** 20,
  });
  return scene;
};
const on = async (scene: Scene, project = projectId): Promise<LineItem[]> => [...(await lineItemsOf(scene.ports, project)).all()];
const typesOf = (events: readonly DomainEvent[]): string[] => events.map(({ type }) => type);
const codeOf = (reply: CommandReply): string => (reply.accepted ? 'accepted' : reply.rejection.code);
const refsOf = (events: readonly RecordedEvent<MailboxJobEvent>[]): PassRefs =>
  events.findLast((event) => event.type === 'PassStarted')?.data as PassRefs;

describe('editing a mailbox', () => {
  const edit = (scene: Scene, name: string, change: { source?: string; destination?: string }, version?: number): Promise<CommandReply> =>
    editMailbox(scene.ports, meta(name, version), { mailboxJobId, projectId, ...change });

  it('sets the old name free, and holds the new one', async () => {
    const scene = await sceneOf(2);
    expect(codeOf(await edit(scene, 'edit', { source: 'ada@contoso.com', destination: 'ada.pst' }))).toBe('accepted');
    expect(await on(scene)).toEqual([{ mailboxJobId, source: 'ada@contoso.com', destination: 'ada.pst' }, item(1)]);
    expect(codeOf(await scene.add('old', { ...item(7), source: item(0).source, destination: item(0).destination }))).toBe('accepted');
    expect(codeOf(await scene.add('new', { ...item(8), destination: 'ADA.pst' }))).toBe('project.line-items-conflict');
    expect(codeOf(await edit(scene, 'taken', { source: 'user1@contoso.com' }))).toBe('line-item.source-exists');
    expect(codeOf(await edit(scene, 'taken too', { destination: 'user1.pst' }))).toBe('line-item.destination-exists');
  });

  it('that is refused leaves both names as they were', async () => {
    const scene = await sceneOf(1);
    await scene.whole('verify', { verb: 'start', kind: 'verify' });
    expect(codeOf(await edit(scene, 'running', { destination: 'ada.pst' }))).toBe('mailbox-job.pass-open');
    expect(await on(scene)).toEqual([item(0)]);
    expect(codeOf(await scene.add('free', { ...item(7), destination: 'ada.pst' }))).toBe('accepted');
  });

  it('may depend on what its sender has seen', async () => {
    const scene = await sceneOf(1);
    expect(codeOf(await edit(scene, 'stale', { destination: 'ada.pst' }, 3))).toBe('stream.version-mismatch');
    expect(codeOf(await edit(scene, 'fresh', { destination: 'ada.pst' }, 0))).toBe('accepted');
    expect(codeOf(await edit(scene, 'late', { destination: 'eda.pst' }, 0))).toBe('stream.version-mismatch');
    expect(codeOf(await edit(scene, 'fresh', { destination: 'ada.pst' }, 0))).toBe('accepted');
    expect(await on(scene)).toEqual([{ ...item(0), destination: 'ada.pst' }]);
  });

  it('knows no mailbox of another project', async () => {
    const scene = await sceneOf(1);
    expect(codeOf(await editMailbox(scene.ports, meta('x'), { mailboxJobId, projectId: otherId, destination: 'x.pst' }))).toBe(
      'mailbox-job.unknown',
    );
  });
});

describe('removing mailboxes', () => {
  it('sets their names free, and nothing starts them again', async () => {
    const scene = await sceneOf(3);
    const events = await scene.whole(
      'remove',
      { verb: 'remove', stop: false },
      { by: 'list', entries: [mailboxJobId, 'user2@contoso.com', 'x@y.zz'] },
    );
    expect(outcomesOf(events)).toEqual(['accepted', 'accepted', 'mailbox-job.unknown']);
    expect(await on(scene)).toEqual([item(1)]);
    expect(outcomesOf(await scene.whole('verify', { verb: 'start', kind: 'verify' }))).toEqual(['accepted']);
    expect(outcomesOf(await scene.whole('gone', { verb: 'start', kind: 'verify' }, { by: 'list', entries: [mailboxJobId] }))).toEqual([
      'mailbox-job.unknown',
    ]);
    expect(codeOf(await scene.add('again', { ...item(9), source: item(0).source, destination: item(0).destination }))).toBe('accepted');
  });

  it('is answered alike when it is sent again', async () => {
    const scene = await sceneOf(1);
    const remove = (name: string): Promise<CommandReply> =>
      removeMailbox(scene.ports, meta(name), { mailboxJobId, projectId, stop: false });
    const first = await remove('remove');
    expect(await remove('remove')).toEqual(first);
    expect(codeOf(await remove('another'))).toBe('mailbox-job.unknown');
  });

  it('waits for the end of a pass, and leaves the roster then', async () => {
    const scene = await sceneOf(1);
    scene.bundles.set(item(0).source, '2027-01-01T00:00:00.000Z');
    await scene.whole('full', { verb: 'start', kind: 'full' });
    expect(outcomesOf(await scene.whole('refused', { verb: 'remove', stop: false }))).toEqual(['mailbox-job.pass-open']);
    expect(outcomesOf(await scene.whole('remove', { verb: 'remove', stop: true }))).toEqual(['accepted']);
    expect(await on(scene)).toHaveLength(1);
    const { workgroupId, passId } = refsOf(await scene.job(0));
    const paused = {
      id: 'paused',
      type: 'BuildPaused',
      at,
      data: { workgroupId, customerId, projectId, mailboxJobId, passId, attempt: 1, at },
    } as unknown as RecordedEvent<PublishedEvent>;
    await hear(scene.ports, paused);
    await hear(scene.ports, paused);
    expect(typesOf(await scene.job(0)).slice(-4)).toEqual([
      'MailboxRemovalRequested',
      'PassStopRequested',
      'PassStopped',
      'MailboxRemoved',
    ]);
    expect(await on(scene)).toEqual([]);
  });
});

describe('moving mailboxes', () => {
  const move = { verb: 'move', toProjectId: otherId } as const;

  it('takes them with their names to the other project', async () => {
    const scene = await sceneOf(2);
    await scene.whole('verify', { verb: 'start', kind: 'verify' }, { by: 'list', entries: [mailboxJobId] });
    await scene.append(0, { type: 'PassFailed', data: { ...refsOf(await scene.job(0)), kind: 'verify', cause: { code: 'x.y' }, at } });
    expect(outcomesOf(await scene.whole('move', move))).toEqual(['accepted', 'accepted']);
    expect([await on(scene), await on(scene, otherId)]).toEqual([[], [item(0), item(1)]]);
    expect((await scene.read(rosterStream(otherId))).at(-1)).toMatchObject({ type: 'LineItemsAdded' });
    expect(codeOf(await scene.add('free', { ...item(9), source: item(0).source, destination: item(0).destination }))).toBe('accepted');
  });

  it('leaves those whose names are taken there, and those that have been read', async () => {
    const scene = await sceneOf(3);
    scene.bundles.set(item(1).source, '2027-01-01T00:00:00.000Z');
    await scene.whole('full', { verb: 'start', kind: 'full' }, { by: 'list', entries: ['user1@contoso.com'] });
    await scene.whole('first', move, { by: 'list', entries: ['user2@contoso.com'] });
    expect(codeOf(await scene.add('same', { ...item(8), destination: 'user2.pst' }))).toBe('accepted');
    expect(outcomesOf(await scene.whole('rest', move))).toEqual(['accepted', 'mailbox-job.pass-open', 'mailbox-job.name-exists-there']);
    expect((await on(scene)).map(({ mailboxJobId: id }) => id)).toEqual([item(1).mailboxJobId, item(8).mailboxJobId]);
    expect(await on(scene, otherId)).toEqual([item(2), item(0)]);
  });

  it('rejects them where the project is gone before their turn', async () => {
    const scene = await sceneOf(2);
    const operationId = await scene.request('move', move);
    await removeProject(scene.ports, meta('remove other'), { projectId: otherId });
    await scene.run(operationId);
    expect((await scene.operation(operationId)).at(-2)).toMatchObject({
      type: 'OperationRowsDone',
      data: { rows: Array(2).fill({ outcome: 'rejected', code: 'project.unknown', facts: { projectId: otherId } }) },
    });
    expect(await on(scene)).toEqual([item(0), item(1)]);
    expect(outcomesOf(await scene.whole('verify', { verb: 'start', kind: 'verify' }))).toEqual(['accepted', 'accepted']);
  });

  it('has moved them although it is interrupted, and the project that they have left is gone before it goes on', async () => {
    const scene = await sceneOf(2);
    const operationId = await scene.request('move', move);
    scene.faults.appends = 0;
    // Begun, claimed, moved, moved, on the new roster, off the old one: the outcomes are lost.
    scene.faults.fail = (append) => (append === 7 ? 'before' : undefined);
    await expect(scene.run(operationId)).rejects.toMatchObject({ code: 'event-store.unavailable' });
    expect(codeOf(await removeProject(scene.ports, meta('remove'), { projectId }))).toBe('accepted');
    await scene.run(operationId);
    expect(outcomesOf(await scene.operation(operationId))).toEqual(['accepted', 'accepted']);
    expect(await on(scene, otherId)).toEqual([item(0), item(1)]);
  });

  it('stays within the customer', async () => {
    const scene = await sceneOf(1);
    await expect(scene.request('nowhere', { verb: 'move', toProjectId: deriveId('no', 'project') })).rejects.toThrow('project.unknown');
  });
});

describe('edits, moves and removals', () => {
  const MAILBOXES = 4;
  const work = fc.oneof(
    fc.record({ do: fc.constant('edit' as const), mailbox: fc.nat({ max: MAILBOXES - 1 }), name: fc.nat({ max: 2 }) }),
    fc.record({ do: fc.constant('remove' as const), mailbox: fc.nat({ max: MAILBOXES - 1 }) }),
    fc.record({ do: fc.constant('move' as const), mailbox: fc.nat({ max: MAILBOXES - 1 }) }),
    fc.record({ do: fc.constant('add' as const), mailbox: fc.integer({ min: 10, max: 13 }), name: fc.nat({ max: 2 }) }),
  );

  it('give no name twice, and leave each mailbox on the roster that its own stream names, whatever fails in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom('before', 'after', undefined), { maxLength: 30 }),
        async (works, script) => {
          const scene = await sceneOf(MAILBOXES);
          failing(scene.faults, script);
          for (const [n, one] of works.entries()) {
            const name = `work ${n}`;
            const id = item(one.mailbox).mailboxJobId;
            if (one.do === 'edit')
              await repeated(() => editMailbox(scene.ports, meta(name), { mailboxJobId: id, projectId, destination: `n${one.name}.pst` }));
            else if (one.do === 'remove')
              await repeated(() => removeMailbox(scene.ports, meta(name), { mailboxJobId: id, projectId, stop: false }));
            else if (one.do === 'add') await repeated(() => scene.add(name, { ...item(one.mailbox), destination: `n${one.name}.pst` }));
            else {
              const operationId = await repeated(() =>
                scene.request(name, { verb: 'move', toProjectId: otherId }, { by: 'list', entries: [id] }),
              );
              await repeated(() => scene.run(operationId));
            }
          }
          for (const project of [projectId, otherId]) {
            const there = await on(scene, project);
            expect(new Set(there.map(({ destination }) => destination)).size).toBe(there.length);
            expect(new Set(there.map(({ source }) => source)).size).toBe(there.length);
          }
          for (let n = 0; n < MAILBOXES; n++) {
            const own = (await scene.job(n)).at(-1);
            const rosters = await Promise.all(
              [projectId, otherId].map(async (project) =>
                (await on(scene, project)).find(({ mailboxJobId: id }) => id === item(n).mailboxJobId),
              ),
            );
            if (own?.type === 'MailboxRemoved') expect(rosters).toEqual([undefined, undefined]);
            else if (own?.type === 'MailboxEdited') {
              const { destination } = own.data;
              expect(rosters.map((one) => one?.destination)).toEqual(
                own.data.projectId === projectId ? [destination, undefined] : [undefined, destination],
              );
            } else expect(rosters).toEqual([item(n), undefined]);
          }
          expect(await scene.read(projectStream(otherId))).toHaveLength(1);
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('starting over', () => {
  const exported = async (scene: Scene, n: number): Promise<void> => {
    await scene.whole(`start ${n}`, { verb: 'start', kind: 'trial' }, { by: 'list', entries: [item(n).source] });
    const refs = refsOf(await scene.job(n));
    const passEnded = { kind: 'full' as const, pass: noItems, mailbox: noItems, at };
    const settings = { ...passSettings, source: item(n).source, destinationName: item(n).destination };
    for (const event of [
      { type: 'PassCompleted', data: { ...refs, ...passEnded, kind: 'trial' } },
      { type: 'PassStarted', data: { ...refs, passId: 'full', number: 2, kind: 'full', settings, at } },
      { type: 'PassBegun', data: { ...refs, passId: 'full', at } },
      { type: 'PassCompleted', data: { ...refs, passId: 'full', ...passEnded } },
    ] satisfies MailboxJobEvent[])
      await scene.append(n, event);
  };
  it('claims another name for the next PSTs, and keeps the old one from everybody else', async () => {
    const scene = await sceneOf(2);
    await exported(scene, 0);
    expect(outcomesOf(await scene.whole('over', { verb: 'start-over', parts: 'keep' }))).toEqual([
      'accepted',
      'mailbox-job.nothing-to-start-over',
    ]);
    expect((await on(scene)).map(({ destination }) => destination)).toEqual(['user0-2.pst', 'user1.pst']);
    const taken = await scene.add('same name', { mailboxJobId: deriveId('mailbox', 9), source: 'x@contoso.com', destination: 'user0.pst' });
    expect(codeOf(taken)).toBe('project.line-items-conflict');
  });
  it('passes over a name that only the roster has: releases up to 0.2.0 claimed none at the destination', async () => {
    const scene = await sceneOf(1);
    await exported(scene, 0);
    const other = { mailboxJobId: deriveId('mailbox', 9), source: 'x@contoso.com', destination: 'User0-2.pst' };
    await scene.addEarlier({
      type: 'LineItemsAdded',
      data: { workgroupId: 'default', customerId, projectId, items: [other], at },
    });
    await scene.whole('over', { verb: 'start-over', parts: 'keep' }, { by: 'list', entries: [item(0).source] });
    expect((await on(scene)).map(({ destination }) => destination)).toEqual(['User0-2.pst', 'user0-3.pst']);
  });
  it('does so once, wherever its answers are lost', async () => {
    for (let lost = 1; lost < 12; lost++) {
      for (const when of ['before', 'after'] as const) {
        const scene = await sceneOf(1);
        await exported(scene, 0);
        const operationId = await scene.request('over', { verb: 'start-over', parts: 'keep' });
        scene.faults.appends = 0;
        scene.faults.fail = (append) => (append === lost ? when : undefined);
        await scene.run(operationId).catch((error: unknown) => {
          if (!isFault(error)) throw error;
        });
        scene.faults.fail = () => undefined;
        await scene.run(operationId);
        expect((await on(scene)).map(({ destination }) => destination)).toEqual(['user0-2.pst']);
        expect(typesOf(await scene.job(0)).filter((type) => type === 'MailboxStartedOver')).toHaveLength(1);
      }
    }
  });
});
