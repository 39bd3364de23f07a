import type { Backoff, Clock, Fault, Random } from '@pstream/kernel';

/** How the app proves who it is: a client secret, or a certificate named by its SHA-256 thumbprint (hex) with its PEM key (PKCS #8). */
export type TenantCredential =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'certificate'; readonly thumbprintSha256: string; readonly privateKeyPem: string };

/** One app registration in one tenant. The URLs are origins; plain http is accepted for loopback only. */
export type TenantConnection = {
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: TenantCredential;
  /** Default https://login.microsoftonline.com. */
  readonly authorityUrl?: string;
  /** Default https://graph.microsoft.com. */
  readonly graphUrl?: string;
};

/** The API version that serves a mailbox: v1.0 for primary and shared mailboxes, beta for archives. */
export type GraphVersion = 'v1.0' | 'beta';

/** One physical mailbox. `id` is opaque (`MBX:<guid>@<tenant>`) and never an address. */
export type MailboxRef = { readonly id: string; readonly version: GraphVersion };

/** A directory user. Addresses in here are for the caller only: no Fault, fact or ledger entry repeats them. */
export type GraphUser = { readonly id: string; readonly userPrincipalName: string; readonly mail: string | null };

/** One folder. `parentId` is null for a child of the root; `isSearch` marks search folders, whose items live elsewhere;
 *  `mailbox` is where the folder physically is and where its items must be listed and exported. */
export type GraphFolder = {
  readonly id: string;
  readonly parentId: string | null;
  readonly displayName: string;
  /** Container class such as IPF.Note, or null. */
  readonly type: string | null;
  readonly wellKnownName: string | null;
  readonly isHidden: boolean;
  readonly isSearch: boolean;
  /** Direct items only. */
  readonly totalItemCount: number;
  /** Direct child folders only. */
  readonly childFolderCount: number;
  readonly mailbox: MailboxRef;
};

/** One item of a listing. `size` is the store size in bytes; the exported stream can be many times larger. */
export type GraphItem = {
  readonly id: string;
  /** Message class such as IPM.Note. */
  readonly type: string | null;
  readonly size: number;
  readonly changeKey: string | null;
  /** ISO 8601, UTC. */
  readonly createdDateTime: string | null;
  /** ISO 8601, UTC. */
  readonly lastModifiedDateTime: string | null;
};

/** What a walk of the folder tree gives: a folder, or the Fault for which something below a folder (null: below the root) was not found,
 *  and how often that was asked for. */
export type FolderEntry = GraphFolder | { readonly subfoldersOf: string | null; readonly fault: Fault; readonly attempts: number };

/** One page of a folder. `removed` holds ids that are gone; at most one of `next` and `delta` is set, and both are stored and handed
 *  back unchanged; a delta ends with `delta`, a plain listing with neither. `short`: it ended, and the folder counts more items than it
 *  had. `mailbox` is the mailbox that answered, which a redirect may have changed. */
export type ItemPage = {
  readonly items: readonly GraphItem[];
  readonly removed: readonly string[];
  readonly next: string | null;
  readonly delta: string | null;
  readonly short?: { readonly listed: number; readonly expected: number };
  readonly mailbox: MailboxRef;
};

/** The answer for one requested id: its stream with the physical mailbox it came from, or the reason why there is none. */
export type ExportedItem =
  | { readonly itemId: string; readonly changeKey: string | null; readonly data: Uint8Array; readonly mailbox: MailboxRef }
  | { readonly itemId: string; readonly fault: Fault };

/** An object of a reply. It is read field by field; a wrong type counts as absent. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Which item to read in another way than its export stream: its folder, its message class, and who owns the mailbox (an address or
 *  directory id; a mailbox id for archives, which have no user of their own). */
