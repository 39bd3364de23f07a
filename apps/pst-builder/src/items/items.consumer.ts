import { ITEMS_GROUP, ITEMS_TOPIC } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import type { DeadLetters, PartitionHandler, Subscription, Transport } from '@pstream/transport';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PartitionFeed } from './partition-feed.js';

/** How often parts are looked at for a checkpoint, and passes that wait for whether they may go on. */
const TICK_MS = 1000;

/** Consumes the items topic: builders own the partitions that the group gives them. `failed` gets the error that ends it. */
export const consumeItems = async (
  transport: Transport,
  ports: BuilderPorts,
  process: { readonly deadLetters: DeadLetters; readonly failed: (error: unknown) => void },
): Promise<Subscription> => {
  const { deadLetters, failed } = process;
  const feeds = new Map<number, PartitionFeed>();
  const stopped = new AbortController();
  const handler: PartitionHandler = {
    assigned: (partition) => {
      const feed = new PartitionFeed(partition, ports, { deadLetters, failed });
      feeds.set(partition.partition, feed);
      return feed.begin();
    },
    batch: async (partition, records, signal) => {
      await feeds.get(partition.partition)?.batch(records, signal);
    },
    damaged: async (partition, record) => {
      await feeds.get(partition.partition)?.passOver(record.offset);
    },
    revoked: async (partition) => {
      const feed = feeds.get(partition.partition);
      feeds.delete(partition.partition);
      await feed?.close();
    },
    failed,
  };
  await deadLetters.prepare([ITEMS_TOPIC]);
  const subscription = await transport.subscribe({ group: ITEMS_GROUP, topics: [ITEMS_TOPIC], handler, maxBatchBytes: 8 * 1024 ** 2 });
  const ticking = (async () => {
    while (!stopped.signal.aborted) {
      await ports.clock.sleep(TICK_MS, stopped.signal).catch(() => undefined);
      if (stopped.signal.aborted) return;
      for (const feed of feeds.values()) {
        // What the outside world refused is tried again with the next tick; anything else is our own bug.
        await feed.tick().catch((error: unknown) => (isFault(error) ? ports.defect(error) : failed(error)));
      }
    }
  })();
  return {
    close: async () => {
      stopped.abort();
      await ticking;
      await subscription.close();
    },
  };
};
