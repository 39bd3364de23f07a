import { sameAddress, samePartName, type LineItem, type ProjectEvent, type RosterEvent } from '@pstream/contracts';

/** Names that a mailbox holds beside those of its line item, while it is being changed. */
export type Claim = {
  readonly item: LineItem;
  /** The command that claimed them; '' for those of releases up to 0.3.0. */
  readonly by: string;
  /** The version of the mailbox's own stream that the command decides on: no later version can be made by it. */
  readonly jobVersion: number;
};

/** The line items of a project, and who holds each source address and each PST name. The maps belong to the fold that made them. */
export type Roster = {
  readonly items: Map<string, LineItem>;
  /** Mailbox job by source address, as `sameAddress` makes it. */
  readonly sources: Map<string, string>;
  /** Mailbox job by PST name, as `samePartName` makes it. */
  readonly destinations: Map<string, string>;
  readonly claims: Map<string, readonly Claim[]>;
  /** The version of a mailbox's own stream that the roster has followed; nothing where it has followed none. */
  readonly versions: Map<string, number>;
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
  versions: new Map(),
  removed: new Set(),
  closed: false,
});

/** Records which line items there are. It reads the roster's own stream, and the project's, where releases up to 0.2.0 kept them. */
export const evolve = (roster: Roster, event: ProjectEvent | RosterEvent): Roster => {
  switch (event.type) {
    case 'LineItemsAdded': {
      const { items, jobVersions } = event.data;
      for (const [at, item] of items.entries()) follow(roster, item.mailboxJobId, jobVersions?.[at], item);
      return roster;
    }
    case 'LineItemClaimed': {
      const { mailboxJobId, source, destination, by = '', jobVersion = 0 } = event.data;
      const claim: Claim = { item: { mailboxJobId, source, destination }, by, jobVersion };
      roster.claims.set(mailboxJobId, [...claimsOf(roster, mailboxJobId), claim]);
      hold(roster, claim.item);
      return roster;
    }
    case 'LineItemChanged': {
      const { mailboxJobId, jobVersion } = event.data;
      if (jobVersion === undefined) release(roster, mailboxJobId, () => true);
      follow(roster, mailboxJobId, jobVersion, event.data);
      return roster;
    }
    case 'LineItemClaimsReleased': {
      const { mailboxJobIds, jobVersions, by } = event.data;
      for (const [at, mailboxJobId] of mailboxJobIds.entries()) {
        release(roster, mailboxJobId, (claim) => claim.by === by);
        heardUpTo(roster, mailboxJobId, jobVersions[at]);
      }
      return roster;
    }
    case 'LineItemsRemoved': {
      const { mailboxJobIds, jobVersions } = event.data;
      for (const [at, mailboxJobId] of mailboxJobIds.entries()) {
        if (jobVersions === undefined) release(roster, mailboxJobId, () => true);
        follow(roster, mailboxJobId, jobVersions?.[at], undefined);
      }
      return roster;
    }
    case 'RosterClosed':
      return { ...roster, closed: true };
    default:
      return roster;
  }
};

export const claimsOf = ({ claims }: Roster, mailboxJobId: string): readonly Claim[] => claims.get(mailboxJobId) ?? [];

/** Has the roster follow a mailbox: this is its line item now, or it has none here. */
const follow = (roster: Roster, mailboxJobId: string, jobVersion: number | undefined, item: LineItem | undefined): void => {
  const before = roster.items.get(mailboxJobId);
  if (item === undefined) {
    roster.items.delete(mailboxJobId);
    roster.removed.add(mailboxJobId);
  } else {
    const { source, destination } = item;
    roster.items.set(mailboxJobId, { mailboxJobId, source, destination });
    roster.removed.delete(mailboxJobId);
    hold(roster, item);
  }
  if (before !== undefined) freeUnused(roster, before);
  heardUpTo(roster, mailboxJobId, jobVersion);
};

/** What was claimed on the way to this version has become the line item, or never will. */
const heardUpTo = (roster: Roster, mailboxJobId: string, jobVersion: number | undefined): void => {
  if (jobVersion === undefined) return;
  roster.versions.set(mailboxJobId, jobVersion);
  release(roster, mailboxJobId, (claim) => claim.jobVersion < jobVersion);
};

const hold = ({ sources, destinations }: Roster, { mailboxJobId, source, destination }: LineItem): void => {
  sources.set(sameAddress(source), mailboxJobId);
  destinations.set(samePartName(destination), mailboxJobId);
};

/** Takes claims back. */
const release = (roster: Roster, mailboxJobId: string, isOver: (claim: Claim) => boolean): void => {
  const all = claimsOf(roster, mailboxJobId);
  const kept = all.filter((claim) => !isOver(claim));
  if (kept.length === all.length) return;
  if (kept.length === 0) roster.claims.delete(mailboxJobId);
  else roster.claims.set(mailboxJobId, kept);
  for (const claim of all) if (isOver(claim)) freeUnused(roster, claim.item);
};

/** Frees of these names what the mailbox holds neither by its line item nor by a claim. */
const freeUnused = (roster: Roster, { mailboxJobId, source, destination }: LineItem): void => {
  const { items, sources, destinations } = roster;
  const item = items.get(mailboxJobId);
  const held = [...(item === undefined ? [] : [item]), ...claimsOf(roster, mailboxJobId).map((claim) => claim.item)];
  const [sourceName, destinationName] = [sameAddress(source), samePartName(destination)];
  if (sources.get(sourceName) === mailboxJobId && held.every((one) => sameAddress(one.source) !== sourceName)) sources.delete(sourceName);
  if (destinations.get(destinationName) === mailboxJobId && held.every((one) => samePartName(one.destination) !== destinationName))
    destinations.delete(destinationName);
};
