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
    const claimed = (jobVersion = 0, by = 'edit', names = renamed): RosterEvent => ({
      type: 'LineItemClaimed',
      data: { ...refs, ...names, by, jobVersion, at },
    });
    const changed = (jobVersion = 1, names = renamed): RosterEvent => ({
      type: 'LineItemChanged',
      data: { ...refs, ...names, jobVersion, at },
    });
    const removed = (jobVersion = 1): RosterEvent => ({
      type: 'LineItemsRemoved',
      data: { ...refs, mailboxJobIds: [item(1).mailboxJobId], jobVersions: [jobVersion], at },
    });
    const released = (jobVersion: number, by = 'edit'): RosterEvent => ({
      type: 'LineItemClaimsReleased',
      data: { ...refs, mailboxJobIds: [item(1).mailboxJobId], jobVersions: [jobVersion], by, at },
    });
    const conflict = (field: string) => rejected('project.line-items-conflict', { conflicts: [`0:${field}:line-item.${field}-exists`] });
    const claim = (all: boolean, ...items: LineItem[]): RosterCommand => ({
      type: 'ClaimLineItems',
      ...refs,
      wanted: items.map((one) => ({ item: one, jobVersion: 0 })),
      by: 'edit',
      all,
      at,
    });
    /** Its own stream says this of the first mailbox at that version. */
    const follow = (jobVersion: number, names: LineItem | null | undefined, by = 'edit'): RosterCommand => ({
      type: 'FollowMailboxes',
      ...refs,
      mailboxes: [{ mailboxJobId: item(1).mailboxJobId, jobVersion, item: names }],
      by,
      at,
    });
    const free = add(item(3, 'ada@contoso.com', 'ada.pst'));
    const isFree = added(item(3, 'ada@contoso.com', 'ada.pst'));

    it('claims free names, and once', () => {
      given().when(claim(true, renamed)).then(claimed());
      given(claimed()).when(claim(true, renamed)).then();
    });
    it('cannot claim the name of another', () => {
      given()
        .when(claim(true, item(1, 'ada@contoso.com', 'USER2.pst')))
        .then(conflict('destination'));
    });
    it('is claimed for as far as its names are free when it comes with others', () => {
      given()
        .when(claim(false, item(5), item(6, 'user2@contoso.com')))
        .then(claimed(0, 'edit', item(5)));
      given(removed())
        .when(claim(false, item(1)))
        .then(claimed(0, 'edit', item(1)));
    });
    it('holds both names until its stream is followed', () => {
      given(claimed())
        .when(add(item(3, 'user3@contoso.com', 'Ada.pst')))
        .then(conflict('destination'));
      given(claimed())
        .when(add(item(3, 'user1@contoso.com')))
        .then(conflict('source'));
    });
    it('sets its old name free when it is changed', () => {
      given(claimed(), changed())
        .when(add(item(3, 'user1@contoso.com', 'user1.pst')))
        .then(added(item(3, 'user1@contoso.com', 'user1.pst')));
      given(claimed(), changed())
        .when(add(item(3, 'ADA@contoso.com')))
        .then(conflict('source'));
    });
    it('sets what it only claimed free when it is not changed', () => {
      given(claimed()).when(follow(0, undefined)).then(released(0));
      given(claimed())
        .when(follow(1, item(1)))
        .then(changed(1, item(1)));
      for (const over of [released(0), changed(1, item(1))]) given(claimed(), over).when(free).then(isFree);
    });
    it('keeps what somebody else claims when it is changed', () => {
      const other = claimed(1, 'another', item(1, 'eve@contoso.com', 'user1.pst'));
      given(claimed(), other, changed())
        .when(add(item(3, 'eve@contoso.com')))
        .then(conflict('source'));
      given(claimed(), other, changed())
        .when(add(item(3, 'user3@contoso.com', 'user1.pst')))
        .then(conflict('destination'));
      given(claimed(), other, changed()).when(follow(1, renamed)).then();
      given(claimed(), other, changed())
        .when(follow(1, renamed, 'another'))
        .then(released(1, 'another'));
    });
    it('follows to no earlier version', () => {
      given(claimed(), changed(4))
        .when(follow(3, item(1)))
        .then();
      given(claimed(), changed(4)).when(follow(3, null)).then();
      given(claimed(), removed(4)).when(follow(3, renamed)).then();
      given(changed(4), claimed(4))
        .when(follow(3, item(1)))
        .then(released(4));
    });
    it('sets its names free when it is removed, and stays removed', () => {
      given().when(follow(1, null)).then(removed());
      given(claimed(), removed()).when(free).then(isFree);
      given(removed())
        .when(add(item(3, 'user1@contoso.com', 'user1.pst')))
        .then(added(item(3, 'user1@contoso.com', 'user1.pst')));
      given(removed())
        .when(add(item(1), item(3)))
        .then(added(item(3)));
      given(removed()).when(follow(1, null)).then();
    });
    it('that comes from another project is added when it has arrived', () => {
      given(removed())
        .when(follow(2, item(1)))
        .then({ type: 'LineItemsAdded', data: { ...refs, items: [item(1)], jobVersions: [2], at } });
    });
    it('that is on its way keeps the roster open', () => {
      const close: RosterCommand = { type: 'CloseRoster', ...refs, at };
      roster()
        .given(claimed())
        .when(close)
        .then(rejected('project.not-empty', { mailboxes: 1 }));
      roster()
        .given(claimed(), released(0))
        .when(close)
        .then({ type: 'RosterClosed', data: { ...refs, at } });
      roster()
        .given({ type: 'RosterClosed', data: { ...refs, at } })
        .when(claim(false, item(1)))
        .then(rejected('project.unknown', { projectId: 'p' }));
    });
    it('of an earlier release frees all that it holds when it is changed or removed', () => {
      const { by: _by, jobVersion: _at, ...before } = (claimed() as Extract<RosterEvent, { type: 'LineItemClaimed' }>).data;
      const old: RosterEvent = { type: 'LineItemClaimed', data: before };
      given(old, { type: 'LineItemChanged', data: { ...refs, ...item(1), at } })
        .when(free)
        .then(isFree);
      given(old, { type: 'LineItemsRemoved', data: { ...refs, mailboxJobIds: [item(1).mailboxJobId], at } })
        .when(free)
        .then(isFree);
    });
  });
});
