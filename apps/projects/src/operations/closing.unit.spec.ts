import { projectStream, type ClosedPart, type DomainEvent, type OperationWork, type SettleParts } from '@pstream/contracts';
import { deriveId, Fault, isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { addLineItems, changeOptions } from '../commands/catalogue.js';
import { editProject } from '../commands/changes.js';
import { failing, item, outcomesOf, projectId, Scene } from './operations.fixture.js';

const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string) => ({ commandId: deriveId('command', name), by: 'token', at });
const close = (more: Partial<Extract<OperationWork, { verb: 'close' }>> = {}): OperationWork => ({
  verb: 'close',
  parts: 'delete',
  dryRun: false,
  ...more,
});
const typesOf = (events: readonly DomainEvent[]): string[] => events.map(({ type }) => type);
const part = (name: string, is: ClosedPart['is'] = 'deleted'): ClosedPart => ({
  partId: deriveId('part', name),
  name,
  container: 'mailboxes',
  bytes: 10,
  is,
  why: null,
});

/** A scene whose builder remembers what it was asked. */
const sceneOf = async (mailboxes: number): Promise<{ readonly scene: Scene; readonly asked: SettleParts[] }> => {
  const scene = await new Scene().prepare(mailboxes);
  const asked: SettleParts[] = [];
  scene.settle = (query) => {
    asked.push(query);
    return Promise.resolve({ parts: [part(`${query.mailboxJobId}.pst`)] });
  };
  return { scene, asked };
};

describe('the closing of a project', () => {
  it('closes the project and each mailbox that was ever in it, and says what became of their PSTs', async () => {
    const { scene, asked } = await sceneOf(3);
    await scene.whole('remove', { verb: 'remove', stop: false }, { by: 'list', entries: [item(1).mailboxJobId] });
    const events = await scene.whole('close', close());
    expect(outcomesOf(events)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(events.at(-2)).toMatchObject({ data: { rows: [0, 1, 2].map((n) => ({ parts: [{ name: `${item(n).mailboxJobId}.pst` }] })) } });
    expect(typesOf(await scene.read(projectStream(projectId)))).toContain('ProjectClosed');
    expect(typesOf(await scene.job(0))).toEqual(['MailboxJobOpened', 'MailboxClosed']);
    expect(typesOf(await scene.job(1))).not.toContain('MailboxClosed');
    const now = { destination: { kind: 'folder', path: '/out' }, container: 'mailboxes' };
    expect(asked).toHaveLength(3);
    for (const n of [0, 1, 2])
      expect(asked).toContainEqual(expect.objectContaining({ projectId, mailboxJobId: item(n).mailboxJobId, mode: 'delete', now }));
  });

  it('changes nothing as a dry run', async () => {
    const { scene, asked } = await sceneOf(2);
    expect(outcomesOf(await scene.whole('close', close({ dryRun: true })))).toEqual(['accepted', 'accepted']);
    expect(asked.map(({ mode }) => mode)).toEqual(['look', 'look']);
    expect(await scene.job(0)).toEqual([]);
    expect(typesOf(await scene.read(projectStream(projectId)))).not.toContain('ProjectClosed');
    await scene.whole('keep', close({ parts: 'keep' }));
    expect(asked.slice(2).map(({ mode }) => mode)).toEqual(['keep', 'keep']);
  });

  it('ends at once where the project has no mailboxes', async () => {
    const { scene } = await sceneOf(0);
    expect((await scene.whole('close', close())).at(-1)).toMatchObject({ type: 'OperationFinished', data: { accepted: 0, rejected: 0 } });
    expect(typesOf(await scene.read(projectStream(projectId)))).toContain('ProjectClosed');
  });

  it('is refused while passes are under way, and says whose; nothing is closed then', async () => {
    const { scene, asked } = await sceneOf(3);
    await scene.whole('verify', { verb: 'start', kind: 'verify' }, { by: 'list', entries: [item(1).mailboxJobId] });
    for (const dryRun of [true, false])
      expect((await scene.whole(`close ${dryRun}`, close({ dryRun }))).at(-1)).toMatchObject({
        type: 'OperationFailed',
        data: { code: 'project.passes-open', facts: { passes: 1, mailboxes: [item(1).source] } },
      });
    expect(asked).toEqual([]);
    expect(typesOf(await scene.read(projectStream(projectId)))).not.toContain('ProjectClosed');
  });

  it('leaves nothing to be done in the project but to close it again and to remove mailboxes', async () => {
    const { scene } = await sceneOf(2);
    await scene.whole('close', close());
    const refused = { accepted: false, rejection: { code: 'project.closed', facts: { projectId } } };
    expect(await addLineItems(scene.ports, meta('add'), { projectId, items: [item(9)] })).toEqual(refused);
    expect(await changeOptions(scene.ports, meta('options'), { projectId, options: {} })).toEqual(refused);
    expect(await editProject(scene.ports, meta('edit'), { projectId, container: 'other' })).toEqual(refused);
    for (const work of [
      { verb: 'start', kind: 'verify' },
      { verb: 'resume' },
      { verb: 'start-over', parts: 'keep' },
      { verb: 'prioritise', priority: 1 },
    ] as const)
      await expect(scene.request(`refused ${work.verb}`, work)).rejects.toThrow('project.closed');
    expect(outcomesOf(await scene.whole('again', close()))).toEqual(['accepted', 'accepted']);
    expect(outcomesOf(await scene.whole('remove', { verb: 'remove', stop: false }))).toEqual(['accepted', 'accepted']);
  });

  it('refuses a start that was requested before it, and is refused by one that came first', async () => {
    const { scene } = await sceneOf(1);
    const start = await scene.request('start', { verb: 'start', kind: 'verify' });
    const closing = await scene.request('close', close());
    await scene.run(closing);
    await scene.run(start);
    expect(outcomesOf(await scene.operation(start))).toEqual(['project.closed']);
  });

  it('keeps its rows apart: a builder that fails for good refuses one, and the others go on', async () => {
    const { scene } = await sceneOf(3);
    const { settle } = scene;
    scene.settle = (query) =>
      query.mailboxJobId === item(1).mailboxJobId ? Promise.reject(new Fault('event.unreadable', { retry: 'never' })) : settle(query);
    expect(outcomesOf(await scene.whole('close', close()))).toEqual(['accepted', 'event.unreadable', 'accepted']);
  });

  it('comes to the same end wherever it is interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('before', 'after', undefined), { maxLength: 40 }), async (script) => {
        const { scene } = await sceneOf(12);
        const operationId = await scene.request('close', close());
        failing(scene.faults, script);
        let builds = 0;
        const { settle } = scene;
        scene.settle = (query) => {
          const when = script[builds++];
          const lost = Promise.reject(new Fault('transport.no-answer', { retry: 'now' }));
          if (when === undefined) lost.catch(() => undefined);
          return when === undefined ? settle(query) : lost;
        };
        for (;;)
          try {
            await scene.run(operationId);
            break;
          } catch (error) {
            if (!isFault(error)) throw error;
          }
        expect(outcomesOf(await scene.operation(operationId))).toEqual(Array(12).fill('accepted'));
        expect(typesOf(await scene.read(projectStream(projectId))).filter((type) => type === 'ProjectClosed')).toHaveLength(1);
        for (let n = 0; n < 12; n++) expect(typesOf(await scene.job(n))).toEqual(['MailboxJobOpened', 'MailboxClosed']);
      }),
      { numRuns: 60 },
    );
  });
});