export type PlainRequest = {
  readonly itemId: string;
  readonly folderId: string;
  readonly owner: string;
  readonly kind: 'message' | 'contact' | 'event' | 'task';
  /** Only the mail API knows the item, as with Recoverable Items: no mailboxItem is asked for, and `item` is empty. */
  readonly mailOnly?: boolean;
  /** Extended properties to expand, as Graph names them. */
  readonly extendedIds: readonly string[];
};

/** What Graph says of an item besides its stream: the mailboxItem with the extended properties, the typed resource of the same id,
 *  the RFC 5322 bytes of a message, and the picture of a contact. */
export type PlainReply = {
  readonly item: JsonObject;
  readonly resource: JsonObject;
  readonly mime?: Uint8Array;
  readonly photo?: Uint8Array;
};

/** One wait that a limit imposed, reported when it begins. `mailbox` is a mailbox id, or `directory` for user look-ups; `waitMs` is what
 *  this entry adds to the wait, so that the sum is the time lost; `at` and `until`, when the mailbox may be called again, are ISO 8601. */
export type ThrottleEntry = {
  readonly mailbox: string;
  /** The limit's own name where the reply gives one, such as `ApplicationThrottled`. */
  readonly limit: string;
  readonly waitMs: number;
  readonly at: string;
  readonly until: string;
  readonly requestId: string | null;
};

/** One redirect that was followed, from one part of an archive to another. Mailbox ids only. */
export type RedirectHop = { readonly from: string; readonly to: string; readonly at: string; readonly requestId: string | null };

/** What the client takes from outside. `ledger` gets every wait; `limits` overrides single numbers of `DEFAULT_LIMITS`. */
export type GraphPorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger?: (entry: ThrottleEntry) => void;
  readonly redirected?: (hop: RedirectHop) => void;
  /** 1..4; default 4. */
  readonly maxConcurrentPerMailbox?: number;
  readonly limits?: Partial<GraphLimits>;
};

/** Every number the client goes by; times in milliseconds. */
export type GraphLimits = {
  /** One listing or look-up call, waits not counted. */
  readonly listingMs: number;
  /** One export call: time spent waiting for the network, not for the consumer. */
  readonly exportMs: number;
  /** Waits of a mailbox whose throttled replies name none. */
  readonly throttled: Backoff;
  /** Longer waits are not slept through: the call ends with a Fault that says when to come back. */
  readonly longestInlineWaitMs: number;
  /** Waits after a passing server error or a broken connection. */
  readonly passing: Backoff;
  /** Tries of one call before its Fault is thrown. */
  readonly tries: number;
  /** Calls in flight per mailbox at the start. */
  readonly concurrencyStart: number;
  /** Good calls in a row that earn one more in flight. */
  readonly goodCallsPerStep: number;
  /** Calls in flight for the whole app. */
  readonly concurrencyTotal: number;
  /** Calls per mailbox within `windowMs`. */
  readonly callsPerWindow: number;
  readonly windowMs: number;
  /** Share of the calls of the last minute that may be repeats, and how many always may. */
  readonly retries: { readonly share: number; readonly least: number };
  /** Largest listing reply accepted, in bytes. */
  readonly listingBytes: number;
  /** Largest single item accepted, in bytes. */
  readonly itemBytes: number;
};

/** The size of a mailbox as the tenant's usage report has it. */
export type MailboxUsage = { readonly items: number; readonly bytes: number; readonly hasArchive: boolean | null };

/** The usage report of a tenant's mailboxes, about two days old. `mailboxes` are keyed by the user principal name in lower case; with names
 *  `concealed` there is none. */
export type UsageReport = {
  /** Day of the report; null where it does not say. */
  readonly asOf: string | null;
  readonly concealed: boolean;
  readonly mailboxes: ReadonlyMap<string, MailboxUsage>;
};

/** Read-only access to the mailboxes of one tenant. Every method throws a Fault (`graph.*`, `entra.*`) when the outside world
 *  fails, and ends with the signal's reason when aborted. Waits for throttling happen inside, up to `longestInlineWaitMs`. */
