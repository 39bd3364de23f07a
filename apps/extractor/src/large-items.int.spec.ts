import { PassRun } from './pass-run.fixture.js';
import { TroubledSource } from './troubled-source.fixture.js';

// The fixture takes items of up to 1,000 bytes, where the extractor takes 60 GB.

describe('an item that is larger than any PST may be', () => {
  const source = new TroubledSource(['Inbox'], 12);
  const run = new PassRun(source);
  afterAll(() => run.close());

  it('is refused with its size, and the tenant is not asked for it; the others are exported', async () => {
    const sizes = new Map([
      ['Inbox-3', 61_300_000_000],
      ['Inbox-4', 1_000],
      ['Inbox-5', 1_001],
    ]);
    source.sizeOf = (id) => sizes.get(id) ?? 10;
    const events = await run.pass('full');
    const failed = events.flatMap((event) => (event.type === 'ItemFailed' ? [event.data] : []));
    expect(failed).toMatchObject([
      { itemId: 'Inbox-3', code: 'item.too-large', sizeBytes: 61_300_000_000, attempts: 1, advice: expect.stringContaining('61.3 GB') },
      { itemId: 'Inbox-5', code: 'item.too-large', sizeBytes: 1_001 },
    ]);
    expect(source.exported).toHaveLength(10);
    expect(source.exported).toContain('Inbox-4');
    expect(events.find(({ type }) => type === 'ExtractionFinished')).toMatchObject({ data: { discovered: 12, published: 10, failed: 2 } });
  });

  it('stays failed when the errors are retried, as long as it is that large', async () => {
    const again = await run.pass('retry-errors');
    expect(again.flatMap((event) => (event.type === 'ItemFailed' ? [event.data.itemId] : [])).toSorted()).toEqual(['Inbox-3', 'Inbox-5']);
    expect(source.exported).toHaveLength(10);
  });
});
