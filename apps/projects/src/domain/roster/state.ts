import { sameAddress, type LineItem, type ProjectEvent, type RosterEvent } from '@pstream/contracts';

/** The line items of a project, and who holds each source address and each PST name. The maps belong to the fold that made them. */
export type Roster = {
  readonly items: Map<string, LineItem>;
  /** Mailbox job by source address, as `sourceKey` makes it. */
  readonly sources: Map<string, string>;
  /** Mailbox job by PST name, as `destinationKey` makes it. */
  readonly destinations: Map<string, string>;
  /** What mailboxes hold beside their line items, while these are being changed. */
  readonly claims: Map<string, readonly LineItem[]>;
  /** Mailbox jobs that were removed, or moved to another project. */
  readonly removed: Set<string>;
  /** Whether the project is gone, or about to go. */
  readonly closed: boolean;
};

export const emptyRoster = (): Roster => ({
  items: new Map(),
  sources: new Map(),
  destinations: new Map(),
  claims: new Map(),
  removed: new Set(),
  closed: false,
});

/** Addresses are compared without regard to case. */
export const sourceKey = sameAddress;

/** File systems and people do not tell names apart by case. */
export const destinationKey = (name: string): string => name.normalize('NFC').toLowerCase();

/** Records which line items there are. It reads the roster's own stream, and the project's, where releases up to 0.2.0 kept them. */
export const evolve = (roster: Roster, event: ProjectEvent | RosterEvent): Roster => {
  switch (event.type) {
    case 'LineItemsAdded':
      for (const item of event.data.items) place(roster, item);
      return roster;
    case 'LineItemClaimed': {
      const { mailboxJobId, source, destination } = event.data;
      roster.claims.set(mailboxJobId, [...(roster.claims.get(mailboxJobId) ?? []), { mailboxJobId, source, destination }]);
      hold(roster, event.data);
      return roster;
    }
    case 'LineItemChanged':
      release(roster, event.data.mailboxJobId);
      place(roster, event.data);
      return roster;
    case 'LineItemsRemoved':
      for (const mailboxJobId of event.data.mailboxJobIds) {
        release(roster, mailboxJobId);
        roster.items.delete(mailboxJobId);
        roster.removed.add(mailboxJobId);
      }
      return roster;
    case 'RosterClosed':
      return { ...roster, closed: true };
    default:
      return roster;
  }
};

const place = (roster: Roster, { mailboxJobId, source, destination }: LineItem): void => {
  roster.items.set(mailboxJobId, { mailboxJobId, source, destination });
  roster.removed.delete(mailboxJobId);
  hold(roster, { mailboxJobId, source, destination });
};

const hold = ({ sources, destinations }: Roster, { mailboxJobId, source, destination }: LineItem): void => {
  sources.set(sourceKey(source), mailboxJobId);
  destinations.set(destinationKey(destination), mailboxJobId);
};

/** Frees whatever a mailbox holds. */
const release = ({ items, sources, destinations, claims }: Roster, mailboxJobId: string): void => {
  const item = items.get(mailboxJobId);
  for (const { source, destination } of [...(item === undefined ? [] : [item]), ...(claims.get(mailboxJobId) ?? [])]) {
    if (sources.get(sourceKey(source)) === mailboxJobId) sources.delete(sourceKey(source));
    if (destinations.get(destinationKey(destination)) === mailboxJobId) destinations.delete(destinationKey(destination));
  }
  claims.delete(mailboxJobId);
};
