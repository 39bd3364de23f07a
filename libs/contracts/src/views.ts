import type { CheckVerdict } from './credentials.js';
import type { Destination, Microsoft365Source } from './endpoints.js';
import type { Waits } from './extraction.js';
import type { ItemType } from './item-types.js';
import type { ProjectOptions } from './project-options.js';
import type { PassKind, ProjectType, Status, Totals, Cause } from './words.js';

// Documents of the read models, as the gateway hands them out. Names of the projections stand beside them.

export const VIEWS = {
  customers: 'customers_v1',
  endpoints: 'endpoints_v1',
  projects: 'projects_v1',
  licences: 'licences_v1',
  bundles: 'bundles_v1',
  mailboxes: 'mailboxes_v2',
  parts: 'parts_v1',
  errors: 'item_errors_v2',
  folders: 'folder_sums_v2',
  statistics: 'mailbox_statistics_v1',
} as const;

export type CustomerView = { readonly customerId: string; readonly workgroupId: string; readonly name: string; readonly createdAt: string };

/** Without anything secret: `credential` says its kind only. */
export type EndpointView = {
  readonly endpointId: string;
  readonly customerId: string;
  readonly name: string;
  readonly kind: 'microsoft-365' | 'azure-blob' | 'folder';
  readonly settings: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly secretRotatedAt: string | null;
};

export type ProjectView = {
  readonly projectId: string;
  readonly customerId: string;
  readonly name: string;
  readonly type: ProjectType;
  readonly sourceEndpointId: string;
  readonly destinationEndpointId: string;
  readonly container: string;
  readonly partBytes: number;
  readonly options: ProjectOptions;
  readonly mailboxes: number;
  readonly createdAt: string;
};

/** Licences of a workgroup. */
export type LicencesView = {
  readonly workgroupId: string;
  readonly released: number;
  readonly applied: number;
  readonly orders: readonly {
    readonly orderId: string;
    readonly quantity: number;
    readonly payment: string;
    readonly status: 'awaiting-payment' | 'released';
    readonly placedAt: string;
    readonly expiresAt: string | null;
  }[];
};

export type BundleView = {
  readonly workgroupId: string;
  readonly customerId: string;
  readonly user: string;
  readonly orderId: string;
  readonly appliedAt: string;
  readonly expiresAt: string;
};

export type CheckView = {
  readonly step: number;
  readonly name: string;
  readonly verdict: CheckVerdict;
  readonly code: string | null;
  readonly advice: string | null;
};

/** What a pass waits for: the cause by its code, since when, and when it is tried again. */
export type Held = { readonly code: string; readonly advice: string | null; readonly since: string; readonly retryAt: string };

/** A line item of a project: the Status column, the sums, and what it waits for. */
export type MailboxView = {
  readonly mailboxJobId: string;
  readonly projectId: string;
  readonly customerId: string;
  readonly source: string;
  readonly destination: string;
  readonly status: Status;
  readonly pass: {
    readonly passId: string;
    readonly number: number;
    readonly kind: PassKind;
    readonly startedAt: string;
    readonly endedAt: string | null;
  } | null;
  /** Items of all passes together. `discovered` still grows while folders are being listed. */
  readonly totals: Totals;
  /** Items among the exported ones (while a pass is open: among those read) that were made from MIME or JSON instead of their stream. */
  readonly mime: number;
  /** Items that the pass which is open, or was the last, listed and did not take. */
  readonly leftOut: number;
  readonly listing: 'not-started' | 'going-on' | 'finished';
  /** Items and stream bytes read from the tenant in the pass that is open or was the last. */
  readonly extracted: { readonly items: number; readonly bytes: number };
  /** Time lost to limits of the tenant in the pass that is open or was the last, by the limit's name. */
  readonly waits: Readonly<Record<string, Waits>>;
  /** What the open pass waits for before it can go on, and since when; null while it goes on. */
  readonly held: Held | null;
  /** When the open or last pass last listed, read or wrote something. */
  readonly progressAt: string | null;
  readonly folders: number;
  readonly parts: number;
  readonly cause: Cause | null;
  readonly checks: readonly CheckView[];
};

