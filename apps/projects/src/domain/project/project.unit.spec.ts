import type { ProjectEvent } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decide, evolve, noProject, type ProjectCommand } from './decide.js';

const at = '2026-03-01T00:00:00.000Z';
const created: ProjectEvent = {
  type: 'ProjectCreated',
  data: {
    workgroupId: 'w',
    customerId: 'c',
    projectId: 'p',
    name: 'Leavers',
    type: 'mailbox',
    sourceEndpointId: 's',
    destinationEndpointId: 'd',
    container: 'mailboxes',
    partBytes: 1,
    at,
  },
};
const project = decider({ decide, evolve, initial: noProject });

describe('advanced options', () => {
  const change: ProjectCommand = { type: 'ChangeOptions', projectId: 'p', options: { folderFilter: ['^Inbox/'] }, at };
  const changed: ProjectEvent = {
    type: 'OptionsChanged',
    data: { workgroupId: 'w', customerId: 'c', projectId: 'p', options: { folderFilter: ['^Inbox/'] }, at },
  };
  it('can be changed', () => project.given(created).when(change).then(changed));
  it('need the project', () => project.given().when(change).then(rejected('project.unknown')));
  it('are those of now', () => {
    expect([created, changed].reduce(evolve, noProject)).toMatchObject({
      settings: { name: 'Leavers', options: { folderFilter: ['^Inbox/'] } },
    });
  });
});

describe('looking at the content of PSTs', () => {
  const ids = { workgroupId: 'w', customerId: 'c', projectId: 'p' };
  const command = (allowed: boolean): ProjectCommand => ({ type: 'SwitchViewing', projectId: 'p', allowed, at });
  const switched = (allowed: boolean): ProjectEvent => ({ type: 'ViewingSwitched', data: { ...ids, allowed, at } });
  it('is off at first, and switched on and off', () => {
    project.given(created).when(command(false)).then();
    project.given(created).when(command(true)).then(switched(true));
    project.given(created, switched(true)).when(command(true)).then();
    project.given(created, switched(true)).when(command(false)).then(switched(false));
  });
  it('needs the project', () => project.given().when(command(true)).then(rejected('project.unknown')));
});

describe('a project', () => {
  const { type: projectType, ...data } = created.data as Extract<ProjectEvent, { type: 'ProjectCreated' }>['data'];
  const create: ProjectCommand = { ...data, type: 'CreateProject', projectType };
  it('is created once', () => {
    project.given().when(create).then(created);
    project.given(created).when(create).then();
  });
  it('of an earlier release is read without the line items that are on its stream', () => {
    const added: ProjectEvent = {
      type: 'LineItemsAdded',
      data: {
        workgroupId: 'w',
        customerId: 'c',
        projectId: 'p',
        items: [{ mailboxJobId: 'm', source: 's@t.uv', destination: 's.pst' }],
        at,
      },
    };
    expect(project.given(created, added).state).toEqual(project.given(created).state);
  });
});

describe('a closed project', () => {
  const closed: ProjectEvent = { type: 'ProjectClosed', data: { workgroupId: 'w', customerId: 'c', projectId: 'p', at } };
  it('is closed once', () => {
    project.given(created).when({ type: 'CloseProject', projectId: 'p', at }).then(closed);
    project.given(created, closed).when({ type: 'CloseProject', projectId: 'p', at }).then();
    project.given().when({ type: 'CloseProject', projectId: 'p', at }).then(rejected('project.unknown'));
  });
  it('is changed no more, and may be removed', () => {
    const done = project.given(created, closed);
    done.when({ type: 'EditProject', projectId: 'p', name: 'x', at }).then(rejected('project.closed'));
    done.when({ type: 'ChangeOptions', projectId: 'p', options: {}, at }).then(rejected('project.closed'));
    expect(done.when({ type: 'RemoveProject', projectId: 'p', at }).decision).toMatchObject({ accepted: true });
  });
});

describe('a Discovery project', () => {
  const ids = { workgroupId: 'w', customerId: 'c', projectId: 'p' };
  const settings = { ...ids, name: 'Shares', destinationEndpointId: 'd', container: 'imports', at };
  const made: ProjectEvent = { type: 'DiscoveryProjectCreated', data: settings };
  const discovery = project.given(made);
  it('is created once', () => {
    project
      .given()
      .when({ type: 'CreateDiscoveryProject', ...settings })
      .then(made);
    discovery.when({ type: 'CreateDiscoveryProject', ...settings }).then();
  });
  it('gets another name and another destination, and has neither a source nor a part size', () => {
    const data = { ...ids, name: 'Old shares', destinationEndpointId: 'd', container: 'other', at };
    const edit = { type: 'EditProject', projectId: 'p', at } as const;
    discovery.when({ ...edit, name: 'Old shares', container: 'other' }).then({ type: 'DiscoveryProjectEdited', data });
    discovery.when({ ...edit, sourceEndpointId: 's' }).then(rejected('project.is-discovery'));
    discovery.when({ ...edit, partBytes: 2 ** 30 }).then(rejected('project.is-discovery'));
    expect(project.given(made, { type: 'DiscoveryProjectEdited', data }).state).toMatchObject({ settings: { container: 'other' } });
  });
  it('has no options and no PSTs to look into', () => {
    discovery.when({ type: 'ChangeOptions', projectId: 'p', options: {}, at }).then(rejected('project.is-discovery'));
    discovery.when({ type: 'SwitchViewing', projectId: 'p', allowed: true, at }).then(rejected('project.is-discovery'));
  });
  it('is closed and removed as any other', () => {
    const closed: ProjectEvent = { type: 'ProjectClosed', data: { ...ids, at } };
    discovery.when({ type: 'CloseProject', projectId: 'p', at }).then(closed);
    project.given(made, closed).when({ type: 'EditProject', projectId: 'p', name: 'x', at }).then(rejected('project.closed'));
    discovery.when({ type: 'RemoveProject', projectId: 'p', at }).then({ type: 'ProjectRemoved', data: { ...ids, at } });
    project.given(made, closed).when({ type: 'BeginRuns', projectId: 'p', at }).then(rejected('project.closed'));
  });
  it('is not removed once it has runs', () => {
    const begun: ProjectEvent = { type: 'FirstRunBegun', data: { ...ids, at } };
    discovery.when({ type: 'BeginRuns', projectId: 'p', at }).then(begun);
    project.given(made, begun).when({ type: 'BeginRuns', projectId: 'p', at }).then();
    project.given(made, begun).when({ type: 'RemoveProject', projectId: 'p', at }).then(rejected('project.has-runs'));
    project.given(created).when({ type: 'BeginRuns', projectId: 'p', at }).then(rejected('project.unknown'));
  });
});
