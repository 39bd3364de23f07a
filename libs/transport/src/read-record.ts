import { Fault, type Clock } from '@pstream/kernel';
import type { LogRecord, Transport } from './transport.js';

/** A place on the log. */
export type LogPlace = { readonly topic: string; readonly partition: number; readonly offset: bigint };

/** A broker takes some seconds to give a group its partitions. */
const READ_WITHIN_MS = 30_000;

/** Reads one record. `group` is used by nobody else meanwhile and commits nothing. Undefined if the record cannot be read; Fault
 *  'transport.unavailable' (retry) after half a minute. */
export const readRecord = async (
  transport: Transport,
  clock: Clock,
  group: string,
  { topic, partition, offset }: LogPlace,
): Promise<LogRecord | undefined> => {
  const found = Promise.withResolvers<LogRecord | undefined>();
  const over = new AbortController();
  const subscription = await transport.subscribe({
    group,
    topics: [topic],
    maxBatchBytes: 1,
    handler: {
      assigned: async (assigned) => {
        if (assigned.partition === partition) assigned.seek(offset);
      },
      batch: async (from, records) => {
        if (from.partition === partition) found.resolve(records.find((record) => record.offset === offset));
      },
      damaged: async (from) => {
        if (from.partition === partition) found.resolve(undefined);
      },
      failed: found.reject,
    },
  });
  const late = clock.sleep(READ_WITHIN_MS, over.signal).then(() => {
    throw new Fault('transport.unavailable', { retry: { afterMs: 1_000 }, facts: { topic, partition } });
  });
  try {
    return await Promise.race([found.promise, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
    await subscription.close();
  }
};
