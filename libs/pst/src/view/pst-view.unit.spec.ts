import { ID, PT, utf16, type MapiItem } from '@pstream/mapi';
import { bufferSource, openPst } from '../reader/index.js';
import { smallStore, there } from '../reader/stores.fixture.js';
import { integer, mail, text } from '../writer/items.fixture.js';
import { memoryPart } from '../writer/memory-target.fixture.js';
import { PstView, type ViewedFolder } from './index.js';

const viewOf = async (bytes: Uint8Array, maxValueBytes = 4_096): Promise<PstView> =>
  new PstView(await openPst(bufferSource(bytes), { mode: 'lenient', maxValueBytes }));

const storeOf = async (items: readonly MapiItem[]): Promise<Uint8Array> => {
  const { target, writer } = memoryPart({ recordKey: Uint8Array.from({ length: 16 }, (_, i) => i + 1), displayName: 'Small' });
  writer.ensureFolder({ key: 'inbox', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
  for (const item of items) await writer.addItem('inbox', item);
  await writer.seal();
  return new Uint8Array(target.file());
};

const folderOf = async (view: PstView, name: string): Promise<ViewedFolder> =>
  there((await view.folders()).folders.find(({ path }) => path.at(-1) === name));

const binary = (id: number, value: Uint8Array): MapiItem['properties'][number] => ({ id, type: PT.Binary, value });

/** A message that has nothing but rich text. */
const rich = (value: Uint8Array): MapiItem => {
  const { properties, ...rest } = mail('rich');
  return {
    ...rest,
    properties: [...properties.filter(({ id }) => id !== ID.Body), binary(ID.RtfCompressed, value)].toSorted((a, b) => a.id - b.id),
  };
};

describe('a store as it is looked at', () => {
  it('has folders with their paths and numbers', async () => {
    const { folders, isWhole } = await (await viewOf((await smallStore()).bytes)).folders();
    expect(isWhole).toBe(true);
    expect(folders.map(({ path, items }) => [path, items])).toEqual(
      expect.arrayContaining([
        [['Inbox'], 2],
        [['Inbox', 'Project/X'], 2],
      ]),
    );
  });

  it('gives a folder page by page, what was put in last first', async () => {
    const view = await viewOf(await storeOf(Array.from({ length: 1_100 }, (_none, at) => mail(`mail ${at + 1}`))));
    const { nid } = await folderOf(view, 'Inbox');
    const subjects = async (skip: number, limit: number): Promise<(string | null)[]> =>
      (await view.rows(nid, skip, limit)).rows.map(({ subject }) => subject);
    expect(await subjects(0, 3)).toEqual(['mail 1100', 'mail 1099', 'mail 1098']);
    expect(await subjects(1_098, 100)).toEqual(['mail 2', 'mail 1']);
    expect(await view.rows(nid, 5_000, 10)).toEqual({ rows: [], scanned: 1_100, total: 1_100 });
    expect(await view.rows(nid, 600, 1)).toMatchObject({ scanned: 601, total: 1_100 });
  });

  it('finds a text in subjects whatever its case, stops when it is enough, and goes on from there', async () => {
    const view = await viewOf(await storeOf(['Plan A', 'other', 'RE: plan b', 'PLAN C'].map((subject) => mail(subject))));
    const { nid } = await folderOf(view, 'Inbox');
    const first = await view.search(nid, 'pLAn', 0, 2, () => false);
    expect([first.rows.map(({ subject }) => subject), first.scanned, first.total]).toEqual([['Plan A', 'RE: plan b'], 3, 4]);
    expect((await view.search(nid, 'plan', first.scanned, 2, () => false)).rows.map(({ subject }) => subject)).toEqual(['PLAN C']);
    expect(await view.search(nid, 'plan', 0, 10, () => true)).toMatchObject({ rows: [], scanned: 0 });
  });

  it('opens a message with its people and the list of its attachments, and messages within messages', async () => {
    const view = await viewOf((await smallStore()).bytes);
    const rows = [
      ...(await view.rows((await folderOf(view, 'Inbox')).nid, 0, 10)).rows,
      ...(await view.rows((await folderOf(view, 'Project/X')).nid, 0, 10)).rows,
    ];
    const open = (subject: string): Promise<Awaited<ReturnType<PstView['message']>>> =>
      view.message([there(rows.find((row) => row.subject === subject)).nid]);
    const people = await open('RE: with people');
    expect(people).toMatchObject({ subject: 'RE: with people', isCut: false });
    expect(people.recipients.map(({ kind, name, address }) => [kind, name, address])).toEqual([
      ['to', 'Ada', 'ada@example.org'],
      ['cc', 'Bob', 'bob@example.org'],
    ]);
    const files = await open('with files');
    expect(files.attachments.map(({ name, bytes, isMessage }) => [name, bytes, isMessage])).toEqual([
      ['small.txt', 100, false],
      ['big.bin', 100_000, false],
    ]);
    const outer = there(rows.find(({ subject }) => subject === 'with a message')).nid;
    const inner = there((await view.message([outer])).attachments[0]);
    expect(inner.isMessage).toBe(true);
    const within = await view.message([outer, inner.nid]);
    expect(within).toMatchObject({ subject: 'inner', attachments: [{ name: 'deep.bin', bytes: 5_000 }] });
    const deep = await view.attachment([outer, inner.nid], there(within.attachments[0]).nid);
    expect((await deep.handle.read(4_990, 100)).length).toBe(10);
  });

  it('has text from HTML of a code page, and from rich text where there is no other', async () => {
    const view = await viewOf(
      await storeOf([
        mail('html', {}, [binary(ID.Html, Buffer.from('<p>Gr\xfc\xdfe</p>', 'latin1')), integer(ID.InternetCodepage, 1252)]),
        // The example of [MS-OXRTFCP] 4.1.1, whose words are one line.
        rich(Buffer.from('2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0', 'hex')),
      ]),
    );
    const { rows } = await view.rows((await folderOf(view, 'Inbox')).nid, 0, 10);
    const [written, html] = await Promise.all(rows.map(({ nid }) => view.message([nid])));
    expect(there(html).html).toBe('<p>Grüße</p>');
    expect(there(written)).toMatchObject({ text: 'hello world', html: null });
  });

  it('cuts what is too long, and says so', async () => {
    const view = await viewOf(await storeOf([mail('long', {}, [text(ID.Body, 'x'.repeat(100_000))])]));
    const { rows } = await view.rows((await folderOf(view, 'Inbox')).nid, 0, 10);
    expect(await view.message([there(rows[0]).nid])).toMatchObject({ text: 'x'.repeat(2_048), isCut: true });
  });

  it('knows no folder, message or attachment that is not there, nor one of another kind', async () => {
    const view = await viewOf((await smallStore()).bytes);
    const { nid } = await folderOf(view, 'Inbox');
    const [row] = (await view.rows(nid, 0, 1)).rows;
    await expect(view.rows(0x122, 0, 10)).rejects.toMatchObject({ code: 'pst.no-such-folder' });
    for (const path of [[], [nid], [0x7ff_ffe4], [there(row).nid, 5]])
      await expect(view.message(path)).rejects.toMatchObject({ code: 'pst.no-such-item' });
    await expect(view.attachment([there(row).nid], 0x8005)).rejects.toMatchObject({ code: 'pst.no-such-item' });
  });
});

describe('rich text', () => {
  const rtf = (source: string): Buffer => {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(source.length + 12, 0);
    header.writeUInt32LE(source.length, 4);
    header.writeUInt32LE(0x414c454d, 8);
    return Buffer.concat([header, Buffer.from(source, 'latin1')]);
  };
  const wordsOf = async (source: string): Promise<string | null> => {
    const view = await viewOf(await storeOf([rich(rtf(source))]));
    const { rows } = await view.rows((await folderOf(view, 'Inbox')).nid, 0, 1);
    return (await view.message([there(rows[0]).nid])).text;
  };
  it.each([
    ["{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}Gr\\'fc\\'dfe\\par two\\tab 3}", 'Grüße\ntwo\t3'],
    ["{\\rtf1\\ansicpg932 \\'93\\'fa\\'96\\'7b}", '日本'],
    ['{\\rtf1\\uc1 \\u8364 ? and \\u-10179 ?\\u-8704 ?}', '€ and 😀'],
    ['{\\rtf1\\fromhtml1{\\*\\htmltag84 <b>}\\htmlrtf {\\b \\htmlrtf0 bold}\\htmlrtf0\\{\\}', 'bold{}'],
    ['{'.repeat(100_000), ''],
  ])('is read for its words: %#', async (source, words) => {
    expect((await wordsOf(source)) ?? '').toBe(words);
  });
  it('that is not what it says is nothing', async () => {
    const view = await viewOf(await storeOf([rich(utf16('no rich text'))]));
    const { rows } = await view.rows((await folderOf(view, 'Inbox')).nid, 0, 1);
    expect((await view.message([there(rows[0]).nid])).text).toBeNull();
  });
});
