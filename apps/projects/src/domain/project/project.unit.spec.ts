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
const item = (n: number, source = `user${n}@contoso.com`, destination = `user${n}.pst`) => ({
  mailboxJobId: String(n).padStart(26, '0'),
  source,
  destination,
});
const add = (...items: ReturnType<typeof item>[]): ProjectCommand => ({ type: 'AddLineItems', projectId: 'p', items, at });
const added = (...items: ReturnType<typeof item>[]): ProjectEvent => ({
  type: 'LineItemsAdded',
  data: { workgroupId: 'w', customerId: 'c', projectId: 'p', items, at },
});
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

describe('Bulk Add', () => {
  it('takes all rows', () =>
    project
      .given(created)
      .when(add(item(1), item(2)))
      .then(added(item(1), item(2))));
  it('needs the project', () =>
    project
      .given()
      .when(add(item(1)))
      .then(rejected('project.unknown')));
  it('tells every conflict by row and field, and takes nothing', () => {
    project
      .given(created, added(item(1)))
      .when(
        add(item(2), item(3, 'USER1@contoso.com'), item(4, 'user4@contoso.com', 'User2.PST'), item(5, 'user5@contoso.com', 'user5.txt')),
      )
      .then(
        rejected('project.line-items-conflict', {
          conflicts: ['1:source:line-item.source-exists', '2:destination:line-item.destination-exists', '3:destination:part-name.not-pst'],
        }),
      );
  });
  it('cuts a large file into events that stay small', () => {
    const { decision } = project.given(created).when(add(...Array.from({ length: 1001 }, (_, n) => item(n))));
    expect(decision.accepted && decision.events.map((event) => (event.type === 'LineItemsAdded' ? event.data.items.length : 0))).toEqual([
      500, 500, 1,
    ]);
  });
});
