import { itemDigest } from '../fidelity/index.js';
import { PAGE_TYPE } from '../shared/index.js';
import { bufferSource, openPst, type PstFile } from './index.js';
import { smallStore, type SmallStore } from './stores.fixture.js';

const PAGE = 512;
const TYPE_AT = 496;
const HEADER_BYTES = 564;

const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');

/** Digests of all messages of a store that can be read, whether a table names them or not. */
const messagesOf = async (file: PstFile): Promise<string[]> => {
  const out: string[] = [];
  for await (const { item } of file.messages()) out.push(hex(itemDigest(await item.item())));
  return out.sort();
};

const pagesOf = (bytes: Uint8Array, type: number): number[] =>
  Array.from({ length: Math.floor(bytes.length / PAGE) }, (_, i) => i * PAGE).filter(
    (at) => bytes[at + TYPE_AT] === type && bytes[at + TYPE_AT + 1] === type,
  );

describe.each(['none', 'permute'] as const)('a store that has lost its indexes, recovered (encoding %s)', (encoding) => {
  let store: SmallStore;
  beforeAll(async () => {
    store = await smallStore(encoding);
  });

  const damaged = (damage: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = store.bytes.slice();
    damage(bytes);
    return bytes;
  };
  const DAMAGE: readonly (readonly [string, (bytes: Uint8Array) => void])[] = [
    ['nothing lost', () => undefined],
    ['the header zeroed', (bytes) => bytes.fill(0, 0, HEADER_BYTES)],
    ['wrong references to both trees', (bytes) => bytes.fill(0x55, 184, 248)],
    ['every page of the block tree zeroed', (bytes) => pagesOf(bytes, PAGE_TYPE.bbt).forEach((at) => bytes.fill(0, at, at + PAGE))],
  ];

  it.each(DAMAGE)('gives every message with %s', async (_, damage) => {
    const file = await openPst(bufferSource(damaged(damage)), { mode: 'lenient', recover: true });
    expect(await messagesOf(file)).toEqual(store.digests.map(hex).sort());
    const folders: string[] = [];
    for await (const { path } of file.folders()) folders.push(path.join(' › '));
    expect(folders).toEqual(expect.arrayContaining(['Inbox', 'Inbox › Project/X']));
  });

  it('tells where a message belongs that no table names', async () => {
    const file = await openPst(bufferSource(damaged((bytes) => bytes.fill(0, 0, HEADER_BYTES))), { mode: 'lenient', recover: true });
    const paths = new Set<string>();
    for await (const { folder } of file.messages()) paths.add((await file.pathOf(folder)).join(' › '));
    expect([...paths].sort()).toEqual(['Inbox', 'Inbox › Project/X']);
  });

  it('is refused where nothing of a store is left', async () => {
    await expect(openPst(bufferSource(new Uint8Array(100_000)), { mode: 'lenient', recover: true })).rejects.toMatchObject({
      code: 'pst.not-a-pst',
    });
  });
});