export interface GraphClient {
  /** Gets a token; says how many seconds it lasts and which application permissions it names. Permissions granted in Exchange are not among them. */
  signIn(signal?: AbortSignal): Promise<{ readonly expiresInS: number; readonly roles: readonly string[] }>;
  /** Looks up one user by address or id. Fault 'graph.user-not-found' where there is none. */
  findUser(userPrincipalName: string, signal?: AbortSignal): Promise<GraphUser>;
  /** Some users of the directory, of whom not all need have a mailbox. */
  someUsers(signal?: AbortSignal): Promise<readonly GraphUser[]>;
  /** The sizes of all mailboxes, archives not among them. Faults 'usage-report.forbidden' and 'usage-report.absent' (never). */
  usage(signal?: AbortSignal): Promise<UsageReport>;
  /** What a user's mailbox is for, in Graph's words (`user`, `shared`, `room` and others); null where it does not say, or the app may not ask. */
  purpose(userId: string, signal?: AbortSignal): Promise<string | null>;
  /** When the client secret ends, ISO 8601; null where the app signs in otherwise, may not ask (it takes Application.Read.All), or where the tenant does not say. */
  secretEndsAt(signal?: AbortSignal): Promise<string | null>;
  /** The ids of a user's mailboxes. `archive` is null where none is enabled. Fault 'graph.mailbox-not-online' where Exchange Online has none. */
  mailboxes(userId: string, signal?: AbortSignal): Promise<{ readonly primary: MailboxRef; readonly archive: MailboxRef | null }>;
  /** The whole folder tree, parents before children, hidden folders included, each id once; at the end, what of it could not be listed.
   *  Pull-driven. Throws where the root cannot be listed or nothing answers. */
  folders(mailbox: MailboxRef, signal?: AbortSignal): AsyncIterable<FolderEntry>;
  /** A folder as it is now; null where it is gone. */
  folder(mailbox: MailboxRef, folderId: string, signal?: AbortSignal): Promise<GraphFolder | null>;
  /** One page of a folder: the first of its delta for `cursor` null, the first of a listing without delta for `PLAIN_LISTING`, else the one the
   *  stored cursor stands for. Ids may repeat across pages. `since` (ISO 8601) applies to a new enumeration only. Fault 'graph.delta-expired'
   *  when the link is dead: list the folder from the start. */
  itemPage(
    mailbox: MailboxRef,
    folderId: string,
    cursor: string | null,
    options: { readonly pageSize: number; readonly since?: string },
    signal?: AbortSignal,
  ): Promise<ItemPage>;
  /** The folders below Recoverable Items, best effort: no page documents that they can be read. `owner`: an address or directory id; a
   *  mailbox id for archives. */
  recoverableFolders(mailbox: MailboxRef, owner: string, signal?: AbortSignal): Promise<readonly GraphFolder[]>;
  /** One page of such a folder. Sizes are 0 and types null, because the mail API doesn't give them; `next` and `delta` are both null at the end. */
  recoverablePage(mailbox: MailboxRef, owner: string, folderId: string, cursor: string | null, signal?: AbortSignal): Promise<ItemPage>;
  /** Exports 1..20 different items of one mailbox and answers every id exactly once, in any order. What concerns the mailbox or the
   *  connection is thrown; the ids not answered until then can be asked for again. */
  exportItems(mailbox: MailboxRef, ids: readonly string[], signal?: AbortSignal): AsyncIterable<ExportedItem>;
  /** Reads an item without its export stream (Graph §8). Fault 'graph.item-gone' where the item is not there any more; the faults of the
   *  typed resource where that cannot be read: 'graph.mailbox-forbidden' without its permission, 'graph.not-found' where ids do not agree. */
  plainItem(mailbox: MailboxRef, request: PlainRequest, signal?: AbortSignal): Promise<PlainReply>;
  /** Ends all calls and connections. */
  close(): Promise<void>;
}
