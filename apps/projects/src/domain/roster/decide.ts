import { LINE_ITEMS_PER_EVENT, partNameFault, type LineItem, type RosterEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import { destinationKey, sourceKey, type Roster } from './state.js';

/** The ids are those of the project whose roster it is. */
export type RosterCommand = {
  readonly workgroupId: string;
  readonly customerId: string;
  readonly projectId: string;
  readonly at: string;
} & (
  | { readonly type: 'AddLineItems'; readonly items: readonly LineItem[] }
  /** Takes those whose address and PST name are free: mailboxes that come from another project. */
  | { readonly type: 'TakeLineItems'; readonly items: readonly LineItem[] }
  /** Holds another address and PST name for a mailbox, beside those that it has. */
  | { readonly type: 'ClaimLineItem'; readonly item: LineItem }
  /** Settles what a mailbox is; whatever else it held is free again. */
  | { readonly type: 'ChangeLineItem'; readonly item: LineItem }
  /** Before the project goes: nothing may be on its roster, and nothing is added from then on. */
  | { readonly type: 'CloseRoster' }
  | { readonly type: 'RemoveLineItems'; readonly mailboxJobIds: readonly string[] }
);

/** Two line items of a project may share neither a source nor a PST name. A bulk add is taken whole or not at all. `earlier` holds the
 *  line items that are on the project's own stream. */
export const decide = (command: RosterCommand, roster: Roster, earlier: Roster): Decision<RosterEvent> => {
  const { workgroupId, customerId, projectId, at } = command;
  const refs = { workgroupId, customerId, projectId };
  const added = (items: readonly LineItem[]): Decision<RosterEvent> =>
    accept(...chunks(items).map((some): RosterEvent => ({ type: 'LineItemsAdded', data: { ...refs, items: some, at } })));
  const isAdding = command.type === 'AddLineItems' || command.type === 'TakeLineItems';
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
    case 'TakeLineItems': {
      const refused = new Set(conflictsOf(command.items, roster, earlier).map((conflict) => Number(conflict.split(':')[0])));
      return added(
        command.items.filter(({ mailboxJobId }, row) => !refused.has(row) && findItem(mailboxJobId, roster, earlier) === undefined),
      );
    }
    case 'ClaimLineItem': {
      const conflicts = conflictsOf([command.item], roster, earlier);
      if (conflicts.length > 0) return reject('project.line-items-conflict', { conflicts });
      return accept({ type: 'LineItemClaimed', data: { ...refs, ...command.item, at } });
    }
    case 'ChangeLineItem': {
      const { mailboxJobId } = command.item;
      if (findItem(mailboxJobId, roster, earlier) === undefined) return accept();
      return accept({ type: 'LineItemChanged', data: { ...refs, ...command.item, at } });
    }
    case 'CloseRoster': {
      const mailboxes = [...allItems(roster, earlier)].length;
      if (mailboxes > 0) return reject('project.not-empty', { mailboxes });
      return roster.closed ? accept() : accept({ type: 'RosterClosed', data: { ...refs, at } });
    }
    case 'RemoveLineItems': {
      const there = command.mailboxJobIds.filter((mailboxJobId) => findItem(mailboxJobId, roster, earlier) !== undefined);
      return accept(
        ...chunks(there).map((some): RosterEvent => ({ type: 'LineItemsRemoved', data: { ...refs, mailboxJobIds: some, at } })),
      );
    }
    default:
      return assertNever(command);
  }
};

/** Every conflict as `<position>:<field>:<code>`; positions count from 0. A line item that is on the roster already is no conflict with itself. */
export const conflictsOf = (items: readonly LineItem[], roster: Roster, earlier: Roster): string[] => {
  const sources = new Set<string>();
  const destinations = new Set<string>();
  // What the roster says of a line item of the project's own stream comes first.
  const isStill = (holder: string): boolean => !roster.items.has(holder) && !roster.removed.has(holder);
  return items.flatMap(({ mailboxJobId, source, destination }, row) => {
    const found: string[] = [];
    const [sourceName, destinationName] = [sourceKey(source), destinationKey(destination)];
    const byOther = (of: 'sources' | 'destinations', name: string): boolean => {
      const [holder, before] = [roster[of].get(name), earlier[of].get(name)];
      return (holder !== undefined && holder !== mailboxJobId) || (before !== undefined && before !== mailboxJobId && isStill(before));
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

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / LINE_ITEMS_PER_EVENT) }, (_, n) =>
    items.slice(n * LINE_ITEMS_PER_EVENT, (n + 1) * LINE_ITEMS_PER_EVENT),
  );
