import { LINE_ITEMS_PER_EVENT, partNameFault, type LineItem, type RosterEvent } from '@pstream/contracts';
import { accept, reject, type Decision } from '@pstream/kernel';
import { destinationKey, sourceKey, type Roster } from './state.js';

/** Bulk Add. The ids are those of the project that the line items join. */
export type RosterCommand = {
  readonly type: 'AddLineItems';
  readonly workgroupId: string;
  readonly customerId: string;
  readonly projectId: string;
  readonly items: readonly LineItem[];
  readonly at: string;
};

/** A bulk add is taken whole or not at all: two line items of a project may share neither a source nor a PST name. `earlier` holds the
 *  line items that are on the project's own stream. */
export const decide = (command: RosterCommand, roster: Roster, earlier: Roster): Decision<RosterEvent> => {
  const { workgroupId, customerId, projectId, items, at } = command;
  const conflicts = conflictsOf(items, roster, earlier);
  if (conflicts.length > 0) return reject('project.line-items-conflict', { conflicts });
  const fresh = items.filter(({ mailboxJobId }) => findItem(mailboxJobId, roster, earlier) === undefined);
  return accept(
    ...chunks(fresh).map(
      (some): RosterEvent => ({ type: 'LineItemsAdded', data: { workgroupId, customerId, projectId, items: some, at } }),
    ),
  );
};

/** Every conflict as `<position>:<field>:<code>`; positions count from 0. A line item that is on the roster already is no conflict with itself. */
export const conflictsOf = (items: readonly LineItem[], roster: Roster, earlier: Roster): string[] => {
  const sources = new Set<string>();
  const destinations = new Set<string>();
  return items.flatMap(({ mailboxJobId, source, destination }, row) => {
    const found: string[] = [];
    const [sourceName, destinationName] = [sourceKey(source), destinationKey(destination)];
    const byOther = (holder: string | undefined): boolean => holder !== undefined && holder !== mailboxJobId;
    const fault = partNameFault(destination);
    if (fault !== undefined) found.push(`${row}:destination:${fault.code}`);
    if (sources.has(sourceName) || byOther(roster.sources.get(sourceName)) || byOther(earlier.sources.get(sourceName)))
      found.push(`${row}:source:line-item.source-exists`);
    if (
      destinations.has(destinationName) ||
      byOther(roster.destinations.get(destinationName)) ||
      byOther(earlier.destinations.get(destinationName))
    )
      found.push(`${row}:destination:line-item.destination-exists`);
    sources.add(sourceName);
    destinations.add(destinationName);
    return found;
  });
};

/** The line item of a mailbox job. */
export const findItem = (mailboxJobId: string, ...rosters: readonly Roster[]): LineItem | undefined =>
  rosters.map(({ items }) => items.get(mailboxJobId)).find((item) => item !== undefined);

const chunks = (items: readonly LineItem[]): LineItem[][] =>
  Array.from({ length: Math.ceil(items.length / LINE_ITEMS_PER_EVENT) }, (_, n) =>
    items.slice(n * LINE_ITEMS_PER_EVENT, (n + 1) * LINE_ITEMS_PER_EVENT),
  );
