import fc from 'fast-check';
import { bufferSource, openPst, type ByteSource } from '../reader/index.js';
import { there } from '../reader/stores.fixture.js';
import { pstCrc, signature } from '../shared/index.js';
import { anyItem, file, mail, named, person, text } from '../writer/items.fixture.js';
import { memoryPart } from '../writer/memory-target.fixture.js';
import { verifyPst, type ExpectedItems, type VerifyReport } from './index.js';

const RUNS = Number(process.env['PSTREAM_FUZZ_RUNS'] ?? 40);

type Store = { readonly bytes: Uint8Array; readonly expected: ExpectedItems };

const storeOf = async (items: readonly ReturnType<typeof mail>[], encoding: 'none' | 'permute' = 'none'): Promise<Store> => {
  const { target, writer } = memoryPart({ recordKey: new Uint8Array(16).fill(3), displayName: 'Quick', encoding });
  writer.ensureFolder({ key: 'a', parent: null, name: 'A' });
  writer.ensureFolder({ key: 'b', parent: 'a', name: 'B' });
  const digests: Uint8Array[] = [];
  for (const [i, item] of items.entries()) digests.push((await writer.addItem(i % 3 === 0 ? 'b' : 'a', item)).digest);
  await writer.seal();
  const expected = {
    items: items.length,
    digest: (n: number) => there(digests[n]),
    associated: (n: number) => items[n]?.associated === true,
  };
  return { bytes: new Uint8Array(target.file()), expected };
};

const KEYWORDS = { set: new Uint8Array(16).fill(9), name: 'Keywords' };

/** Items that the quick check takes, with something of each kind that it looks at. */
const ordinary = (count: number, attachmentBytes: number): ReturnType<typeof mail>[] => {
  const attachments = [file('a.txt', 50), file('b.bin', attachmentBytes)];
  const embedded = mail('inner', { recipients: [person(1, 'Di', 'di@example.org')], attachments: [file('c.txt', 60)] });
  const withMessage = [{ properties: [text(0x3001, 'inner')], embedded }];
  return Array.from({ length: count }, (_, i) =>
    mail(
      `subject ${i}`,
      {
        recipients: [person(1, 'Ada', 'ada@example.org'), person(1, 'Bob', 'bob@example.org'), person(2, 'Cy', 'cy@example.org')],
        attachments: i % 2 === 0 ? attachments : i % 3 === 0 ? withMessage : [],
      },
      [text(0x4001, `more ${i}`), named(KEYWORDS, text(0x8000, 'blue')), named({ set: KEYWORDS.set, lid: 0x8503 }, text(0x8000, 'red'))],
    ),
  );
};

/** The same source, and the bytes that were asked of it. */
const counted = (bytes: Uint8Array): ByteSource & { asked: number } => {
  const source = bufferSource(bytes);
  const counting = {
    size: source.size,
    windowBytes: 0x4000,
    asked: 0,
    read: (offset: number, length: number) => {
      counting.asked += length;
      return source.read(offset, length);
    },
  };
  return counting;
};

const told = ({ ok, items, folders, problems, sha256 }: VerifyReport): unknown => ({
  ok,
  items,
  folders,
  sha256,
  problems: problems.map((problem) => JSON.stringify(problem)).toSorted(),
});

const both = async ({ bytes, expected }: Store): Promise<[VerifyReport, VerifyReport]> => [
  await verifyPst(bufferSource(bytes), { expected }),
  await verifyPst(bufferSource(bytes), { expected, thorough: true }),
];

describe('the quick check', () => {
  it.each(['none', 'permute'] as const)('reads a file of ordinary items about once, over many chunks, encoding %s', async (encoding) => {
    const store = await storeOf(ordinary(24, 700_000), encoding);
    const source = counted(store.bytes);
    expect(await verifyPst(source, { expected: store.expected })).toMatchObject({ ok: true, items: 24 });
    expect(source.asked / store.bytes.length).toBeLessThan(1.3);
    const thorough = counted(store.bytes);
    expect(await verifyPst(thorough, { expected: store.expected, thorough: true })).toMatchObject({ ok: true, items: 24 });
    expect(thorough.asked / store.bytes.length).toBeGreaterThan(1.3);
  });

  it('agrees with the thorough one on any items', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyItem(), { minLength: 1, maxLength: 5 }), fc.constantFrom('none', 'permute'), async (items, encoding) => {
        const [quick, thorough] = await both(await storeOf(items, encoding));
        expect(quick.problems).toEqual([]);
        expect(told(quick)).toEqual(told(thorough));
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  }, 3_600_000);

  it('agrees with the thorough one on any change that the checksums were made right for', async () => {
    const store = await storeOf(ordinary(6, 30_000));
    const pst = await openPst(bufferSource(store.bytes), { mode: 'strict' });
    const blocks: { bid: number; ib: number; cb: number }[] = [];
    for await (const block of pst.ndb.allBlocks()) blocks.push(block);
    let [runs, found] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (pick, where, change, digests) => {
        const { bid, ib, cb } = there(blocks[pick % blocks.length]);
        const bytes = new Uint8Array(store.bytes);
        // most of what can go wrong stands at the start and at the end of a block
        const at =
          ib + (where % 3 === 0 ? Math.min(where % 64, cb - 1) : where % 3 === 1 ? cb - 1 - Math.min(where % 64, cb - 1) : where % cb);
        bytes[at] = there(bytes[at]) ^ change;
        const end = ib + Math.ceil((cb + 16) / 64) * 64;
        const view = new DataView(bytes.buffer, end - 16, 16);
        view.setUint16(2, signature(ib, bid), true);
        view.setUint32(4, pstCrc(bytes.subarray(ib, ib + cb)), true);
        const options = digests ? { expected: store.expected } : {};
        const quick = await verifyPst(bufferSource(bytes), options);
        const thorough = await verifyPst(bufferSource(bytes), { ...options, thorough: true });
        expect(told(quick)).toEqual(told(thorough));
        runs++;
        if (!quick.ok) found++;
      }),
      { numRuns: RUNS },
    );
    // The draw differs from run to run: enough that the comparison above says something.
    expect(found).toBeGreaterThan(runs / 4);
  }, 3_600_000);
});
