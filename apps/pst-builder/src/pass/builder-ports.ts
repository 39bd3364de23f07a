import type { BlobStore, PartStore } from '@pstream/blob';
import type { PassControl } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock, Fault, Ids } from '@pstream/kernel';

/** Limits that a builder works within. */
export type BuilderLimits = {
  /** A checkpoint is written after so many bytes of items, or so long after the first item that is in none. */
  readonly checkpointBytes: number;
  readonly checkpointMs: number;
};

/** What a builder needs of the world. */
export type BuilderPorts = {
  readonly store: EventStore;
  readonly work: BlobStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: BuilderLimits;
  /** The destination of a pass. */
  parts(control: PassControl): Promise<PartStore>;
  /** Reads a part of the pass back; returns its SHA-256 (hex). */
  verify(control: PassControl, name: string, entries: readonly Uint8Array[]): Promise<string>;
  /** Reports that a pass cannot be built for now; said once a minute while the cause is the same. */
  readonly waiting: (wait: {
    readonly mailboxJobId: string;
    readonly passId: string;
    readonly waitMs: number;
    readonly fault: Fault;
  }) => void;
  /** Reports a fault of our own. */
  readonly defect: (error: unknown) => void;
  /** Reports why leftovers could not be removed from working storage; the sweep tries again. */
  readonly uncleared: (error: unknown) => void;
};
