import { plainUrl, type Destination, type Microsoft365Source } from './endpoints.js';
import type { Unlisted } from './extraction.js';
import type { ItemType } from './item-types.js';
import type { Cause, PassKind, Totals } from './words.js';

// Names of the read models, and the documents that are not handed out as they are; `customer-views.ts` and `mailbox-views.ts` hold the others.

export const VIEWS = {
  customers: 'customers_v1',
  endpoints: 'endpoints_v1',
  projects: 'projects_v3',
  licences: 'licences_v2',
  bundles: 'bundles_v1',
  coupons: 'coupons_v1',
  operations: 'operations_v1',
  operationRows: 'operation_rows_v1',
  mailboxes: 'mailboxes_v4',
  parts: 'parts_v1',
  errors: 'item_errors_v5',
  folders: 'folder_sums_v4',
  statistics: 'mailbox_statistics_v2',
  flow: 'mailbox_flow_v1',
  agents: 'agents_v1',
  workgroups: 'workgroups_v1',
  audit: 'audit_v1',
  plans: 'plans_v1',
  subscriptions: 'notice_subscriptions_v1',
  notices: 'notices_v1',
  noticeTemplates: 'notice_templates_v1',
  discoveryRuns: 'discovery_runs_v1',
  discoveryFiles: 'discovery_files_v1',
} as const;

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
        /** What it is called in every language, as `inbox`; null for folders of the user's own. */
        readonly wellKnownName: string | null;
        /** Items that the tenant says are in it. */
        readonly expected: number;
        readonly left: string | null;
        /** Where a mapping puts its items in the PST; null for their own place. */
        readonly target?: string | null;
        readonly totals: Totals;
        /** Items read as MIME or JSON instead of their stream. */
        readonly mime: number;
        /** Why the last pass that tried could not list it to its end, and how often that pass asked; null where one could. */
        readonly notListed: { readonly passId: string; readonly what: Unlisted; readonly cause: Cause; readonly attempts: number } | null;
        /** Items that may not be what the mailbox holds. */
        readonly doubts: number;
      }
    >
  >;
};

/** A pass that listed a mailbox to its end. */
export type LastExport = { readonly passId: string; readonly kind: PassKind };

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

/** What a settings column shows of an endpoint. `secretRef` is for whoever replaces the secret; it opens nothing by itself. An address that a
 *  release up to 0.3.0 recorded with a signature is shown without it. */
export const publicSettings = (config: Microsoft365Source | Destination): Readonly<Record<string, string>> => {
  switch (config.kind) {
    case 'microsoft-365':
      return {
        tenantId: config.tenantId,
        clientId: config.clientId,
        credential: config.credential.kind,
        secretRef: config.credential.ref,
        ...(config.graphUrl === undefined ? {} : { graphUrl: plainUrl(config.graphUrl) }),
        ...(config.authorityUrl === undefined ? {} : { authorityUrl: plainUrl(config.authorityUrl) }),
        ...(config.outOfScope === undefined ? {} : { outOfScope: config.outOfScope }),
      };
    case 'azure-blob':
      return {
        account: config.account,
        region: config.region,
        credential: config.credential.kind,
        ...(config.credential.kind === 'identity' ? {} : { secretRef: config.credential.ref }),
        ...(config.endpoint === undefined ? {} : { endpoint: plainUrl(config.endpoint) }),
      };
    case 'folder':
      return { path: config.path };
  }
};
