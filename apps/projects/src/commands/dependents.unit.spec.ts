import { customerStream, dependentsStream, discoveryRunStream, endpointStream, projectStream, type CommandReply } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { customerId, projectId, Scene, sourceId, targetId } from '../operations/operations.fixture.js';
import { customers, discoveryRuns, endpoints, projects } from './aggregates.js';
import { addEndpoint, createCustomer, createDiscoveryProject, createProject } from './catalogue.js';
import { editProject, removeCustomer, removeEndpoint, removeProject } from './changes.js';
import { beginDiscoveryRun } from './discovery.js';
import { load } from './ports.js';

const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string, expectedVersion?: number) => ({
  commandId: deriveId('command', name),
  by: 'token',
  at,
  ...(expectedVersion === undefined ? {} : { expectedVersion }),
});
const [emptyId, spareId, newId, runId] = ['empty', 'spare', 'new', 'run'].map((name) => deriveId('test', name)) as [
  string,
  string,
  string,
  string,
];
const workgroupId = 'default';

let scene: Scene;
const start = async (): Promise<void> => {
  scene = await new Scene().prepare(1);
  await createCustomer(scene.ports, meta('empty'), { workgroupId, customerId: emptyId, name: 'Fabrikam' });
  await add(spareId, customerId);
};
const codeOf = async (reply: Promise<CommandReply>): Promise<string> => {
  const answer = await reply;
  return answer.accepted ? 'accepted' : answer.rejection.code;
};
const add = (endpointId: string, of: string): Promise<string> =>
  codeOf(
    addEndpoint(scene.ports, meta(`add ${endpointId}`), {
      workgroupId,
      customerId: of,
      endpointId,
      name: endpointId,
      config: { kind: 'folder', path: '/spare' },
    }),
  );
const create = (destinationEndpointId: string, name = 'New'): Promise<string> =>
  codeOf(
    createProject(scene.ports, meta('create'), {
      workgroupId,
      customerId,
      projectId: newId,
      name,
      type: 'archive',
      sourceEndpointId: sourceId,
      destinationEndpointId,
      container: 'x-y',
      partBytes: 2 ** 20,
    }),
  );
const discover = (destinationEndpointId: string): Promise<string> =>
  codeOf(
    createDiscoveryProject(scene.ports, meta('discover'), {
      workgroupId,
      customerId,
      projectId: newId,
      name: 'Shares',
      destinationEndpointId,
      container: 'imports',
    }),
  );
const edit = (name: string, destinationEndpointId: string, expectedVersion?: number): Promise<string> =>
  codeOf(editProject(scene.ports, meta(name, expectedVersion), { projectId, destinationEndpointId }));
const removeEmpty = (): Promise<string> => codeOf(removeCustomer(scene.ports, meta('remove'), { customerId: emptyId }));
const removeSpare = (name = 'remove'): Promise<string> =>
  codeOf(removeEndpoint(scene.ports, meta(name), { customerId, endpointId: spareId }));

/** Runs `other` where `first` is about to append for the nth time. */
const meeting = async (nth: number, first: () => Promise<string>, other: () => Promise<string>): Promise<readonly string[]> => {
  const append = scene.ports.store.append.bind(scene.ports.store);
  let [count, met] = [0, 'not met'];
  scene.ports.store.append = async (commit) => {
    if (++count === nth) met = await other();
    return append(commit);
  };
  const answer = await first();
  scene.ports.store.append = append;
  return [answer, met];
};

type Pair = {
  readonly prepare?: () => Promise<string>;
  readonly make: () => Promise<string>;
  readonly remove: () => Promise<string>;
  readonly isOrphaned: () => Promise<boolean>;
};

/** What is left when a removal and what would depend on what is removed meet. */
const PAIRS = {
  'a customer and its endpoint': {
    make: () => add(newId, emptyId),
    remove: removeEmpty,
    isOrphaned: async () =>
      (await load(scene.ports, endpoints, endpointStream(newId))).is === 'endpoint' &&
      (await load(scene.ports, customers, customerStream(emptyId))).is === 'removed',
  },
  'an endpoint and a project that is made with it': {
    make: () => create(spareId),
    remove: removeSpare,
    isOrphaned: async () =>
      (await load(scene.ports, projects, projectStream(newId))).is === 'project' &&
      (await load(scene.ports, endpoints, endpointStream(spareId))).is === 'removed',
  },
  'an endpoint and a Discovery project that is made with it': {
    make: () => discover(spareId),
    remove: removeSpare,
    isOrphaned: async () =>
      (await load(scene.ports, projects, projectStream(newId))).is === 'discovery' &&
      (await load(scene.ports, endpoints, endpointStream(spareId))).is === 'removed',
  },
  'a Discovery project and its first run': {
    prepare: () => discover(targetId),
    make: () =>
      codeOf(
        beginDiscoveryRun(scene.ports, meta('run'), {
          projectId: newId,
          runId,
          computer: 'pc7',
          destination: '/mnt/imports',
          plan: { rows: 0, toUpload: 0, bytes: 0 },
        }),
      ),
    remove: () => codeOf(removeProject(scene.ports, meta('remove'), { projectId: newId })),
    isOrphaned: async () =>
      (await load(scene.ports, discoveryRuns, discoveryRunStream(runId))).is !== 'none' &&
      (await load(scene.ports, projects, projectStream(newId))).is === 'removed',
  },
  'an endpoint and a project that gets it': {
    make: () => edit('edit', spareId),
    remove: removeSpare,
    isOrphaned: async () => {
      const project = await load(scene.ports, projects, projectStream(projectId));
      return (
        project.is === 'project' &&
        project.settings.destinationEndpointId === spareId &&
        (await load(scene.ports, endpoints, endpointStream(spareId))).is === 'removed'
      );
    },
  },
};

