import { LINE_ITEMS_PER_EVENT, partNameFault, sameAddress, samePartName, type LineItem, type RosterEvent } from '@pstream/contracts';
import { accept, assertNever, chunksOf, reject, type Decision } from '@pstream/kernel';
import { claimsOf, type Roster } from './state.js';

/** Names for a mailbox, for what its own stream may say after version `jobVersion`. */
export type Wanted = { readonly item: LineItem; readonly jobVersion: number };

/** What the mailbox's own stream says at version `jobVersion`: its line item in this project, that it is not in it, or (undefined) nothing about it. */
export type Followed = { readonly mailboxJobId: string; readonly jobVersion: number; readonly item: LineItem | null | undefined };

/** The ids are those of the project whose roster it is. */
export type RosterCommand = {
  readonly workgroupId: string;
  readonly customerId: string;
  readonly projectId: string;
  readonly at: string;
} & (
  | { readonly type: 'AddLineItems'; readonly items: readonly LineItem[] }
  /** Holds names for mailboxes beside those that they have: for each whose names are free. With `all`, it is refused unless all of them are. */
  | { readonly type: 'ClaimLineItems'; readonly wanted: readonly Wanted[]; readonly by: string; readonly all: boolean }
  /** Follows what mailboxes are; whatever was claimed on the way there is free again, and so is what the command `by` claimed. */
  | { readonly type: 'FollowMailboxes'; readonly mailboxes: readonly Followed[]; readonly by: string }
  /** Before the project goes: nothing may be on its roster, and nothing is added from then on. */
  | { readonly type: 'CloseRoster' }
);

/** Two line items of a project may share neither a source nor a PST name. A bulk add is taken whole or not at all. `earlier` holds the
 *  line items that are on the project's own stream. */
export const decide = (command: RosterCommand, roster: Roster, earlier: Roster): Decision<RosterEvent> => {
  const { workgroupId, customerId, projectId, at } = command;
  const refs = { workgroupId, customerId, projectId };
  const added = (items: readonly LineItem[]): Decision<RosterEvent> =>
    accept(
      ...chunksOf(items, LINE_ITEMS_PER_EVENT).map((some): RosterEvent => ({ type: 'LineItemsAdded', data: { ...refs, items: some, at } })),
    );
  const isAdding = command.type === 'AddLineItems' || command.type === 'ClaimLineItems';
  if (roster.closed && isAdding) return reject('project.unknown', { projectId });
  switch (command.type) {
    case 'AddLineItems': {
      const conflicts = conflictsOf(command.items, roster, earlier);
      if (conflicts.length > 0) return reject('project.line-items-conflict', { conflicts });
      // What was removed since the same request was sent before stays removed.
      return added(
        command.items.filter(
          ({ mailboxJobId }) => findItem(mailboxJobId, roster, earlier) === undefined && !roster.removed.has(mailboxJobId),
        ),
      );
    }
    case 'ClaimLineItems': {
      const { wanted, by } = command;
      const conflicts = conflictsOf(
        wanted.map(({ item }) => item),
        roster,
        earlier,
      );
      if (command.all && conflicts.length > 0) return reject('project.line-items-conflict', { conflicts });
      const refused = new Set(conflicts.map((conflict) => Number(conflict.split(':')[0])));
      return accept(
        ...wanted
          .filter((one, row) => !refused.has(row) && !isClaimed(roster, by, one))
          .map(({ item, jobVersion }): RosterEvent => ({ type: 'LineItemClaimed', data: { ...refs, ...item, by, jobVersion, at } })),
      );
    }
    case 'FollowMailboxes':
      return accept(...followed(command.mailboxes, command.by, roster, earlier).map((make) => make({ ...refs, at })));
    case 'CloseRoster': {
      // One that holds names here and is not on the roster yet is on its way to it.
      const coming = [...roster.claims.keys()].filter((mailboxJobId) => findItem(mailboxJobId, roster, earlier) === undefined);
      const mailboxes = [...allItems(roster, earlier)].length + coming.length;
      if (mailboxes > 0) return reject('project.not-empty', { mailboxes });
      return roster.closed ? accept() : accept({ type: 'RosterClosed', data: { ...refs, at } });
    }
    default:
      return assertNever(command);
  }
};

/** Whether the mailbox holds these names by a claim of this command for this version. */
export const isClaimed = (roster: Roster, by: string, { item, jobVersion }: Wanted): boolean =>
  claimsOf(roster, item.mailboxJobId).some((claim) => claim.by === by && claim.jobVersion === jobVersion && isSame(claim.item, item));

const isSame = (a: LineItem | undefined, b: LineItem): boolean => a?.source === b.source && a.destination === b.destination;

type Refs = Pick<RosterEvent['data'], 'workgroupId' | 'customerId' | 'projectId' | 'at'>;

