import { CHANGES_TOPIC, readChange, SUMS_GROUP } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import type { DeadLetters, LogRecord, PartitionHandler, Transport } from '@pstream/transport';
import { Positions } from './positions.js';
import type { ProjectionStore, ShareAt } from './projection.js';

/** What sums are kept on. The topic of changes must be there. */
export type RunSumsOptions = {
  readonly store: ProjectionStore;
  readonly transport: Transport;
  /** Takes the records that are no changes. */
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
};

/** Running sums. `done` resolves after `close` and rejects with what ended them for good. */
export type RunningSums = { readonly done: Promise<void>; close(): Promise<void> };

/** Adds up what documents count for, from the topic of changes: partition by partition, in its order. Repeated records count once. */
export const runSums = async ({ store, transport, deadLetters, clock }: RunSumsOptions): Promise<RunningSums> => {
  const ended = Promise.withResolvers<void>();
  // While this starts nobody has `done` yet, and a rejection that nobody has asked for must not end the process by itself.
  ended.promise.catch(() => undefined);
  const positions = new Positions(store, clock);
  const handler: PartitionHandler = {
    batch: async (partition, records, signal) => {
      const { values } = await deadLetters.readEach(records, SUMS_GROUP, readChange, signal);
      for (const [view, shares] of sharesOf(values)) {
        for (let start = 0; start < shares.length; start += AT_ONCE) {
          if (signal.aborted) return;
          await store.addUp(view, partition.partition, shares.slice(start, start + AT_ONCE));
          await clock.yield();
        }
      }
      const last = records.at(-1);
      if (last !== undefined) positions.note(partition, last.offset + 1n, signal);
    },
    failed: ended.reject,
  };
  await deadLetters.prepare([CHANGES_TOPIC]);
  const subscription = await transport.subscribe({ group: SUMS_GROUP, topics: [CHANGES_TOPIC], handler });
  return {
    done: ended.promise,
    close: async () => {
      await positions.flush();
      await subscription.close();
      positions.end();
      ended.resolve();
    },
  };
};

/** Shares added up at once. */
const AT_ONCE = 500;

/** The shares by view, in order. A document that is gone counts nowhere; one that never counted costs a look. */
const sharesOf = (
  changes: readonly { readonly record: LogRecord; readonly value: ReturnType<typeof readChange> }[],
): ReadonlyMap<string, readonly ShareAt[]> => {
  const shares = new Map<string, ShareAt[]>();
  for (const { record, value: change } of changes) {
    // Tokens are in no view.
    if (!('id' in change) || change.token !== undefined || (change.share === undefined && !change.gone)) continue;
    const { view, id, generation, revision, share } = change;
    const list = shares.get(view) ?? [];
    list.push({ id, generation, revision, offset: Number(record.offset), ...(share === undefined ? {} : { share }) });
    shares.set(view, list);
  }
  return shares;
};
