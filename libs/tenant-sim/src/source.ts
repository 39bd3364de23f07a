import type { MapiItem } from '@pstream/mapi';

/** A folder as a content source knows it. `parentId` is null for a child of the root; `count` is the number of listed items.
 *  `searchOf` makes it a search folder that shows the items of that folder; `recoverable` keeps it out of the mailbox API. */
export type SimFolder = {
  readonly id: string;
  readonly parentId: string | null;
  readonly displayName: string;
  readonly type: string | null;
  readonly wellKnownName: string | null;
  readonly isHidden: boolean;
  readonly count: number;
  readonly searchOf?: string;
  readonly recoverable?: boolean;
};

/** An item as a listing shows it. `ordinal` is its 0-based place in its folder and never changes; `size` is the store size in bytes;
 *  times are ISO 8601 in UTC; `version` grows by one with each change made while the simulator runs. */
export type SimItem = {
  readonly id: string;
  readonly folderId: string;
  readonly ordinal: number;
  readonly type: string;
  readonly size: number;
  readonly created: string;
  readonly modified: string;
  readonly changeKey: string;
  readonly categories: readonly string[];
  readonly version: number;
};

/** The contents of one mailbox: folders in memory, items by place or id, streams on demand. A source never changes;
 *  what happens to a mailbox while the simulator runs is laid over it. */
export interface MailboxSource {
  /** The Exchange guid, lower case. */
  readonly guid: string;
  /** The id of the root, seen only as a parent. */
  readonly rootId: string;
  /** All folders, parents before children. */
  folders(): readonly SimFolder[];
  /** The items at places `from` (inclusive) to `to` (exclusive) of a folder; fewer at its end. */
  items(folder: SimFolder, from: number, to: number): Promise<readonly SimItem[]>;
  /** The item of that id, or undefined. Ids are case-sensitive. */
  find(itemId: string): Promise<SimItem | undefined>;
  /** The whole export stream of an item, as exportItems carries it before base64. Faults: `dump.damaged`, `pst.*` (never). */
  stream(item: SimItem): Promise<Uint8Array>;
  /** The item's properties, for extended properties and MIME. */
  content(item: SimItem): Promise<MapiItem>;
  /** A further item behind the last one of the folder, for mail that arrives while the simulator runs;
   *  undefined where the source has no more than it holds. `extra` counts from 0. */
  another?(folder: SimFolder, extra: number): SimItem;
}

/** What a user object stands for: mailboxSettings.userPurpose. */
export type UserPurpose = 'user' | 'linked' | 'shared' | 'room' | 'equipment' | 'others';

/** A user object of the tenant; without `primary` it has no mailbox in Exchange Online. */
export type SimUser = {
  /** Directory object id, a guid. */
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly purpose: UserPurpose;
  readonly primary?: MailboxSource;
  readonly archive?: MailboxSource;
};

/** A tenant's users and contents. Made by `generatedTenant`, `dumpTenant` and `pstTenant`. */
export interface TenantSource {
  /** The directory's guid. */
  readonly tenantId: string;
  readonly users: readonly SimUser[];
  /** Closes files. */
  close(): Promise<void>;
}