/** What changes on the roster. It does not go back to an earlier version of a mailbox than it has followed. */
const followed = (mailboxes: readonly Followed[], by: string, roster: Roster, earlier: Roster): ((refs: Refs) => RosterEvent)[] => {
  const [added, changed, removed, released]: [Followed[], Followed[], Followed[], Followed[]] = [[], [], [], []];
  for (const one of mailboxes) {
    const { mailboxJobId, item } = one;
    const known = roster.versions.get(mailboxJobId) ?? 0;
    const jobVersion = Math.max(one.jobVersion, known);
    const before = findItem(mailboxJobId, roster, earlier);
    const claims = claimsOf(roster, mailboxJobId);
    const change = one.jobVersion < known ? undefined : listOf();
    change?.push(one);
    const left = change === undefined ? claims : claims.filter((claim) => claim.jobVersion >= jobVersion);
    if (left.some((claim) => claim.by === by || claim.jobVersion < jobVersion)) released.push({ ...one, jobVersion });

    function listOf(): Followed[] | undefined {
      if (item === undefined) return undefined;
      if (item === null) return before === undefined ? undefined : removed;
      if (before === undefined) return added;
      return !isSame(before, item) || claims.some((claim) => claim.jobVersion < jobVersion) ? changed : undefined;
    }
  }
  const idsOf = (some: readonly Followed[]): string[] => some.map(({ mailboxJobId }) => mailboxJobId);
  const versionsOf = (some: readonly Followed[]): number[] => some.map(({ jobVersion }) => jobVersion);
  const itemOf = ({ item }: Followed): LineItem[] => (item === undefined || item === null ? [] : [item]);
  return [
    ...chunksOf(added, LINE_ITEMS_PER_EVENT).map(
      (some) =>
        (refs: Refs): RosterEvent => ({
          type: 'LineItemsAdded',
          data: { ...refs, items: some.flatMap(itemOf), jobVersions: versionsOf(some) },
        }),
    ),
    ...changed.flatMap((one) =>
      itemOf(one).map(
        (item) =>
          (refs: Refs): RosterEvent => ({
            type: 'LineItemChanged',
            data: { ...refs, ...item, jobVersion: one.jobVersion },
          }),
      ),
    ),
    ...chunksOf(removed, LINE_ITEMS_PER_EVENT).map(
      (some) =>
        (refs: Refs): RosterEvent => ({
          type: 'LineItemsRemoved',
          data: { ...refs, mailboxJobIds: idsOf(some), jobVersions: versionsOf(some) },
        }),
    ),
    ...chunksOf(released, LINE_ITEMS_PER_EVENT).map(
      (some) =>
        (refs: Refs): RosterEvent => ({
          type: 'LineItemClaimsReleased',
          data: { ...refs, mailboxJobIds: idsOf(some), jobVersions: versionsOf(some), by },
        }),
    ),
  ];
};

/** Every conflict as `<position>:<field>:<code>`; positions count from 0. A line item that is on the roster already is no conflict with itself. */
export const conflictsOf = (items: readonly LineItem[], roster: Roster, earlier: Roster): string[] => {
  const sources = new Set<string>();
  const destinations = new Set<string>();
  return items.flatMap(({ mailboxJobId, source, destination }, row) => {
    const found: string[] = [];
    const [sourceName, destinationName] = [sameAddress(source), samePartName(destination)];
    const byOther = (of: 'sources' | 'destinations', name: string): boolean => {
      const holder = holderOf(of, name, roster, earlier);
      return holder !== undefined && holder !== mailboxJobId;
    };
    const fault = partNameFault(destination);
    if (fault !== undefined) found.push(`${row}:destination:${fault.code}`);
    if (sources.has(sourceName) || byOther('sources', sourceName)) found.push(`${row}:source:line-item.source-exists`);
    if (destinations.has(destinationName) || byOther('destinations', destinationName))
      found.push(`${row}:destination:line-item.destination-exists`);
    sources.add(sourceName);
    destinations.add(destinationName);
    return found;
  });
};

/** The mailbox that has a name, by the key of the name. What the roster says of a line item of the project's own stream comes first. */
export const holderOf = (of: 'sources' | 'destinations', key: string, roster: Roster, earlier: Roster): string | undefined => {
  const [holder, before] = [roster[of].get(key), earlier[of].get(key)];
  if (holder !== undefined || before === undefined) return holder;
  return roster.items.has(before) || roster.removed.has(before) ? undefined : before;
};

/** The line item of a mailbox job. */
export const findItem = (mailboxJobId: string, roster: Roster, earlier: Roster): LineItem | undefined =>
  roster.items.get(mailboxJobId) ?? (roster.removed.has(mailboxJobId) ? undefined : earlier.items.get(mailboxJobId));

/** Every line item of a project, in the order in which they were added. */
export const allItems = function* (roster: Roster, earlier: Roster): Generator<LineItem> {
  for (const { mailboxJobId } of earlier.items.values()) {
    const item = findItem(mailboxJobId, roster, earlier);
    if (item !== undefined) yield item;
  }
  for (const item of roster.items.values()) if (!earlier.items.has(item.mailboxJobId)) yield item;
};
