import { buildStream, ITEMS_TOPIC, type BuildEvent } from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { FakeClock } from '@pstream/testing';
import { memoryTransport, type Transport } from '@pstream/transport';
import { newExtraction, type Extraction } from '../domain/extraction/state.js';
import type { ExtractorLimits } from '../worker.js';
import { BuilderPace } from './builder-pace.js';

const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'pass-1' };
const at = '2026-01-01T00:00:00.000Z';
const limits = { backlogBytes: 1_000, backlogRecords: 10 } as ExtractorLimits;
const extracted = (published: number, bytes: number): Extraction => ({ ...newExtraction(), published, bytes });
const behind = (facts: object): object => ({ code: 'builder.behind', retry: { afterMs: 500 }, facts });

describe('the pace of a mailbox', () => {
  const store = memoryEventStore();
  let transport: Transport;
  let reads = 0;
  const counting = { ...store, read: (...of: Parameters<typeof store.read>) => (reads++, store.read(...of)) } as typeof store;
  beforeAll(async () => {
    transport = await memoryTransport(new FakeClock());
    await transport.ensureTopics([{ name: ITEMS_TOPIC, partitions: 1, durability: 'durable' }]);
    pace = new BuilderPace(counting, transport, limits);
    // Somebody else's records: they are on the log all the time.
    await transport.send(ITEMS_TOPIC, [{ key: 'another', value: new Uint8Array(1_000_000) }]);
  });
  afterAll(async () => {
    await transport.close();
    await store.close();
  });
  let pace: BuilderPace;
  const report = async (event: BuildEvent): Promise<void> => {
    const stream = buildStream(refs.passId);
    const expectedVersion = (await store.read(stream)).length;
    const metadata = { commandId: `c${expectedVersion}`, by: 'test' };
    await store.append({ context: 'build', stream, expectedVersion, events: [event], at, metadata });
  };

  it('is its own: what others have on the log does not count, and nothing is read for a small one', async () => {
    await pace.check(refs.passId, extracted(9, 999));
    expect(reads).toBe(0);
  });
  it('is that of its builder, in bytes and in items', async () => {
    await expect(pace.check(refs.passId, extracted(9, 1_000))).rejects.toMatchObject(behind({ items: 9, bytes: 1_000, told: false }));
    await expect(pace.check(refs.passId, extracted(10, 999))).rejects.toMatchObject(behind({ items: 10, told: false }));
    await report({ type: 'BuildCheckpointed', data: { ...refs, items: 5, bytes: 500, at } });
    await pace.check(refs.passId, extracted(14, 1_499));
    await expect(pace.check(refs.passId, extracted(14, 1_500))).rejects.toMatchObject(behind({ items: 9, bytes: 1_000 }));
  });
  it('says where the builder has said itself why it waits', async () => {
    await report({ type: 'BuildWaited', data: { ...refs, held: { code: 'destination.unavailable', retryAt: at }, at } });
    await expect(pace.check(refs.passId, extracted(15, 1_500))).rejects.toMatchObject(behind({ told: true }));
    await report({ type: 'BuildCheckpointed', data: { ...refs, items: 14, bytes: 1_400, at } });
    await pace.check(refs.passId, extracted(15, 1_500));
  });
  it('is not that of records which nobody has any more', async () => {
    const empty = await memoryTransport(new FakeClock());
    await empty.ensureTopics([{ name: ITEMS_TOPIC, partitions: 1, durability: 'durable' }]);
    await new BuilderPace(store, empty, limits).check(refs.passId, extracted(1_000, 1_000_000));
    await empty.close();
  });
});