export type PartView = {
  readonly partId: string;
  readonly projectId: string;
  readonly mailboxJobId: string;
  readonly passId: string;
  readonly ordinal: number;
  readonly name: string;
  readonly container: string;
  readonly state: 'open' | 'sealing' | 'sealed' | 'verified' | 'abandoned';
  readonly location: string | null;
  readonly bytes: number;
  readonly items: number;
  readonly sha256: string | null;
  readonly sealedAt: string | null;
  readonly verifiedAt: string | null;
};

/** An item that was not exported, still open or mended by a later pass; or one that was exported as MIME. */
export type ItemErrorView = {
  readonly projectId: string;
  readonly mailboxJobId: string;
  readonly passId: string;
  readonly itemKey: string;
  readonly folderKey: string;
  readonly outcome: (typeof itemOutcomes)[number];
  readonly itemType: string;
  readonly sizeBytes: number;
  readonly code: string;
  readonly advice: string | null;
  /** Why it could not be exported as MIME either, where that was tried. */
  readonly fallback: string | null;
  readonly at: string;
};

/** What can become of an item other than being exported as its stream. */
export const itemOutcomes = ['failed', 'skipped', 'mime'] as const;

/** Sums of one mailbox by folder. */
export type FolderSumsView = {
  readonly mailboxJobId: string;
  readonly projectId: string;
  readonly folders: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly parent: string | null;
        readonly containerClass: string | null;
        readonly left: string | null;
        /** Where a mapping puts its items in the PST; null for their own place. */
        readonly target?: string | null;
        readonly totals: Totals;
        /** Items read as MIME or JSON instead of their stream. */
        readonly mime: number;
      }
    >
  >;
};

/** Items and bytes; null is what is not known. */
export type Counted = { readonly items: number | null; readonly bytes: number | null };

/** What became of items of all passes of a mailbox. Bytes of exported items are those of their streams, bytes of the others what the mailbox
 *  says of their size. */
export type OutcomeSums = { readonly exported: Counted; readonly failed: Counted; readonly skipped: Counted };

/** How long one side of all passes of a mailbox worked, in milliseconds, and on how much. Time during which a pass was queued, stopped or failed
 *  is not in it. `passiveMs` is what waits took that limits imposed; null where these are not on record. */
export type Pace = { readonly activeMs: number; readonly passiveMs: number | null; readonly items: number; readonly bytes: number | null };

/** A mailbox's items by kind, and how fast its passes went. */
export type StatisticsView = {
  readonly mailboxJobId: string;
  /** Passes that were started, whatever their kind. */
  readonly migrations: number;
  readonly types: Readonly<Record<ItemType, OutcomeSums>>;
  readonly total: OutcomeSums;
  readonly source: Pace;
  readonly destination: Pace;
};

/** What a settings column shows of an endpoint. `secretRef` is for whoever replaces the secret; it opens nothing by itself. */
export const publicSettings = (config: Microsoft365Source | Destination): Readonly<Record<string, string>> => {
  switch (config.kind) {
    case 'microsoft-365':
      return {
        tenantId: config.tenantId,
        clientId: config.clientId,
        credential: config.credential.kind,
        secretRef: config.credential.ref,
        ...(config.graphUrl === undefined ? {} : { graphUrl: config.graphUrl }),
        ...(config.authorityUrl === undefined ? {} : { authorityUrl: config.authorityUrl }),
        ...(config.outOfScope === undefined ? {} : { outOfScope: config.outOfScope }),
      };
    case 'azure-blob':
      return {
        account: config.account,
        region: config.region,
        credential: config.credential.kind,
        ...(config.credential.kind === 'identity' ? {} : { secretRef: config.credential.ref }),
        ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
      };
    case 'folder':
      return { path: config.path };
  }
};
