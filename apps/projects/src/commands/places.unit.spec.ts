import {
  placeName,
  type CommandReply,
  type LineItem,
  type MailboxJobEvent,
  type OperationEvent,
  type OperationWork,
} from '@pstream/contracts';
import { deriveId, isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { offerFor } from '../domain/place/decide.js';
import { customerId, failing, item, outcomesOf, projectId, Scene, sourceId } from '../operations/operations.fixture.js';
import { addEndpoint, addLineItems, createProject } from './catalogue.js';
import { editProject } from './changes.js';
import { editMailbox, removeMailbox } from './mailboxes.js';
import { requestOperation } from './operations.js';
import { lineItemsOf } from './rosters.js';

const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string) => ({ commandId: deriveId('command', name), by: 'token', at });
const archivesId = deriveId('test', 'archives');
const twinId = deriveId('test', 'twin');
type PassStarted = Extract<MailboxJobEvent, { type: 'PassStarted' }>['data'];
const codeOf = (reply: CommandReply): string => (reply.accepted ? 'accepted' : reply.rejection.code);

/** A mailbox project, and an archive project that writes to the same container through another endpoint for the same folder. */
const sceneOf = async (mailboxes: number): Promise<Scene> => {
  const scene = await new Scene().prepare(mailboxes);
  const config = { kind: 'folder', path: '/out/' } as const;
  await addEndpoint(scene.ports, meta('twin'), { workgroupId: 'default', customerId, endpointId: twinId, name: 'Twin', config });
  await createProject(scene.ports, meta('archives'), {
    workgroupId: 'default',
    customerId,
    projectId: archivesId,
    name: 'Archives',
    type: 'archive',
    sourceEndpointId: sourceId,
    destinationEndpointId: twinId,
    container: 'mailboxes',
    partBytes: 2 ** 20,
  });
  return scene;
};
const archive = (n: number, destination = `user${n}.pst`): LineItem => ({ ...item(100 + n), source: `user${n}@contoso.com`, destination });
const addArchives = (scene: Scene, name: string, ...items: LineItem[]): Promise<CommandReply> =>
  addLineItems(scene.ports, meta(`archives ${name}`), { projectId: archivesId, items });

