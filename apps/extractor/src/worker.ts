import type { BlobStore } from '@pstream/blob';
import type { WorkUnit } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock, Facts } from '@pstream/kernel';
import type { Transport } from '@pstream/transport';
import type { Extraction } from './domain/extraction/state.js';
import type { ExtractionLog } from './extraction-log.js';
import type { Waits } from './waits.js';
import type { Histories } from './histories.js';
import type { Source } from './source/source.js';
import type { PassControl } from '@pstream/contracts';

/** Numbers an extractor goes by. */
export type ExtractorLimits = {
  /** Items asked for in one page of a listing. */
  readonly pageItems: number;
  /** Most items and store bytes of one slice, the unit that is exported, published and recorded at once. */
  readonly sliceItems: number;
  readonly sliceBytes: number;
  /** Larger items are refused: no PST could hold them. */
  readonly mostItemBytes: number;
  /** Export calls under way at once for one mailbox; the client may allow fewer. */
  readonly batchesAtOnce: number;
  /** Streams above this many bytes travel as claims. */
  readonly claimFromBytes: number;
  /** Extraction of a mailbox waits while its builder is this far behind. */
  readonly backlogBytes: number;
  readonly backlogRecords: number;
  /** Bytes of changed, moved, new and deleted items that an update holds at once; 128 MiB if it is not given. */
  readonly updateBytes?: number;
};

/** What every unit of work may use. */
export type Worker = {
  readonly store: EventStore;
  readonly transport: Transport;
  /** Claims and page manifests. */
  readonly work: BlobStore;
  readonly log: ExtractionLog;
  readonly histories: Histories;
  readonly clock: Clock;
  readonly limits: ExtractorLimits;
  /** The pass's tenant. */
  client(control: PassControl): Promise<Source>;
  /** The tenant refused the sign-in of that client. */
  refused(control: PassControl): void;
  /** Waits that limits imposed and that are not recorded yet. */
  readonly waits: Waits;
  /** Reports that a unit could not be done and is tried again: once when that begins, and once a minute while it lasts. */
  held(facts: Facts): void;
  /** Reports a fault of our own; the pass fails and the worker goes on. */
  defect(error: unknown): void;
};

/** One unit being worked on. */
export type Task<K extends WorkUnit['kind'] = WorkUnit['kind']> = {
  readonly worker: Worker;
  readonly unit: Extract<WorkUnit, { kind: K }>;
  readonly control: PassControl;
  readonly state: Extraction;
  /** Aborted when the pass is stopped or the worker shuts down. */
  readonly signal: AbortSignal;
};
