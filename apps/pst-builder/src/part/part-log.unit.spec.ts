import { partStream } from '@pstream/contracts';
import { memoryEventStore, type EventStore } from '@pstream/event-store';
import { countingIds } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import { PartLog } from './part-log.js';

const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'j', passId: 'pass', partId: 'part-1' };
const part = { name: 'a.pst', container: 'mailboxes', ordinal: 1 };

describe('the log of parts', () => {
  let store: EventStore;
  beforeEach(() => {
    store = memoryEventStore();
  });
  afterEach(() => store.close());

  it('lets two builders that take a part over at once win different epochs', async () => {
    const ids = countingIds();
    const ports = { store, clock: new FakeClock(), ids };
    await new PartLog(ports).takeOver(refs, part);
    const taken = await Promise.all([new PartLog(ports), new PartLog(ports)].map((log) => log.takeOver(refs, part)));
    expect(taken.map((each) => ('epoch' in each ? each.epoch : 0)).sort((a, b) => a - b)).toEqual([2, 3]);
    expect((await store.read(partStream(refs.partId))).map(({ type }) => type)).toEqual([
      'PartOpened',
      'BuilderTookOver',
      'BuilderTookOver',
      'BuilderTookOver',
    ]);
  });

  it('refuses the seal of an owner whose part was taken over', async () => {
    const log = new PartLog({ store, clock: new FakeClock(), ids: countingIds() });
    await log.takeOver(refs, part);
    await log.takeOver(refs, part);
    const seal = { refs, epoch: 1, extents: 1, listKey: 'l', listSha256: 's', bytes: 1, items: 1, folders: 1 };
    await expect(log.intendSeal(seal)).rejects.toMatchObject({ code: 'part.taken-over', retry: 'now', facts: { partId: 'part-1' } });
  });
});
