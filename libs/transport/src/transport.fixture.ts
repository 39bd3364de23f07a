import type { LogRecord, OutgoingRecord, PartitionConsumer, PartitionHandler, Transport } from './transport.js';

/** Storage that a contract test works on; `open` may be called again after the transport before was closed. */
export type TransportFixture = {
  open(): Promise<Transport>;
  /** Ends a transport as if the process had been killed and opens what is left. Only where a test can play that. */
  crash?(transport: Transport): Promise<Transport>;
  /** A name that no other test uses. */
  name(base: string): string;
  dispose(): Promise<void>;
};

/** A condition that tests wait for: no polling, the jest timeout is the stall detector. */
export class Condition {
  private waiters: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  changed(): void {
    this.waiters = this.waiters.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }

  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push({ holds, resolve }));
  }
}

/** A handler that keeps what it is given. */
export class Collector implements PartitionHandler {
  readonly records: LogRecord[] = [];
  readonly assignments: PartitionConsumer[] = [];
  readonly committed: (bigint | undefined)[] = [];
  readonly revocations: PartitionConsumer[] = [];
  readonly errors: unknown[] = [];
  batches = 0;
  private readonly condition = new Condition();
  private readonly onBatch: (partition: PartitionConsumer, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;

  constructor(
    onBatch: (partition: PartitionConsumer, records: readonly LogRecord[], signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
  ) {
    this.onBatch = onBatch;
  }

  assigned(partition: PartitionConsumer, committed: bigint | undefined): Promise<void> {
    this.assignments.push(partition);
    this.committed.push(committed);
    this.condition.changed();
    return Promise.resolve();
  }

  async batch(partition: PartitionConsumer, records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    this.batches++;
    this.condition.changed();
    await this.onBatch(partition, records, signal);
    this.records.push(...records);
    this.condition.changed();
  }

  revoked(partition: PartitionConsumer): Promise<void> {
    this.revocations.push(partition);
    this.condition.changed();
    return Promise.resolve();
  }

  failed(error: unknown): void {
    this.errors.push(error);
    this.condition.changed();
  }

  until(holds: (collector: this) => boolean): Promise<void> {
    return this.condition.until(() => holds(this));
  }

  get texts(): string[] {
    return this.records.map(textOf);
  }
}

/** A record with a short text. */
export const text = (key: string, value: string, headers?: Record<string, string>): OutgoingRecord => ({
  key,
  value: new TextEncoder().encode(value),
  ...(headers === undefined ? {} : { headers }),
});

/** The text of a record. */
export const textOf = (record: { readonly value: Uint8Array }): string => new TextDecoder().decode(record.value);

/** An element that must be there. */
export const at = <T>(list: readonly T[], index: number): T => {
  const found = list.at(index);
  if (found === undefined) throw new RangeError(`no element ${index} in a list of ${list.length}`);
  return found;
};