describe('a PST name at a destination', () => {
  it('is held by one mailbox over all projects, and another name is offered', async () => {
    const scene = await sceneOf(3);
    expect(await addArchives(scene, 'taken', archive(7), archive(0), archive(1, 'USER1.pst'))).toEqual({
      accepted: false,
      rejection: {
        code: 'project.line-items-conflict',
        facts: {
          conflicts: [
            `1:destination:mailbox.name-taken:user0-archive.pst:${item(0).mailboxJobId}`,
            `2:destination:mailbox.name-taken:USER1-archive.pst:${item(1).mailboxJobId}`,
          ],
        },
      },
    });
    expect(codeOf(await addArchives(scene, 'offered', archive(7), archive(0, 'user0-archive.pst')))).toBe('accepted');
    expect(codeOf(await addArchives(scene, 'sent again', archive(7), archive(0, 'user0-archive.pst')))).toBe('accepted');
  });

  it('is free again when its mailbox is edited, removed, or was never added', async () => {
    const scene = await sceneOf(2);
    const { mailboxJobId } = item(0);
    await editMailbox(scene.ports, meta('edit'), { mailboxJobId, projectId, destination: 'ada.pst' });
    expect(codeOf(await addArchives(scene, 'edited', archive(0)))).toBe('accepted');
    const back = await editMailbox(scene.ports, meta('back'), { mailboxJobId, projectId, destination: 'user0.pst' });
    expect(back).toMatchObject({
      rejection: { code: 'mailbox.name-taken', facts: { offer: 'user0-mailbox.pst', holder: archive(0).mailboxJobId } },
    });
    await removeMailbox(scene.ports, meta('remove'), { mailboxJobId: item(1).mailboxJobId, projectId, stop: false });
    expect(codeOf(await addArchives(scene, 'removed', archive(1)))).toBe('accepted');
    expect(codeOf(await scene.add('own', item(9)))).toBe('accepted');
    expect(codeOf(await scene.add('refused', item(5), { ...item(6), source: item(9).source }))).toBe('project.line-items-conflict');
    expect(codeOf(await addArchives(scene, 'never added', archive(5)))).toBe('accepted');
  });

  it('stays with its mailbox when another that it gave up is handed on', async () => {
    const scene = await sceneOf(1);
    const [{ mailboxJobId, source }, free] = [item(0), archive(0)];
    await editMailbox(scene.ports, meta('edit'), { mailboxJobId, projectId, destination: 'ada.pst' });
    scene.bundles.set(source, '2027-01-01T00:00:00.000Z');
    expect(outcomesOf(await scene.whole('full', { verb: 'start', kind: 'full' }))).toEqual(['accepted']);
    expect(await addArchives(scene, 'both', free, archive(1, 'ada.pst'))).toMatchObject({
      rejection: { facts: { conflicts: [`1:destination:mailbox.name-taken:ada-archive.pst:${mailboxJobId}`] } },
    });
    expect(codeOf(await addArchives(scene, 'the free one', free))).toBe('accepted');
  });

  it('is asked for again by every start, so that no pass begins with that of another', async () => {
    const scene = await sceneOf(2);
    await editProject(scene.ports, meta('away'), { projectId: archivesId, container: 'archives' });
    expect(codeOf(await addArchives(scene, 'elsewhere', archive(0), archive(1), archive(2)))).toBe('accepted');
    await editProject(scene.ports, meta('back'), { projectId: archivesId, container: 'mailboxes' });
    const request = { by: 'all' } as const;
    const operationId = deriveId('operation', 'archives');
    const body = { workgroupId: 'default', customerId, operationId, projectId: archivesId, selection: request };
    await requestOperation(scene.ports, meta('verify archives'), { ...body, work: { verb: 'start', kind: 'verify' } });
    await scene.run(operationId);
    expect(outcomesOf(await scene.operation(operationId))).toEqual(['mailbox.name-taken', 'mailbox.name-taken', 'accepted']);
    expect(outcomesOf(await scene.whole('verify', { verb: 'start', kind: 'verify' }))).toEqual(['accepted', 'accepted']);
  });

  it('is never held twice, whatever is added, edited and removed in whatever order, and whatever fails in between', async () => {
    const name = fc.integer({ min: 0, max: 3 }).map((n) => `n${n}.pst`);
    const work = fc.record({ do: fc.constantFrom('add', 'edit', 'remove'), archive: fc.boolean(), which: fc.nat({ max: 3 }), name });
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 2, maxLength: 8 }),
        fc.array(fc.constantFrom('before', 'after', undefined), { maxLength: 30 }),
        async (works, script) => {
          const scene = await sceneOf(2);
          failing(scene.faults, script);
          await Promise.all(
            works.map(async (one, n) => {
              const project = one.archive ? archivesId : projectId;
              const { mailboxJobId } = item((one.archive ? 100 : 0) + one.which);
              const own = meta(`work ${n}`);
              const source = `${one.archive ? 'a' : 'm'}${one.which}@contoso.com`;
              const items = [{ mailboxJobId, source, destination: one.name }];
              const act = (): Promise<CommandReply> => {
                if (one.do === 'add') return addLineItems(scene.ports, own, { projectId: project, items });
                if (one.do === 'edit') return editMailbox(scene.ports, own, { mailboxJobId, projectId: project, destination: one.name });
                return removeMailbox(scene.ports, own, { mailboxJobId, projectId: project, stop: false });
              };
              for (let tries = 0; tries < 50; tries++) {
                try {
                  return await act();
                } catch (error) {
                  if (!isFault(error)) throw error;
                }
              }
              throw new Error('too many tries');
            }),
          );
          scene.faults.fail = () => undefined;
          const all = [...(await lineItemsOf(scene.ports, projectId)).all(), ...(await lineItemsOf(scene.ports, archivesId)).all()];
          await scene.whole('start', { verb: 'start', kind: 'trial' });
          const started = await Promise.all(
            all.map(async ({ mailboxJobId }) => {
              const events = await scene.read(`mailbox-job:${mailboxJobId}` as Parameters<Scene['read']>[0]);
              return events.some(({ type }) => type === 'PassStarted');
            }),
          );
          const names = all.filter((_item, n) => started[n]).map(({ destination }) => destination);
          expect(new Set(names).size).toBe(names.length);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('a start with --rename', () => {
  const renamedIn = (events: readonly OperationEvent[]): (string | undefined)[] =>
    events.flatMap((event) =>
      event.type === 'OperationRowsDone' ? event.data.rows.map((row) => (row.outcome === 'accepted' ? row.renamed : row.code)) : [],
    );
  const names = async (scene: Scene, project: string): Promise<string[]> =>
    [...(await lineItemsOf(scene.ports, project)).all()].map(({ destination }) => destination);

  it('takes the offer for each name that another mailbox holds, says which, and starts all', async () => {
    const scene = await sceneOf(2);
    await editProject(scene.ports, meta('apart'), { projectId: archivesId, container: 'archives' });
    await addArchives(scene, 'same names', archive(0), archive(5, 'other.pst'));
    await editProject(scene.ports, meta('together'), { projectId: archivesId, container: 'mailboxes' });
    const request = async (name: string, work: OperationWork): Promise<readonly OperationEvent[]> => {
      const operationId = deriveId('operation', name);
      const body = { workgroupId: 'default', customerId, operationId, projectId: archivesId, work, selection: { by: 'all' as const } };
      await requestOperation(scene.ports, meta(name), body);
      await scene.run(operationId);
      return scene.operation(operationId);
    };
    const verify: OperationWork = { verb: 'start', kind: 'verify' };
    expect(renamedIn(await request('plain', verify))).toEqual(['mailbox.name-taken', undefined]);
    expect(renamedIn(await request('rename', { ...verify, rename: true }))).toEqual(['user0-archive.pst', 'mailbox-job.pass-open']);
    expect(await names(scene, archivesId)).toEqual(['user0-archive.pst', 'other.pst']);
    const started = (await scene.job(100)).findLast(({ type }) => type === 'PassStarted');
    expect(started?.data).toMatchObject({ settings: { destinationName: 'user0-archive.pst' } });
  });

  it('takes a free name where a verification found a name in use, once, wherever its answers are lost', async () => {
    for (let lost = 0; lost < 12; lost++) {
      for (const when of ['before', 'after'] as const) {
        const scene = await sceneOf(1);
        await scene.whole('verify', { verb: 'start', kind: 'verify' });
        const { settings: _settings, number: _number, kind, at: _at, ...refs } = (await scene.job(0)).at(-1)!.data as PassStarted;
        const cause = { code: 'part.foreign-blob', facts: { name: 'user0.002.pst' } };
        await scene.append(0, { type: 'PassFailed', data: { ...refs, kind, cause, at } });
        const operationId = await scene.request('rename', { verb: 'start', kind: 'verify', rename: true });
        scene.faults.appends = 0;
        scene.faults.fail = (append) => (append === lost ? when : undefined);
        await scene.run(operationId).catch((error: unknown) => {
          if (!isFault(error)) throw error;
        });
        scene.faults.fail = () => undefined;
        await scene.run(operationId);
        expect(renamedIn(await scene.operation(operationId))).toEqual(['user0-2.pst']);
        expect(await names(scene, projectId)).toEqual(['user0-2.pst']);
      }
    }
  });
});

describe('a destination', () => {
  const azure = { kind: 'azure-blob', account: 'contosopst', region: 'westeurope', credential: { kind: 'identity' } } as const;
  it('is the same whichever endpoint leads there', () => {
    expect(placeName({ ...azure, endpoint: 'https://Contosopst.blob.core.windows.net/' }, 'x')).toBe(placeName(azure, 'x'));
    expect(placeName({ kind: 'folder', path: '/out/' }, 'x')).toBe(placeName({ kind: 'folder', path: '/out' }, 'x'));
    expect(placeName(azure, 'y')).not.toBe(placeName(azure, 'x'));
  });
  it('offers the next free name', () =>
    expect(offerFor('Ada.PST', 'archive', (name) => !['Ada-archive.pst', 'Ada-archive-2.pst'].includes(name))).toBe('Ada-archive-3.pst'));
});
