import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { jest } from '@jest/globals';
import { fileSource, openPst } from '@pstream/pst/reader';
import { contentsOf, mail, scene } from './scene.fixture.js';

// Disk and verification; the machine may be busy.
jest.setTimeout(120_000);

const isNodePage = (bytes: Buffer, at: number): boolean => bytes[at + 496] === 0x81 && bytes[at + 497] === 0x81 && bytes[at + 491] === 0;

/** Gives a node another id in a page of the node tree, whose checksum then no longer holds: lenient reading passes over that. */
const forget = (bytes: Buffer, page: number, nid: number): void => {
  for (let at = page; at < page + 488; at += 32) if (bytes.readUInt32LE(at) === nid) bytes.writeUInt32LE(nid + 0x7f_ffe0, at);
};

describe('converting', () => {
  it('makes one PST of files and folders, folders by their names', async () => {
    const { put, run, path, losses } = scene();
    const single = put('single.eml', mail('one'));
    put(
      'box/Inbox',
      `From - Mon Jul 01\r\n${mail('two')}\r\nFrom ben Mon Jul 01\n${mail('three').replaceAll('\r\n', '\n')}>From the top\n`,
    );
    put('box/Inbox.sbd/Deep.mbox', `From - Mon Jul 01\n${mail('four', 'X-Mozilla-Status: 0001\r\n')}`);
    put('box/sub/five.eml', mail('five'));
    put('box/sub/notes.txt', 'milk, bread');
    const report = await run([single, path('box')]);
    expect(report).toMatchObject({ found: 5, written: 5, failed: 0, lossy: 0, unreadable: 0, losses: {} });
    expect(report.parts).toEqual([
      {
        file: path('out.pst'),
        bytes: statSync(path('out.pst')).size,
        items: 5,
        folders: report.parts[0]?.folders,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(report.sources.filter(({ skipped }) => skipped !== undefined)).toEqual([
      expect.objectContaining({ path: path('box/sub/notes.txt'), skipped: 'not a mail file' }),
    ]);
    expect((await contentsOf(path('out.pst'))).filter((line) => line.includes(': ')).sort()).toEqual([
      'Imported: one',
      'box/Inbox/Deep: four',
      'box/Inbox: three',
      'box/Inbox: two',
      'box/sub: five',
    ]);
    expect(losses).toEqual([]);
    expect(readdirSync(path('.')).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('begins a new part before one would pass the size, with the folders that its items need', async () => {
    const { put, run, path } = scene();
    for (let number = 0; number < 6; number++) put(`many/${number}.eml`, mail(`m${number}`, `\r\n${'x'.repeat(400_000)}`));
    const { parts } = await run([path('many')], { maxBytes: 1_500_000 });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.reduce((sum, { items }) => sum + items, 0)).toBe(6);
    for (const { file, bytes } of parts) {
      expect(bytes).toBeLessThanOrEqual(1_500_000);
      expect((await contentsOf(file)).filter((line) => line.startsWith('many: ')).length).toBeGreaterThan(0);
    }
  });

  it('takes a PST again, only a part of it, or beside others under their names', async () => {
    const { put, run, path } = scene();
    put('a/x/1.eml', mail('1'));
    put('a/y/2.eml', mail('2'));
    await run([path('a')]);
    const options = (name: string) => ({ nameOf: () => path(name) });
    await run([path('out.pst')], { ...options('only.pst'), only: ['A', 'x'] });
    expect((await contentsOf(path('only.pst'))).filter((line) => line.includes(': '))).toEqual(['a/x: 1']);
    await run([path('out.pst'), path('only.pst')], { ...options('apart.pst'), keepApart: true });
    expect((await contentsOf(path('apart.pst'))).filter((line) => line.includes(': '))).toEqual([
      'out/a/x: 1',
      'out/a/y: 2',
      'only/a/x: 1',
    ]);
    await run([path('out.pst'), path('only.pst')], options('merged.pst'));
    expect((await contentsOf(path('merged.pst'))).filter((line) => line.includes(': '))).toEqual(['a/x: 1', 'a/x: 1', 'a/y: 2']);
  });

  it('lists what cannot be had, and goes on', async () => {
    const { put, run, path, losses } = scene();
    put('in/1-good.eml', mail('good'));
    put('in/2-cut.eml', `Content-Type: multipart/mixed; boundary=x\r\nSubject: cut\r\n\r\n--x\r\n\r\nText`);
    put('in/3-bad.msg', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]));
    put('in/4-bad.pst', Buffer.concat([Buffer.from('!BDN'), Buffer.alloc(600)]));
    put('in/5-good.eml', mail('also good'));
    symlinkSync(path('in/1-good.eml'), path('in/6-link.eml'));
    const report = await run([path('in')]);
    expect(report).toMatchObject({ found: 4, written: 3, failed: 1, lossy: 1, unreadable: 1 });
    expect(losses.map(({ source, isWhole, code }) => [source.slice(path('in/').length), isWhole, code])).toEqual([
      ['2-cut.eml', false, 'mime.truncated'],
      ['3-bad.msg', true, 'msg.unreadable'],
      ['4-bad.pst', false, expect.stringMatching(/^pst\./)],
    ]);
    expect(report.sources.at(-1)).toMatchObject({ skipped: 'symbolic link' });
  });

  it('lists messages that are too large to be read, in files and in an mbox, and goes on', async () => {
    const { put, run, path, losses } = scene();
    put('in/1.eml', mail('large'));
    put('in/2.mbox', `From - Mon Jul 01\n${mail('large')}`);
    // Holes: they take no room on the disk.
    for (const name of ['in/1.eml', 'in/2.mbox']) truncateSync(path(name), 257_000_000);
    appendFileSync(path('in/2.mbox'), `\n\nFrom - Mon Jul 01\n${mail('next')}`);
    put('in/3.eml', mail('good'));
    expect(await run([path('in')])).toMatchObject({ found: 4, written: 2, failed: 2 });
    expect(losses.map(({ source, where, code }) => [source.slice(path('in/').length), where, code])).toEqual([
      ['1.eml', '', 'convert.message-too-large'],
      ['2.mbox', 'message 1', 'convert.message-too-large'],
    ]);
  });

  it('recovers a store that has lost its header, and messages that no folder lists any more', async () => {
    const { put, run, path } = scene();
    put('a/1.eml', mail('1'));
    put('a/2.eml', mail('2'));
    await run([path('a')]);
    const bytes = readFileSync(path('out.pst'));
    const broken = put('broken.pst', Buffer.from(bytes).fill(0, 0, 564));
    await expect(run([broken], { nameOf: () => path('no.pst') })).rejects.toMatchObject({ code: 'convert.unknown-form' });
    const report = await run([broken], { nameOf: () => path('back.pst'), recover: true });
    expect(report).toMatchObject({ found: 2, written: 2, failed: 0 });
    expect((await contentsOf(path('back.pst'))).filter((line) => line.includes(': '))).toEqual(['a: 1', 'a: 2']);
    // the pages of the node tree for its folder, renumbered: no folder is left that would list them
    const orphaned = Buffer.from(bytes);
    const source = await fileSource(path('out.pst'));
    const store = await openPst(source, { mode: 'strict' });
    for await (const folder of store.folders()) {
      if (folder.name !== 'a') continue;
      for (let at = 0; at + 512 <= orphaned.length; at += 512) if (isNodePage(orphaned, at)) forget(orphaned, at, folder.nid);
    }
    await source.close();
    const found = await run([put('orphaned.pst', orphaned)], { nameOf: () => path('found.pst'), recover: true });
    expect(found).toMatchObject({ found: 2, written: 2 });
    expect((await contentsOf(path('found.pst'))).filter((line) => line.includes(': ')).map((line) => line.replace(/0x\w+/, 'N'))).toEqual([
      'Recovered items: 1',
      'Recovered items: 2',
    ]);
  });

  it('keeps sources of one name apart, and mail under the name of its folder', async () => {
    const { put, run, path } = scene();
    put('x/in/1.eml', mail('1'));
    put('y/in/2.eml', mail('2'));
    put('x/one.eml', mail('3'));
    put('y/ONE.eml', mail('4'));
    await run(['x/in', 'y/in', 'x/one.eml', 'y/ONE.eml'].map(path), { keepApart: true });
    expect((await contentsOf(path('out.pst'))).filter((line) => line.includes(': '))).toEqual([
      'in: 1',
      'in (2): 2',
      'one/Imported: 3',
      'ONE (2)/Imported: 4',
    ]);
  });

  it('does not take what it makes for a source, and passes over what is no file', async () => {
    const { put, run, path } = scene();
    for (let number = 0; number < 4; number++) put(`many/z/${number}.eml`, mail(`m${number}`, `\r\n${'x'.repeat(400_000)}`));
    put('many/empty', '');
    execFileSync('mkfifo', [path('many/pipe')]);
    const report = await run([path('many')], {
      nameOf: (ordinal) => path(ordinal === 1 ? 'many/z/all.pst' : `many/z/all.${ordinal}.pst`),
      maxBytes: 1_000_000,
    });
    expect(report).toMatchObject({ found: 4, written: 4, unreadable: 0 });
    expect(report.sources.filter(({ skipped }) => skipped !== undefined).map((each) => each.skipped)).toEqual([
      'empty file',
      'pipe, socket or device',
    ]);
    await expect(run([path('many/pipe')])).rejects.toMatchObject({ code: 'convert.source-unreadable', facts: { reason: 'not a file' } });
    await expect(run([path('many/empty')])).rejects.toMatchObject({ code: 'convert.unknown-form', advice: 'The file is empty.' });
  });

  it('refuses sources that are not there or no mail, before anything is made', async () => {
    const { put, run, path } = scene();
    await expect(run([path('missing.pst')])).rejects.toMatchObject({ code: 'convert.source-unreadable', facts: { reason: 'ENOENT' } });
    await expect(run([put('notes.txt', 'milk')])).rejects.toMatchObject({ code: 'convert.unknown-form' });
    expect(readdirSync(path('.'))).toEqual(['notes.txt']);
    await expect(run([put('first.eml', mail('1')), path('missing.pst')])).rejects.toMatchObject({ code: 'convert.source-unreadable' });
    expect(readdirSync(path('.'))).toEqual(['first.eml', 'notes.txt']);
  });

  it('never replaces a file', async () => {
    const { put, run, path } = scene();
    const source = put('1.eml', mail('1'));
    put('out.pst', 'mine');
    await expect(run([source])).rejects.toMatchObject({ code: 'convert.output-exists', facts: { output: path('out.pst') } });
    expect(readFileSync(path('out.pst'), 'utf8')).toBe('mine');
  });

  it('tells of a folder that cannot be written to', async () => {
    const { put, run, path } = scene();
    const source = put('1.eml', mail('1'));
    await expect(run([source], { nameOf: () => path('nowhere/out.pst') })).rejects.toMatchObject({
      code: 'convert.output-unwritable',
      facts: { reason: 'ENOENT' },
    });
  });
});
