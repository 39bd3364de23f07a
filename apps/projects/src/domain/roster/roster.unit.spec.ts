import type { LineItem, ProjectEvent, RosterEvent } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decide, findItem, type RosterCommand } from './decide.js';
import { emptyRoster, evolve } from './state.js';

const at = '2026-03-01T00:00:00.000Z';
const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p' };
const item = (n: number, source = `user${n}@contoso.com`, destination = `user${n}.pst`): LineItem => ({
  mailboxJobId: String(n).padStart(26, '0'),
  source,
  destination,
});
const add = (...items: LineItem[]): RosterCommand => ({ type: 'AddLineItems', ...refs, items, at });
const added = (...items: LineItem[]): Extract<RosterEvent, { type: 'LineItemsAdded' }> => ({
  type: 'LineItemsAdded',
  data: { ...refs, items, at },
});
/** A roster of a project on whose own stream these events are. */
const roster = (...onProject: ProjectEvent[]) => {
  const earlier = onProject.reduce(evolve, emptyRoster());
  return decider<RosterCommand, RosterEvent, ReturnType<typeof emptyRoster>>({
    decide: (command, state) => decide(command, state, earlier),
    evolve,
    initial: emptyRoster(),
  });
};

describe('Bulk Add', () => {
  it('takes all rows', () =>
    roster()
      .given()
      .when(add(item(1), item(2)))
      .then(added(item(1), item(2))));
  it('names every conflict by row and field, and takes nothing', () => {
    roster()
      .given(added(item(1)))
      .when(
        add(item(2), item(3, 'USER1@contoso.com'), item(4, 'user4@contoso.com', 'User2.PST'), item(5, 'user5@contoso.com', 'user5.txt')),
      )
      .then(
        rejected('project.line-items-conflict', {
          conflicts: ['1:source:line-item.source-exists', '2:destination:line-item.destination-exists', '3:destination:part-name.not-pst'],
        }),
      );
  });
  it('counts what an earlier release added on the stream of the project', () => {
    roster(added(item(1)))
      .given(added(item(2)))
      .when(add(item(3, 'user1@contoso.com'), item(4, 'user4@contoso.com', 'user2.pst')))
      .then(
        rejected('project.line-items-conflict', {
          conflicts: ['0:source:line-item.source-exists', '1:destination:line-item.destination-exists'],
        }),
      );
  });
  it('leaves out rows that are on the roster already', () => {
    roster(added(item(1)))
      .given(added(item(2)))
      .when(add(item(1), item(2), item(3)))
      .then(added(item(3)));
  });
  it('cuts a large file into events that stay small', () => {
    const { decision } = roster()
      .given()
      .when(add(...Array.from({ length: 1001 }, (_, n) => item(n))));
    expect(decision.accepted && decision.events.map(({ data }) => 'items' in data && data.items.length)).toEqual([500, 500, 1]);
  });
});

describe('a line item', () => {
  it('is found on the roster, and on the stream of the project', () => {
    const earlier = evolve(emptyRoster(), added(item(1)));
    const own = evolve(emptyRoster(), added(item(2)));
    expect([1, 2, 3].map((n) => findItem(item(n).mailboxJobId, own, earlier))).toEqual([item(1), item(2), undefined]);
  });

  describe.each([
    ['of the roster', [], [added(item(1), item(2))]],
    ['of an earlier release', [added(item(1), item(2))], []],
  ] as const)('%s', (_where, onProject, onRoster) => {
    const given = (...events: RosterEvent[]) => roster(...onProject).given(...onRoster, ...events);
    const renamed = item(1, 'ada@contoso.com', 'ada.pst');
    const claimed: RosterEvent = { type: 'LineItemClaimed', data: { ...refs, ...renamed, at } };
    const changed: RosterEvent = { type: 'LineItemChanged', data: { ...refs, ...renamed, at } };
    const removed: RosterEvent = { type: 'LineItemsRemoved', data: { ...refs, mailboxJobIds: [item(1).mailboxJobId], at } };
    const conflict = (field: string) => rejected('project.line-items-conflict', { conflicts: [`0:${field}:line-item.${field}-exists`] });

    it('claims a free name', () =>
      given()
        .when({ type: 'ClaimLineItem', ...refs, item: renamed, at })
        .then(claimed));
    it('cannot claim the name of another', () => {
      given()
        .when({ type: 'ClaimLineItem', ...refs, item: item(1, 'ada@contoso.com', 'USER2.pst'), at })
        .then(conflict('destination'));
    });
    it('holds both names until it is changed', () => {
      given(claimed)
        .when(add(item(3, 'user3@contoso.com', 'Ada.pst')))
        .then(conflict('destination'));
      given(claimed)
        .when(add(item(3, 'user1@contoso.com')))
        .then(conflict('source'));
    });
    it('sets its old name free when it is changed', () => {
      given(claimed, changed)
        .when(add(item(3, 'user1@contoso.com', 'user1.pst')))
        .then(added(item(3, 'user1@contoso.com', 'user1.pst')));
      given(claimed, changed)
        .when(add(item(3, 'ADA@contoso.com')))
        .then(conflict('source'));
    });
    it('sets what it only claimed free when it is not changed', () => {
      const kept: RosterEvent = { type: 'LineItemChanged', data: { ...refs, ...item(1), at } };
      given(claimed, kept)
        .when(add(item(3, 'ada@contoso.com', 'ada.pst')))
        .then(added(item(3, 'ada@contoso.com', 'ada.pst')));
    });
    it('sets its names free when it is removed, and stays removed', () => {
      given()
        .when({ type: 'RemoveLineItems', ...refs, mailboxJobIds: [item(1).mailboxJobId, item(9).mailboxJobId], at })
        .then(removed);
      given(removed)
        .when(add(item(3, 'user1@contoso.com', 'user1.pst')))
        .then(added(item(3, 'user1@contoso.com', 'user1.pst')));
      given(removed)
        .when(add(item(1), item(3)))
        .then(added(item(3)));
      given(removed)
        .when({ type: 'RemoveLineItems', ...refs, mailboxJobIds: [item(1).mailboxJobId], at })
        .then();
    });
    it('that comes from another project is taken if its names are free', () => {
      given()
        .when({ type: 'TakeLineItems', ...refs, items: [item(5), item(6, 'user2@contoso.com')], at })
        .then(added(item(5)));
      given(removed)
        .when({ type: 'TakeLineItems', ...refs, items: [item(1)], at })
        .then(added(item(1)));
    });
  });
});
