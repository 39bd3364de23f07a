import { noItems, type PassRefs } from '@pstream/contracts';
import fc from 'fast-check';
import type { Document } from '@pstream/projections';
import type { RecordedEvent } from '@pstream/contracts';
import { passSettings } from '@pstream/testing';
import { mailboxes } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const totals = { discovered: 10, exported: 9, skipped: 1, failed: 0 };
const mailbox = { id: 'MBX', version: 'v1.0' };

// Four streams that feed one document, each in its own order.
const streams = {
  project: [
    { type: 'LineItemsAdded', data: { ...refs, items: [{ mailboxJobId: 'm', source: 'ada@contoso.com', destination: 'ada.pst' }], at } },
  ],
  job: [
    { type: 'MailboxJobOpened', data: { ...refs, source: 'ada@contoso.com', destination: 'renamed.pst', at } },
    { type: 'PassStarted', data: { ...refs, number: 1, kind: 'full', settings: passSettings, at } },
    { type: 'PassBegun', data: { ...refs, at } },
    { type: 'PassCompleted', data: { ...refs, kind: 'full', pass: totals, mailbox: totals, at } },
  ],
  extraction: [
    { type: 'FoldersDiscovered', data: { ...refs, folders: [{}], last: true, at } },
    {
      type: 'PageListed',
      data: {
        ...refs,
        folderKey: 'f',
        page: 0,
        mailbox,
        items: 10,
        bytes: 1,
        again: false,
        repeats: 0,
        slices: [0],
        manifest: null,
        next: null,
        delta: null,
        at,
      },
    },
    {
      type: 'SliceExported',
      data: { ...refs, folderKey: 'f', page: 0, from: 0, items: 9, bytes: 900, skipped: 1, failed: 0, mime: 2, doubts: 3, at },
    },
    { type: 'ExtractionFinished', data: { ...refs, discovered: 10, published: 9, skipped: 1, failed: 0, bytes: 900, at } },
  ],
  part: [{ type: 'PartSealed', data: { ...refs, partId: 'q', name: 'ada.pst', etag: 'e', location: 'l', bytes: 1, items: 9, at } }],
};

const fold = (events: readonly unknown[]): Document | null =>
  events.reduce<Document | null>((document, event) => mailboxes.evolve(document, event as RecordedEvent, 'm'), null);

/** Any interleaving that keeps the order within each stream. */
const interleaving = fc
  .array(fc.constantFrom(...(Object.keys(streams) as (keyof typeof streams)[])), { minLength: 0, maxLength: 60 })
  .map((picks) => {
    const rest = Object.fromEntries(Object.entries(streams).map(([name, events]) => [name, [...events]])) as Record<string, unknown[]>;
    const order: unknown[] = [];
    for (const pick of [...picks, ...Object.keys(streams).flatMap((name) => Array(5).fill(name) as string[])]) {
      const event = rest[pick]?.shift();
      if (event !== undefined) order.push(event);
    }
    return order;
  });

describe('the view of a mailbox', () => {
  it('is the same whichever stream comes first', () => {
    const expected = fold(Object.values(streams).flat());
    fc.assert(fc.property(interleaving, (events) => expect(fold(events)).toEqual(expected)));
  });
  it('says completed, with a sum that holds', () => {
    expect(fold(Object.values(streams).flat())).toMatchObject({
      status: 'Completed',
      source: 'ada@contoso.com',
      destination: 'renamed.pst',
      totals,
      mime: 2,
      doubts: 3,
      parts: 1,
      listing: 'finished',
      extracted: { items: 9, bytes: 900 },
    });
  });
  it('says verified, and no longer once it was exported', () => {
    const verified = [
      { type: 'PassStarted', data: { ...refs, passId: 'v', number: 1, kind: 'verify', settings: passSettings, at } },
      { type: 'PassCompleted', data: { ...refs, passId: 'v', kind: 'verify', pass: noItems, mailbox: noItems, at } },
    ];
    const again = { type: 'PassCompleted', data: { ...refs, passId: 'w', kind: 'verify', pass: noItems, mailbox: totals, at } };
    const broken = { type: 'PassFailed', data: { ...refs, passId: 'w', kind: 'verify', cause: { code: 'x.y' }, at } };
    const status = (...events: readonly unknown[]) => fold([...streams.project, ...events])?.['status'];
    expect([status(verified[0]), status(...verified), status(verified[0], broken)]).toEqual([
      'Verifying',
      'Verified',
      'Verification failed',
    ]);
    expect([status(...verified, ...streams.job, again), status(...streams.job, broken)]).toEqual(['Completed', 'Verification failed']);
  });
  it('says not submitted before anything was started', () => {
    expect(fold(streams.project)).toMatchObject({ status: 'Not Submitted', totals: noItems, pass: null });
  });
  it('says completed with errors, though every item is there, when a folder could not be listed', () => {
    const notListed = { type: 'FolderNotListed', data: { ...refs, folderKey: 'f', what: 'items', cause: { code: 'x' }, attempts: 2, at } };
    const job = streams.job.map((event) =>
      event.type === 'PassCompleted' ? { ...event, data: { ...event.data, foldersNotListed: 1 } } : event,
    );
    const open = [...job.slice(0, -1), ...streams.extraction, notListed, { ...notListed, data: { ...notListed.data, already: true } }];
    expect(fold(open)).toMatchObject({ status: 'Migrating', foldersNotListed: 1 });
    expect(fold([...open, ...job.slice(-1)])).toMatchObject({ status: 'Completed with errors', foldersNotListed: 1, totals });
  });
  it('takes a page that brings nothing new for no progress', () => {
    const [page] = streams.extraction.filter(({ type }) => type === 'PageListed');
    const idle = { ...page, data: { ...page!.data, items: 0, idle: true, at: '2026-03-01T01:00:00.000Z' } };
    expect(fold([...streams.job.slice(0, 3), page, idle])).toMatchObject({ progressAt: at });
  });
  it('counts the folders of the mailbox, not those that a retry has to do with', () => {
    const found = (passId: string, folders: number, last: boolean) => ({
      type: 'FoldersDiscovered',
      data: { ...refs, passId, folders: Array(folders).fill({}), last, at },
    });
    expect(fold([...streams.project, found('x', 500, false), found('x', 12, true), found('y', 3, true)])).toMatchObject({ folders: 512 });
  });
});
