import { ID, PT, MULTIPLE, PROPERTY_SET, utf16 } from '@pstream/mapi';
import { bufferSource, openPst, type PstFile } from '../reader/index.js';
import { smallStore } from '../reader/stores.fixture.js';
import { memoryPart } from '../writer/memory-target.fixture.js';
import { integer, mail, text } from '../writer/items.fixture.js';
import { pstCat, pstDiff, pstInfo, pstList } from './index.js';
import { printProperty } from './print-property.js';
import { findByPath } from './pst-cat.js';
import { pathNames, pathText } from './pst-list.js';

const open = async (bytes: Uint8Array): Promise<PstFile> => openPst(bufferSource(bytes), { mode: 'strict' });

const all = async <T>(from: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = [];
  for await (const one of from) out.push(one);
  return out;
};

const storeOf = async (items: readonly ReturnType<typeof mail>[], folder = 'Inbox'): Promise<PstFile> => {
  const { target, writer } = memoryPart({ recordKey: new Uint8Array(16).fill(9), displayName: 'S' });
  writer.ensureFolder({ key: 'f', parent: null, name: folder });
  for (const item of items) await writer.addItem('f', item);
  await writer.seal();
  return open(new Uint8Array(target.file()));
};

describe('the tools over a store', () => {
  let pst: PstFile;
  beforeAll(async () => (pst = await open((await smallStore()).bytes)));

  it('sum it up', async () => {
    expect(await pstInfo(pst)).toMatchObject({
      form: 'unicode',
      wVer: 23,
      encoding: 'permute',
      displayName: 'Small',
      folders: 3,
      items: 4,
      associatedItems: 1,
      itemsByFolderClass: { 'IPF.Note': 4 },
      problems: [],
    });
  });

  it('list it with paths that cat understands', async () => {
    const entries = await all(pstList(pst, { items: true, associated: true }));
    expect(entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path)).toEqual([
      '/',
      'Deleted Items',
      'Inbox',
      'Inbox/Project\\/X',
    ]);
    const items = entries.filter((entry) => entry.kind === 'item');
    expect(items.map(({ subject, attachments }) => [subject, attachments])).toEqual([
      ['plain', 0],
      ['with files', 2],
      ['hidden', 0],
      ['RE: with people', 0],
      ['with a message', 1],
    ]);
    for (const { path, subject } of items) {
      const shown = await pstCat(pst, path);
      expect(shown.kind === 'item' ? shown.item.properties.find(({ name }) => name === 'Subject')?.value : '').toBe(subject);
    }
    const below = await all(pstList(pst, { under: 'Inbox/Project\\/X' }));
    expect(below).toEqual([{ kind: 'folder', path: 'Inbox/Project\\/X', containerClass: 'IPF.Note', items: 2, associatedItems: 0 }]);
  });

  it('show a folder, and refuse paths that lead nowhere without repeating them', async () => {
    const folder = await pstCat(pst, 'Inbox');
    expect(folder.kind === 'folder' ? folder.properties.find(({ name }) => name === 'DisplayName')?.value : '').toBe('Inbox');
    await expect(findByPath(pst, 'Secret')).rejects.toMatchObject({ code: 'pst.no-such-folder', message: 'pst.no-such-folder' });
    await expect(findByPath(pst, '#0x2fffe4')).rejects.toMatchObject({ code: 'pst.no-such-item' });
    await expect(all(pstList(pst, { under: 'Secret' }))).rejects.toMatchObject({ code: 'pst.no-such-folder' });
  });

  it('find no difference between a store and itself, embedded messages and hidden items included', async () => {
    const diff = await pstDiff(pst, [await open((await smallStore('none')).bytes)], { associated: true });
    expect(diff).toMatchObject({
      folders: 4,
      items: 5,
      itemsLost: 0,
      itemsExtra: 0,
      differences: 0,
      compared: { recipients: 2, attachments: 4, embedded: 1 },
    });
  });
});

describe('pstDiff', () => {
  it('names lost, changed and added properties, and keeps values out of its notes', async () => {
    const original = await storeOf([mail('one', {}, [text(0x5001, 'kept'), text(0x5002, 'lost'), integer(0x5003, 1)])]);
    const copy = await storeOf([mail('one', {}, [text(0x5001, 'kept'), integer(0x5003, 2), integer(0x5004, 3)])]);
    const diff = await pstDiff(original, [copy]);
    expect(diff).toMatchObject({ lost: { '0x5002': 1 }, changed: { '0x5003': 1 }, added: { '0x5004': 1 }, differences: 2 });
    expect(diff.notes.map(({ kind, what }) => `${kind} ${what}`)).toEqual(['lost 0x5002', 'changed 0x5003']);
  });

  it('merges the parts of one mailbox and finds items in any order', async () => {
    const items = ['a', 'bb', 'ccc', 'dddd'].map((subject) => mail(subject));
    const parts = [await storeOf([items[3], items[1]] as typeof items), await storeOf([items[2], items[0]] as typeof items)];
    expect(await pstDiff(await storeOf(items), parts)).toMatchObject({ items: 4, differences: 0 });
  });

  it('counts items and folders that are lost, and those that are too many', async () => {
    const diff = await pstDiff(await storeOf([mail('a'), mail('bb')]), [await storeOf([mail('bb'), mail('ccc')])]);
    expect(diff).toMatchObject({ itemsLost: 1, itemsExtra: 1, differences: 2 });
    expect(await pstDiff(await storeOf([mail('a')], 'Elsewhere'), [await storeOf([])])).toMatchObject({ foldersLost: 1, itemsLost: 1 });
    expect(await pstDiff(await storeOf([mail('a')]), [await storeOf([mail('a'), mail('bb')])], { allowExtra: true })).toMatchObject({
      differences: 0,
    });
  });
});

describe('paths and values', () => {
  it('write folder names with slashes and backslashes so that they come back', () => {
    for (const names of [[], ['Inbox'], ['a/b', 'c\\d', '\\/'], ['', 'x']])
      if (names.join('') !== '') expect(pathNames(pathText(names))).toEqual(names);
    expect(pathText([])).toBe('/');
    expect(pathNames('/')).toEqual([]);
  });

  it.each([
    [
      { id: ID.Subject, type: PT.String, value: utf16('Hi') },
      { tag: '0x0037001f', name: 'Subject', type: 'String', value: 'Hi', bytes: 4 },
    ],
    [
      { id: ID.MessageFlags, type: PT.Integer32, value: Uint8Array.of(0xff, 0xff, 0xff, 0xff) },
      { tag: '0x0e070003', value: '-1' },
    ],
    [
      { id: 0x8001, type: PT.Boolean, value: Uint8Array.of(1), name: { set: PROPERTY_SET.common, lid: 0x8503 } },
      { name: 'common/0x8503', value: 'true' },
    ],
    [
      { id: 0x6800, type: PT.Binary, value: new Uint8Array(100) },
      { value: `${'00'.repeat(64)}… (100 bytes)`, bytes: 100 },
    ],
    [
      { id: 0x6801, type: PT.Integer16 | MULTIPLE, value: Uint8Array.of(1, 0, 2, 0) },
      { type: 'Integer16[]', value: '[1, 2]' },
    ],
    [{ id: 0x6802, type: PT.Guid, value: PROPERTY_SET.mapi }, { value: '00020328-0000-0000-c000-000000000046' }],
    [{ id: 0x6803, type: PT.Time, value: new Uint8Array(3) }, { value: '000000' }],
  ])('print %o', (property, expected) => {
    expect(printProperty(property)).toMatchObject(expected);
  });
});