describe.each(Object.entries<Pair>(PAIRS))('%s', (_name, { prepare, make, remove, isOrphaned }) => {
  it('do not miss each other, wherever they meet', async () => {
    const answers = new Set<string>();
    for (const [first, other] of [
      [make, remove],
      [remove, make],
    ] as const)
      for (let nth = 1, met = true; met; nth++) {
        await start();
        await prepare?.();
        const both = await meeting(nth, first, other);
        expect(await isOrphaned()).toBe(false);
        met = both[1] !== 'not met';
        if (met) answers.add([...both].sort().join(' '));
      }
    // One of the two is always refused.
    expect([...answers].every((both) => both.startsWith('accepted ') && !both.endsWith(' accepted'))).toBe(true);
  });
});

describe('what depends on something', () => {
  beforeEach(start);

  it('keeps a customer that has an endpoint or a project, and an endpoint that an open project uses', async () => {
    expect(await codeOf(removeCustomer(scene.ports, meta('whole'), { customerId }))).toBe('customer.not-empty');
    expect(await codeOf(removeEndpoint(scene.ports, meta('used'), { customerId, endpointId: targetId }))).toBe('endpoint.in-use');
    expect(await edit('away', spareId)).toBe('accepted');
    expect(await removeSpare()).toBe('endpoint.in-use');
    expect(await codeOf(removeEndpoint(scene.ports, meta('unused'), { customerId, endpointId: targetId }))).toBe('accepted');
  });

  it('lets go once it is gone', async () => {
    expect(await create(spareId)).toBe('accepted');
    expect(await removeSpare('early')).toBe('endpoint.in-use');
    expect(await codeOf(removeProject(scene.ports, meta('project'), { projectId: newId }))).toBe('accepted');
    expect(await removeSpare('late')).toBe('accepted');
    expect(await removeSpare('late')).toBe('accepted');
    expect(await removeSpare('again')).toBe('endpoint.unknown');
  });

  it('leaves nothing behind where it was refused, and is noted again when it is sent again', async () => {
    expect(await create(spareId, 'Leavers')).toBe('project.name-taken');
    expect(await create(spareId, 'Leavers')).toBe('project.name-taken');
    expect((await scene.read(dependentsStream(spareId))).map(({ type }) => type)).toEqual([
      'DependentAdded',
      'DependentDropped',
      'DependentAdded',
      'DependentDropped',
    ]);
    expect(await removeSpare()).toBe('accepted');
  });

  it('is noted before it is made: whoever dies in between keeps what it depends on, and finishes', async () => {
    scene.faults.appends = 0;
    // The three notes and the name are there, the project is not.
    scene.faults.fail = (nth) => (nth === 5 ? 'before' : undefined);
    await expect(create(spareId)).rejects.toMatchObject({ code: 'event-store.unavailable' });
    scene.faults.fail = () => undefined;
    expect(await removeSpare('early')).toBe('endpoint.in-use');
    expect(await create(spareId)).toBe('accepted');
  });

  it('has a removal that was interrupted finish, whatever version its sender has seen', async () => {
    const remove = (): Promise<string> => codeOf(removeCustomer(scene.ports, meta('remove', 1), { customerId: emptyId }));
    expect(await codeOf(removeCustomer(scene.ports, meta('stale', 7), { customerId: emptyId }))).toBe('stream.version-mismatch');
    scene.faults.appends = 0;
    scene.faults.fail = (nth) => (nth === 2 ? 'before' : undefined);
    await expect(remove()).rejects.toMatchObject({ code: 'event-store.unavailable' });
    scene.faults.fail = () => undefined;
    expect(await add(newId, emptyId)).toBe('customer.unknown');
    expect([await remove(), await remove()]).toEqual(['accepted', 'accepted']);
  });
});
