import { memoryBlobStore } from '@pstream/blob';
import type { ExtractionEvent, ManifestItem, PassRefs, WorkUnit } from '@pstream/contracts';
import fc from 'fast-check';
import { evolve } from '../domain/extraction/evolve.js';
import { newExtraction, type Extraction } from '../domain/extraction/state.js';
import { cutSlices, outstanding } from '../domain/extraction/units.js';
import { manifestKey, storeManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import { joinedSlices } from './joined-slices.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const mailboxOf = (n: number) => ({ id: `MBX:${n}`, version: 'v1.0' as const });

type Limits = { readonly sliceItems: number; readonly sliceBytes: number };
type Page = { readonly mailbox: number; readonly ids: readonly number[]; readonly size: number };

const page = fc.record({
  mailbox: fc.constantFrom(0, 0, 0, 1),
  ids: fc.uniqueArray(fc.nat(400), { minLength: 1, maxLength: 12 }),
  size: fc.constantFrom(1, 10, 400),
});
const folders = fc.array(fc.array(page, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });
const limits = fc.record({ sliceItems: fc.integer({ min: 1, max: 20 }), sliceBytes: fc.constantFrom(1, 100, 1_000) });

/** Pages listed under some limits. An id on several pages is an item that was moved between the listings. */
const listing = async (
  pages: readonly (readonly Page[])[],
  limit: Limits,
): Promise<{ state: Extraction; work: ReturnType<typeof memoryBlobStore> }> => {
  const work = memoryBlobStore();
  const state = newExtraction();
  const folder = (_: unknown, n: number) => ({
    key: `f${n}`,
    parent: null,
    name: 'f',
    containerClass: null,
    wellKnownName: null,
    hidden: false,
    expected: 1,
    id: `f${n}`,
    mailbox: mailboxOf(0),
  });
  evolve(state, { type: 'FoldersDiscovered', data: { ...refs, folders: pages.map(folder), last: true, at } });
  for (const [n, listed] of pages.entries()) {
    for (const [number, { mailbox: m, ids, size }] of listed.entries()) {
      const mailbox = mailboxOf(m);
      const items = ids.map(
        (id): ManifestItem => ({ key: `f${n}-${number}-${id}`, id: String(id), changeKey: null, type: 'IPM.Note', size }),
      );
      const next = number === listed.length - 1 ? null : 'next';
      const { ref } = await storeManifest(
        work,
        manifestKey('x', `f${n}`, number),
        { items, repeats: 0, mailbox, next, delta: null },
        new AbortController().signal,
      );
      const slices = cutSlices(
        ids.map(() => size),
        { items: limit.sliceItems, bytes: limit.sliceBytes },
      );
      evolve(state, {
        type: 'PageListed',
        data: {
          ...refs,
          folderKey: `f${n}`,
          page: number,
          mailbox,
          items: ids.length,
          bytes: ids.length * size,
          again: false,
          repeats: 0,
          slices,
          manifest: ref,
          next,
          delta: null,
          at,
        },
      });
    }
  }
  return { state, work };
};

const isSlice = (unit: WorkUnit | undefined): unit is Extract<WorkUnit, { kind: 'slice' }> => unit?.kind === 'slice';

/** Exports everything, slice after slice as the units come. Each element is what one unit exported. */
const drain = async (
  { state, work }: Awaited<ReturnType<typeof listing>>,
  limit: Limits,
): Promise<(readonly { readonly mailbox: string; readonly item: ManifestItem; readonly slice: number }[])[]> => {
  const all = [];
  for (let unit = outstanding(state, refs)[0]; isSlice(unit); unit = outstanding(state, refs)[0]) {
    const task = {
      worker: { work, limits: limit },
      unit,
      control: { refs },
      state,
      signal: new AbortController().signal,
    } as unknown as Task<'slice'>;
    const slices = await joinedSlices(task);
    expect(slices[0]?.task.unit).toEqual(unit);
    all.push(slices.flatMap(({ mailbox, items }, slice) => items.map((item) => ({ mailbox: mailbox.id, item, slice }))));
    for (const {
      task: {
        unit: { folderKey, page: number, from },
      },
      items,
    } of slices) {
      const exported: ExtractionEvent = {
        type: 'SliceExported',
        data: { ...refs, folderKey, page: number, from, items: items.length, bytes: 1, skipped: 0, failed: 0, at },
      };
      evolve(state, exported);
    }
  }
  return all;
};

describe('slices that are exported together', () => {
  it('cover every listed item once and in order, also when the limits were others at listing', async () => {
    await fc.assert(
      fc.asyncProperty(folders, limits, limits, async (pages, before, now) => {
        const calls = await drain(await listing(pages, before), now);
        const expected = pages.flatMap((listed, n) => listed.flatMap(({ ids }, number) => ids.map((id) => `f${n}-${number}-${id}`)));
        expect(calls.flat().map(({ item }) => item.key)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('are of one mailbox, name no item twice, and keep within the limits of one slice', async () => {
    await fc.assert(
      fc.asyncProperty(folders, limits, async (pages, limit) => {
        for (const call of await drain(await listing(pages, limit), limit)) {
          expect(new Set(call.map(({ mailbox }) => mailbox)).size).toBe(1);
          expect(new Set(call.map(({ item }) => item.id)).size).toBe(call.length);
          const isJoined = call.some(({ slice }) => slice > 0);
          if (isJoined) expect(call.length).toBeLessThanOrEqual(limit.sliceItems);
          if (isJoined) expect(call.reduce((sum, { item }) => sum + item.size, 0)).toBeLessThanOrEqual(limit.sliceBytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are as many as fit', async () => {
    const small = (id: number): Page[] => [{ mailbox: 0, ids: [id], size: 1 }];
    const pages = [small(1), small(2), small(3), small(4), small(5)];
    const calls = await drain(await listing(pages, { sliceItems: 2, sliceBytes: 100 }), { sliceItems: 2, sliceBytes: 100 });
    expect(calls.map((call) => call.length)).toEqual([2, 2, 1]);
  });

  it('are none when the slice has been exported', async () => {
    const { state, work } = await listing([[{ mailbox: 0, ids: [1], size: 1 }]], { sliceItems: 2, sliceBytes: 100 });
    const unit = { kind: 'slice', ...refs, folderKey: 'f0', page: 0, from: 1 };
    const task = {
      worker: { work, limits: { sliceItems: 2, sliceBytes: 100 } },
      unit,
      control: { refs },
      state,
      signal: new AbortController().signal,
    };
    expect(await joinedSlices(task as unknown as Task<'slice'>)).toEqual([]);
  });
});
