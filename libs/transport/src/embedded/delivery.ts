import type { Clock } from '@pstream/kernel';
import { attempting } from '../attempting.js';
import type { DamagedRecord, PartitionConsumer, PartitionHandler } from '../transport.js';
import { notOwnerFault } from '../faults.js';
import type { Log } from './log.js';

/** What a delivery needs to know about its group. */
export type DeliveryOptions = {
  readonly clock: Clock;
  readonly topic: string;
  readonly partition: number;
  readonly group: string;
  readonly log: Log;
  readonly handler: PartitionHandler;
  readonly maxBatchBytes: number;
  /** The group's position, read when the partition is handed over. */
  readonly committed: bigint | undefined;
  /** Where to begin without a position. */
  readonly begin: bigint;
  readonly commit: (next: bigint) => Promise<void>;
  /** Takes note of a damaged record before the handler does. */
  readonly damaged: (record: DamagedRecord) => void;
  /** The handler must not be called again for any partition of its subscription. */
  readonly failed: (error: unknown) => void;
};

/** Hands the records of one partition to one subscription, batch after batch, from the moment it owns it until `stop`. */
export class Delivery implements PartitionConsumer {
  private readonly options: DeliveryOptions;
  private readonly ending = new AbortController();
  private readonly attempt: (step: () => Promise<unknown>) => Promise<boolean>;
  private readonly running: Promise<void>;
  private position: bigint;
  private seeks = 0;
  private paused = false;
  private owned = true;
  private wake: (() => void) | undefined;

  constructor(options: DeliveryOptions) {
    this.options = options;
    this.attempt = attempting(options, this.ending);
    this.position = options.committed ?? options.begin;
    this.running = this.run();
  }

  get topic(): string {
    return this.options.topic;
  }

  get partition(): number {
    return this.options.partition;
  }

  get logStart(): bigint {
    return this.options.log.start;
  }

  async commit(next: bigint): Promise<void> {
    this.mustOwn();
    await this.options.commit(next);
  }

  seek(offset: bigint): void {
    this.mustOwn();
    this.position = offset;
    this.seeks++;
    this.wake?.();
  }

  pause(): void {
    this.mustOwn();
    this.paused = true;
  }

  resume(): void {
    this.mustOwn();
    this.paused = false;
    this.wake?.();
  }

  /** Takes the partition away. Resolves when the handler has let go of it. */
  async stop(): Promise<void> {
    this.ending.abort(notOwnerFault(this.topic, this.partition, this.options.group));
    this.wake?.();
    await this.running;
  }

  private mustOwn(): void {
    if (!this.owned) throw notOwnerFault(this.topic, this.partition, this.options.group);
  }

  private async run(): Promise<void> {
    const { handler, log, committed } = this.options;
    const { signal } = this.ending;
    const stopListening = log.onAppend(() => this.wake?.());
    try {
      // Whoever made this delivery is still busy with the others.
      await Promise.resolve();
      let assigned = false;
      while (!assigned && !signal.aborted) assigned = await this.attempt(async () => handler.assigned?.(this, committed));
      while (!signal.aborted) {
        if (this.paused || this.position >= log.end) {
          await new Promise<void>((resolve) => (this.wake = resolve));
          this.wake = undefined;
          continue;
        }
        await this.attempt(() => this.deliver());
      }
    } finally {
      stopListening();
      await Promise.resolve(handler.revoked?.(this)).catch((error: unknown) => this.options.failed(error));
      this.owned = false;
    }
  }

  private async deliver(): Promise<void> {
    const { handler, log, maxBatchBytes } = this.options;
    const { signal } = this.ending;
    const seeks = this.seeks;
    const { records, next, damaged } = await log.read(this.position, maxBatchBytes);
    // What happened during the read comes first.
    if (signal.aborted || this.paused || seeks !== this.seeks) return;
    if (records.length === 0 && damaged === undefined) {
      // What was there has been trimmed meanwhile. Whoever stayed at it would read it again at once, and for ever.
      this.position = next;
      return;
    }
    if (damaged !== undefined) {
      this.options.damaged(damaged);
      if (handler.damaged === undefined) throw damaged.fault;
      await handler.damaged(this, damaged, signal);
    } else {
      await handler.batch(this, records, signal);
    }
    if (seeks === this.seeks) this.position = next;
  }
}
