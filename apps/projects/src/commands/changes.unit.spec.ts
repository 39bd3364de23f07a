import {
  endpointStream,
  projectStream,
  rosterStream,
  type CommandReply,
  type DomainEvent,
  type EndpointEvent,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import type { LogContext } from '@pstream/transport';
import { customerId, item, projectId, Scene, sourceId, targetId } from '../operations/operations.fixture.js';
import { OperationsController } from '../operations/operations.controller.js';
import { addEndpoint, changeOptions, createCustomer, createProject } from './catalogue.js';
import { editEndpoint, editProject, removeCustomer, removeEndpoint, removeProject, renameCustomer } from './changes.js';
import { removeMailbox } from './mailboxes.js';

const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string, expectedVersion?: number) => ({
  commandId: deriveId('command', name),
  by: 'token',
  at,
  ...(expectedVersion === undefined ? {} : { expectedVersion }),
});
const idOf = (name: string): string => deriveId('test', name);
const codeOf = async (reply: Promise<CommandReply>): Promise<string> => {
  const answer = await reply;
  return answer.accepted ? 'accepted' : answer.rejection.code;
};
const folder = { kind: 'folder', path: '/elsewhere' } as const;

let scene: Scene;
beforeEach(async () => {
  scene = await new Scene().prepare(1);
});
const customer = (name: string): Promise<string> =>
  codeOf(createCustomer(scene.ports, meta(`customer ${name}`), { workgroupId: 'default', customerId: idOf(name), name }));
const endpoint = (name: string, of = customerId): Promise<string> =>
  codeOf(
    addEndpoint(scene.ports, meta(`endpoint ${name}`), {
      workgroupId: 'default',
      customerId: of,
      endpointId: idOf(name),
      name,
      config: folder,
    }),
  );
const project = (name: string, of = customerId): Promise<string> =>
  codeOf(
    createProject(scene.ports, meta(`project ${name}`), {
      workgroupId: 'default',
      customerId: of,
      projectId: idOf(name),
      name,
      type: 'archive',
      sourceEndpointId: sourceId,
      destinationEndpointId: targetId,
      container: 'x-y',
      partBytes: 2 ** 20,
    }),
  );
const rename = (name: string, as = name, of = customerId): Promise<string> =>
  codeOf(renameCustomer(scene.ports, meta(`rename ${as}`), { customerId: of, name }));
const last = async (stream: Parameters<Scene['read']>[0]): Promise<RecordedEvent<DomainEvent> | undefined> =>
  (await scene.read(stream)).at(-1);

describe('a customer', () => {
  it('is renamed; the old name is free, and the new one taken', async () => {
    expect(await rename('Fabrikam')).toBe('accepted');
    expect(await customer('fabrikam')).toBe('customer.name-taken');
    expect(await customer('Contoso')).toBe('accepted');
    expect(await rename('Contoso')).toBe('customer.name-taken');
    expect(await rename('FABRIKAM')).toBe('accepted');
    expect(await customer('Fabrikam')).toBe('customer.name-taken');
  });
  it('that cannot be renamed after all leaves the name free that it wanted', async () => {
    expect(await codeOf(renameCustomer(scene.ports, meta('stale', 7), { customerId, name: 'Fabrikam' }))).toBe('stream.version-mismatch');
    expect(await customer('Fabrikam')).toBe('accepted');
  });
  it('is removed once; its name is free, and nothing is made for it', async () => {
    await customer('Fabrikam');
    const of = idOf('Fabrikam');
    const remove = (name: string): Promise<CommandReply> => removeCustomer(scene.ports, meta(name), { customerId: of });
    const first = await remove('remove');
    expect(first.accepted).toBe(true);
    expect(await remove('remove')).toEqual(first);
    expect(await codeOf(remove('again'))).toBe('customer.unknown');
    expect([await project('x', of), await endpoint('x', of), await rename('x', 'x', of)]).toEqual(Array(3).fill('customer.unknown'));
    expect(await rename('Fabrikam')).toBe('accepted');
  });
});

describe('an endpoint', () => {
  const edit = (name: string, body: object): Promise<string> =>
    codeOf(editEndpoint(scene.ports, meta(`edit ${name}`), { customerId, endpointId: targetId, ...body }));

  it('gets other settings and another name', async () => {
    expect(await edit('both', { name: 'Disk', settings: { path: '/new' } })).toBe('accepted');
    expect(await last(endpointStream(targetId))).toMatchObject({
      type: 'EndpointEdited',
      data: { name: 'Disk', config: { kind: 'folder', path: '/new' } } satisfies Partial<EndpointEvent['data']>,
    });
    expect([await endpoint('Disk'), await endpoint('Target')]).toEqual(['endpoint.name-taken', 'accepted']);
  });
  it('has only the settings of its kind, and is of its customer', async () => {
    expect(await edit('tenant', { settings: { tenantId: 't' } })).toBe('endpoint.other-kind');
    expect(await edit('other', { customerId: idOf('other'), name: 'x' })).toBe('endpoint.unknown');
    expect(await endpoint('x')).toBe('accepted');
  });
  it('is removed; its name is free, and no project gets it', async () => {
    await endpoint('Spare');
    const spareId = idOf('Spare');
    expect(await codeOf(removeEndpoint(scene.ports, meta('remove'), { customerId, endpointId: spareId }))).toBe('accepted');
    const using = editProject(scene.ports, meta('use'), { projectId, destinationEndpointId: spareId });
    expect([await edit('spare', { name: 'Spare' }), await codeOf(using)]).toEqual(['accepted', 'endpoint.unknown']);
  });
});

