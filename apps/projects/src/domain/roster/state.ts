import { sameAddress, type LineItem, type ProjectEvent } from '@pstream/contracts';

/** The line items of a project, and who holds each source address and each PST name. The maps belong to the fold that made them. */
export type Roster = {
  readonly items: Map<string, LineItem>;
  /** Mailbox job by source address, as `sourceKey` makes it. */
  readonly sources: Map<string, string>;
  /** Mailbox job by PST name, as `destinationKey` makes it. */
  readonly destinations: Map<string, string>;
};

export const emptyRoster = (): Roster => ({ items: new Map(), sources: new Map(), destinations: new Map() });

/** Addresses are compared without regard to case. */
export const sourceKey = sameAddress;

/** File systems and people do not tell names apart by case. */
export const destinationKey = (name: string): string => name.normalize('NFC').toLowerCase();

/** Records which line items there are. It reads the roster's own stream, and the project's, where releases up to 0.2.0 kept them. */
export const evolve = (roster: Roster, event: ProjectEvent): Roster => {
  if (event.type !== 'LineItemsAdded') return roster;
  for (const item of event.data.items) {
    roster.items.set(item.mailboxJobId, item);
    roster.sources.set(sourceKey(item.source), item.mailboxJobId);
    roster.destinations.set(destinationKey(item.destination), item.mailboxJobId);
  }
  return roster;
};
