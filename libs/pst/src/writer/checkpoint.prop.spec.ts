import fc from 'fast-check';

import { PstWriter, type FolderSpec, type PstWriterOptions } from './index.js';
import { anyItem, mail, pattern } from './items.fixture.js';
import { MemoryTarget } from './memory-target.fixture.js';
import type { MapiItem } from '@pstream/mapi';

const OPTIONS: PstWriterOptions = {
  recordKey: pattern(16, 3),
  displayName: 'A part',
  createdAt: '2024-05-06T07:08:09Z',
  regionsPerExtent: 1,
};

type Step =
  | { readonly do: 'folder'; readonly spec: FolderSpec }
  | { readonly do: 'item'; readonly folder: number; readonly item: MapiItem }
  | { readonly do: 'checkpoint'; readonly full: boolean }
  | { readonly do: 'crash' };

const FIRST: FolderSpec = { key: 'a', parent: null, name: 'Inbox', wellKnownName: 'inbox' };
const FOLDERS: readonly FolderSpec[] = [
  FIRST,
  { key: 'b', parent: 'a', name: 'Below', properties: [{ id: 0x3004, type: 0x1f, value: pattern(8, 1) }] },
  { key: 'c', parent: null, name: 'Gone', wellKnownName: 'deleteditems' },
  { key: 'd', parent: 'b', name: 'Calendar', wellKnownName: 'calendar' },
];

const step = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...FOLDERS.slice(1)).map((spec): Step => ({ do: 'folder', spec })) },
  { weight: 6, arbitrary: fc.tuple(fc.nat(3), anyItem(1)).map(([folder, item]): Step => ({ do: 'item', folder, item })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 250_000 })).map(
      ([folder, bytes]): Step => ({
        do: 'item',
        folder,
        item: mail('large', {}, [{ id: 0x1013, type: 0x102, value: pattern(bytes, bytes) }]),
      }),
    ),
  },
  { weight: 3, arbitrary: fc.boolean().map((full): Step => ({ do: 'checkpoint', full })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'crash' }) },
);

const apply = async (writer: PstWriter, known: readonly FolderSpec[], one: Step): Promise<void> => {
  if (one.do === 'folder') {
    if (one.spec.parent === null || known.some(({ key }) => key === one.spec.parent)) writer.ensureFolder(one.spec);
  } else if (one.do === 'item') await writer.addItem((known[one.folder % known.length] ?? FIRST).key, one.item);
};

const knownAfter = (steps: readonly Step[], count: number): FolderSpec[] => {
  const known = [FIRST];
  for (const one of steps.slice(0, count)) {
    if (one.do !== 'folder' || known.includes(one.spec)) continue;
    if (one.spec.parent === null || known.some(({ key }) => key === one.spec.parent)) known.push(one.spec);
  }
  return known;
};

const undisturbed = async (steps: readonly Step[], options: PstWriterOptions): Promise<Buffer> => {
  const target = new MemoryTarget(1);
  const writer = PstWriter.create(target, options);
  writer.ensureFolder(FIRST);
  for (const [i, one] of steps.entries()) await apply(writer, knownAfter(steps, i), one);
  const { bytes } = await writer.seal();
  const file = target.file();
  expect(file.length).toBe(bytes);
  return file;
};

/** Runs the steps with crashes: each goes back to the last checkpoint, with the extents staged until then or later, and on from there. */
const crashing = async (steps: readonly Step[], options: PstWriterOptions): Promise<Buffer> => {
  let target = new MemoryTarget(1);
  let writer = PstWriter.create(target, options);
  writer.ensureFolder(FIRST);
  const chain = [writer.checkpoint()];
  let resumeAt = 0;
  let crashes = 0;
  for (const [i, one] of steps.entries()) {
    if (one.do === 'checkpoint') {
      if (one.full) chain.length = 0;
      chain.push(writer.checkpoint({ full: one.full }));
      resumeAt = i + 1;
    } else if (one.do === 'crash' && crashes < 3) {
      crashes++;
      target = new MemoryTarget(1, target.staged);
      writer = PstWriter.resume(target, chain);
      for (const [k, again] of steps.slice(resumeAt, i).entries()) await apply(writer, knownAfter(steps, resumeAt + k), again);
    } else await apply(writer, knownAfter(steps, i), one);
  }
  await writer.seal();
  return target.file();
};

describe('a part with checkpoints', () => {
  it('has the same bytes as an undisturbed one, in whatever order items, checkpoints and crashes come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), fc.constantFrom('none', 'permute'), async (steps, encoding) => {
        const options = { ...OPTIONS, encoding } as const;
        const expected = await undisturbed(steps, options);
        const actual = await crashing(steps, options);
        expect(actual.equals(expected)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('never grows past the bound that was announced before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyItem(2), { minLength: 1, maxLength: 12 }), async (items) => {
        const target = new MemoryTarget(1);
        const writer = PstWriter.create(target, OPTIONS);
        writer.ensureFolder(FIRST);
        for (const item of items) {
          const bound = writer.boundAfter(item);
          await writer.addItem('a', item);
          expect(writer.size).toBeLessThanOrEqual(bound);
        }
        const { size } = writer;
        expect((await writer.seal()).bytes).toBeLessThanOrEqual(size);
      }),
      { numRuns: 12 },
    );
  });
});
