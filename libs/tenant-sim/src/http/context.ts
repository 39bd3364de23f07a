import type { Clock } from '@pstream/kernel';
import type { FaultEngine } from '../fault-engine.js';
import type { Tenant } from '../tenant.js';
import type { ReportHost } from './report-host.js';
import type { ClientCredential } from './tokens.js';
import type { StreamCache } from './stream-cache.js';

/** How archives answer. */
export type ArchiveOptions = {
  /** Auxiliary archives behind each main archive; top-level folders go to the partitions in turn. */
  readonly auxiliaries?: number;
  /** Paths in redirects have another case than the documented one. True by default. */
  readonly mixedCase?: boolean;
  /** How exportItems spells the error of a moved item: one way, or in turns. In turns by default. */
  readonly spelling?: 'error' | 'Error' | 'both';
};

/** What every handler has at hand. */
export type Context = {
  readonly tenant: Tenant;
  /** The apps, and how they sign in. */
  readonly credentials: readonly (ClientCredential & { readonly clientId: string })[];
  readonly clock: Clock;
  readonly engine: FaultEngine;
  readonly cache: StreamCache;
  readonly origin: string;
  readonly strict: boolean;
  readonly archives: ArchiveOptions;
  /** False leaves wellKnownName out of all answers, as the August 2026 metadata does. */
  readonly wellKnownNames: boolean;
  /** Whether exportItems takes ids of recoverable items. */
  readonly recoverable: 'export' | 'refuse';
  readonly reports: ReportHost;
};
