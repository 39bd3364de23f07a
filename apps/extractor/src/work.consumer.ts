import { Inject, Injectable } from '@nestjs/common';
import { readWorkUnit, WORK_GROUP, WORK_TOPIC } from '@pstream/contracts';
import { isFault, type Clock } from '@pstream/kernel';
import { CLOCK, DEAD_LETTERS, FAILED, Resident, TRANSPORT, type Failed } from '@pstream/wiring';
import { consumeByKey, type DeadLetters, type LogRecord, type Transport } from '@pstream/transport';
import { isControl, type UnitHandler } from './handle-unit.js';
import type { Tenants } from './tenants.js';

/** Name under which the module hands the consumer what works on units. */
export const EXTRACTOR = Symbol('Extractor');
/** What works on units, the tenants that it talks to, and how many mailboxes it takes at once. */
export type Extractor = { readonly handler: UnitHandler; readonly tenants: Tenants; readonly mailboxesAtOnce: number };

/** Room for some 70,000 units, counted as `consumeByKey` does: those of every admitted mailbox, so that a stop behind them is read at once. */
const IN_FLIGHT_BYTES = 64 * 1024 * 1024;

/** Works on units from the topic: many mailboxes side by side, each in order. */
@Injectable()
export class WorkConsumer extends Resident {
  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EXTRACTOR) private readonly extractor: Extractor,
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(FAILED) private readonly failed: Failed,
  ) {
    super();
  }

  protected override async start(): Promise<void> {
    const { clock, deadLetters, extractor, failed } = this;
    this.closes(extractor.tenants);
    await deadLetters.prepare([WORK_TOPIC]);
    const subscription = await consumeByKey(this.transport, {
      clock,
      topics: [WORK_TOPIC],
      group: WORK_GROUP,
      concurrency: extractor.mailboxesAtOnce,
      maxInFlightBytes: IN_FLIGHT_BYTES,
      // What was admitted first is finished first.
      oldestFirst: true,
      ahead: (record) => isControlRecord(record),
      handler: async (record, signal, place) => extractor.handler.handle(readWorkUnit(record), signal, place),
      deadLetters,
      failed,
    });
    this.closes(subscription);
  }
}

/** A record that cannot be read waits its turn, and is buried there. */
const isControlRecord = (record: LogRecord): boolean => {
  try {
    return isControl(readWorkUnit(record));
  } catch (error) {
    if (!isFault(error)) throw error;
    return false;
  }
};