describe('a project', () => {
  const edit = (name: string, body: object): Promise<string> =>
    codeOf(editProject(scene.ports, meta(`edit ${name}`), { projectId, ...body }));
  const remove = (name: string, version?: number): Promise<string> =>
    codeOf(removeProject(scene.ports, meta(name, version), { projectId }));

  it('gets another name, other endpoints, another container', async () => {
    await endpoint('Other');
    expect(await edit('all', { name: 'Joiners', destinationEndpointId: idOf('Other'), container: 'joiners', partBytes: 2 ** 21 })).toBe(
      'accepted',
    );
    expect([await project('Joiners'), await project('Leavers')]).toEqual(['project.name-taken', 'accepted']);
    expect(await edit('source', { sourceEndpointId: idOf('Other') })).toBe('endpoint.not-a-source');
    const started = await scene.whole('verify', { verb: 'start', kind: 'verify' });
    expect(started.at(-1)).toMatchObject({ type: 'OperationFinished', data: { accepted: 1 } });
    expect((await scene.job(0)).at(-1)).toMatchObject({
      data: { settings: { container: 'joiners', partBytes: 2 ** 21, destination: folder } },
    });
  });
  it('is removed when nothing is in it any more, and takes nothing from then on', async () => {
    expect(await remove('full')).toBe('project.not-empty');
    await removeMailbox(scene.ports, meta('mailbox'), { mailboxJobId: item(0).mailboxJobId, projectId, stop: false });
    expect(await remove('stale', 7)).toBe('stream.version-mismatch');
    expect(await codeOf(scene.add('still', item(5)))).toBe('accepted');
    await removeMailbox(scene.ports, meta('other mailbox'), { mailboxJobId: item(5).mailboxJobId, projectId, stop: false });
    expect([await remove('empty', 1), await remove('empty', 1), await remove('again')]).toEqual([
      'accepted',
      'accepted',
      'project.unknown',
    ]);
    expect(await codeOf(scene.add('late', item(6)))).toBe('project.unknown');
    expect(await edit('late', { name: 'x' })).toBe('project.unknown');
    expect(await project('Leavers')).toBe('accepted');
  });
  it('is removed whatever is changed once its roster is closed', async () => {
    await removeMailbox(scene.ports, meta('mailbox'), { mailboxJobId: item(0).mailboxJobId, projectId, stop: false });
    // Between the two appends of a removal its options are changed.
    const append = scene.ports.store.append.bind(scene.ports.store);
    scene.ports.store.append = async (commit) => {
      const appended = await append(commit);
      scene.ports.store.append = append;
      await changeOptions(scene.ports, meta('options'), { projectId, options: {} });
      return appended;
    };
    expect(await remove('remove', 1)).toBe('accepted');
  });
  it('is removed by the same request again when the first was interrupted and the project changed since', async () => {
    await removeMailbox(scene.ports, meta('mailbox'), { mailboxJobId: item(0).mailboxJobId, projectId, stop: false });
    scene.faults.appends = 0;
    scene.faults.fail = (nth) => (nth === 2 ? 'before' : undefined);
    await expect(remove('remove', 1)).rejects.toMatchObject({ code: 'event-store.unavailable' });
    await changeOptions(scene.ports, meta('options'), { projectId, options: {} });
    expect([await remove('remove', 1), await codeOf(scene.add('late', item(6))), await project('Leavers')]).toEqual([
      'accepted',
      'project.unknown',
      'accepted',
    ]);
  });
  it('is removed although nobody asks again, once its closed roster is heard of; a late answer is the same', async () => {
    await removeMailbox(scene.ports, meta('mailbox'), { mailboxJobId: item(0).mailboxJobId, projectId, stop: false });
    scene.faults.appends = 0;
    scene.faults.fail = (nth) => (nth === 2 ? 'before' : undefined);
    await expect(remove('remove', 1)).rejects.toMatchObject({ code: 'event-store.unavailable' });
    const closed = (await last(rosterStream(projectId))) as RecordedEvent<PublishedEvent>;
    const context = { signal: new AbortController().signal } as LogContext;
    for (let heard = 0; heard < 2; heard++) await new OperationsController(scene.ports).run(closed, context);
    expect((await scene.read(projectStream(projectId))).map(({ type }) => type)).toEqual(['ProjectCreated', 'ProjectRemoved']);
    expect([await project('Leavers'), await remove('remove', 1), await remove('another')]).toEqual([
      'accepted',
      'accepted',
      'project.unknown',
    ]);
  });
});
