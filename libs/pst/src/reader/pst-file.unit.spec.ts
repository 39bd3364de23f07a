import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import { itemDigest } from '../fidelity/index.js';
import { pstCrc } from '../shared/index.js';
import { pattern } from '../writer/items.fixture.js';
import { bufferSource, openPst, type PstFile, type PstItem } from './index.js';
import { smallStore, there, walk, type SmallStore } from './stores.fixture.js';

const text = (item: MapiItem, id: number): string | undefined => {
  const found = item.properties.find((property) => property.id === id && property.type === PT.String);
  return found === undefined ? undefined : utf16Text(found.value);
};

const itemsIn = async (pst: PstFile, path: string, associated = false): Promise<PstItem[]> => {
  const out: PstItem[] = [];
  for await (const folder of pst.folders())
    if (folder.path.join('|') === path) for await (const item of pst.items(folder, { associated })) out.push(item);
  return out;
};

describe.each(['none', 'permute'] as const)('a store of ours, encoding %s', (encoding) => {
  let store: SmallStore;
  let pst: PstFile;
  beforeAll(async () => {
    store = await smallStore(encoding);
    pst = await openPst(bufferSource(store.bytes), { mode: 'strict' });
  });

  it('lists folders depth first with path, parent, class and counts', async () => {
    const seen = [];
    for await (const { path, containerClass, contentCount, associatedCount, inIpm, key, parentKey } of pst.folders()) {
      seen.push([path.join('|'), containerClass, contentCount, associatedCount, inIpm, key !== parentKey]);
    }
    expect(seen).toEqual([
      ['', undefined, 0, 0, true, true],
      ['Deleted Items', 'IPF.Note', 0, 0, true, true],
      ['Inbox', 'IPF.Note', 2, 1, true, true],
      ['Inbox|Project/X', 'IPF.Note', 2, 0, true, true],
    ]);
  });

  it('gives items back in the order of writing, with the digest they were written under', async () => {
    const inbox = await itemsIn(pst, 'Inbox');
    const sub = await itemsIn(pst, 'Inbox|Project/X');
    const hidden = await itemsIn(pst, 'Inbox', true);
    const digests = await Promise.all(
      [inbox[0], sub[0], inbox[1], sub[1], hidden[0]].map(async (item) => itemDigest(await there(item).item())),
    );
    expect(digests).toEqual(store.digests);
    expect(hidden[0]?.associated).toBe(true);
    expect(inbox[0]?.size).toBeGreaterThan(100);
  });

  it('takes the lead-in off the subject and shows it as prefix', async () => {
    const [first] = await itemsIn(pst, 'Inbox|Project/X');
    const item = await there(first).item();
    expect(text(item, ID.Subject)).toBe('RE: with people');
    expect(text(item, ID.SubjectPrefix)).toBe('RE: ');
    expect(item.recipients.map(({ properties }) => text({ properties } as MapiItem, ID.DisplayName))).toEqual(['Ada', 'Bob']);
  });

  it('reads attachments by range and as a stream without holding them', async () => {
    const [, withFiles] = await itemsIn(pst, 'Inbox');
    const handles = [];
    for await (const handle of there(withFiles).attachments()) handles.push(handle);
    expect(handles.map(({ bytes }) => bytes)).toEqual([100, 100_000]);
    const big = handles[1];
    const expected = pattern(100_000, 100_000);
    expect(Buffer.compare((await big?.read(8170, 20)) ?? new Uint8Array(0), expected.subarray(8170, 8190))).toBe(0);
    expect((await big?.read(99_990, 50))?.length).toBe(10);
    expect((await big?.read(100_000, 1))?.length).toBe(0);
    const parts: Uint8Array[] = [];
    for await (const part of big?.stream() ?? []) parts.push(part);
    expect(parts.every(({ length }) => length <= 8176)).toBe(true);
    expect(Buffer.compare(Buffer.concat(parts), expected)).toBe(0);
  });

  it('leaves out the data of attachments that are larger than asked for, and says so', async () => {
    const [, withFiles] = await itemsIn(pst, 'Inbox');
    const item = await there(withFiles).item({ maxAttachmentBytes: 1000 });
    expect(item.attachments.map(({ properties }) => properties.some(({ id }) => id === ID.AttachData))).toEqual([true, false]);
    expect(item.warnings).toEqual(['attachment.data-left-out']);
  });

  it('opens embedded messages and their attachments', async () => {
    const [, withMessage] = await itemsIn(pst, 'Inbox|Project/X');
    for await (const handle of there(withMessage).attachments()) {
      expect(handle.isEmbedded).toBe(true);
      const inner = await handle.embeddedItem();
      expect(text(there(inner), ID.Subject)).toBe('inner');
      const deep = [];
      for await (const { bytes } of handle.embeddedAttachments()) deep.push(bytes);
      expect(deep).toEqual([5000]);
    }
  });

  it('does not change the bytes it reads', async () => {
    const before = Buffer.from(store.bytes);
    await walk(await openPst(bufferSource(store.bytes), { mode: 'lenient' }));
    await walk(await openPst(bufferSource(Buffer.from(store.bytes.buffer)), { mode: 'lenient' }));
    expect(Buffer.compare(before, store.bytes)).toBe(0);
  });
});

describe('opening what is no sound PST', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'pst.not-a-pst'],
    ['text', Buffer.from('From someone at somewhere'), 'pst.not-a-pst'],
    ['a cut header', Buffer.concat([Buffer.from('!BDN0000SM'), Uint8Array.of(23, 0), new Uint8Array(100)]), 'pst.truncated'],
    [
      'a version of its own',
      Buffer.concat([Buffer.from('!BDN0000SM'), Uint8Array.of(99, 0), new Uint8Array(600)]),
      'pst.unsupported-version',
    ],
  ])('refuses %s', async (_, bytes, code) => {
    for (const mode of ['strict', 'lenient'] as const)
      await expect(openPst(bufferSource(bytes), { mode })).rejects.toMatchObject({ name: 'Fault', code, retry: 'never' });
  });

  it('opens one that an Outlook with Windows Information Protection wrote: version 37', async () => {
    const { bytes, digests } = await smallStore();
    const head = Buffer.from(bytes.buffer, bytes.byteOffset, 564);
    head.writeUInt16LE(37, 10);
    head.writeUInt32LE(pstCrc(head.subarray(8, 479)), 4);
    head.writeUInt32LE(pstCrc(head.subarray(8, 524)), 524);
    const [first] = await itemsIn(await openPst(bufferSource(bytes), { mode: 'lenient' }), 'Inbox');
    expect(itemDigest(await there(first).item())).toEqual(digests[0]);
  });

  it('throws at the first damage in strict mode and names field and place', async () => {
    const { bytes } = await smallStore();
    bytes[530 - 10] = there(bytes[520]) ^ 1;
    await expect(openPst(bufferSource(bytes), { mode: 'strict' })).rejects.toMatchObject({
      code: 'pst.crc-mismatch',
      field: 'HEADER/dwCRCFull',
    });
    const lenient = await openPst(bufferSource(bytes), { mode: 'lenient' });
    expect(await walk(lenient)).toMatchObject({ items: 4, associated: 1, unreadable: [] });
    expect(lenient.problems.map(({ code }) => code)).toContain('pst.crc-mismatch');
  });
});
