import { ID, PT, type MapiItem, type Property } from '@pstream/mapi';

import { bufferSource, openPst } from '../reader/index.js';
import { FIRST_AMAP_OFFSET } from '../shared/index.js';
import { verifyPst } from '../verify/index.js';
import { HEADER_EXTENT_BYTES, PstWriter, type PartTarget, type PstWriterOptions } from './index.js';
import { file, mail, pattern, person, text } from './items.fixture.js';
import { MemoryTarget } from './memory-target.fixture.js';

const OPTIONS: PstWriterOptions = {
  recordKey: pattern(16, 1),
  displayName: 'Part',
  createdAt: '2024-01-01T00:00:00Z',
  regionsPerExtent: 1,
};

const begin = (target: PartTarget = new MemoryTarget(1), options = OPTIONS): PstWriter => {
  const writer = PstWriter.create(target, options);
  writer.ensureFolder({ key: 'in', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
  return writer;
};

const nested = (depth: number): MapiItem => {
  let item = mail('innermost');
  for (let i = 0; i < depth; i++) item = mail(`level ${i}`, { attachments: [{ properties: [], embedded: item }] });
  return item;
};

describe('a part', () => {
  it('hands extents over in file order, each of the agreed size, and the header last', async () => {
    const target = new MemoryTarget(1);
    const writer = begin(target);
    for (let i = 0; i < 20; i++) await writer.addItem('in', mail(`${i}`, { attachments: [file('a', 60_000)] }));
    const { bytes, items, folders, extents } = await writer.seal();
    expect(target.order).toEqual([...Array.from({ length: extents - 1 }, (_, i) => i + 1), 0]);
    expect(target.staged.get(0)?.length).toBe(HEADER_EXTENT_BYTES);
    expect(HEADER_EXTENT_BYTES).toBe(FIRST_AMAP_OFFSET);
    expect(target.file().length).toBe(bytes);
    expect({ items, folders }).toEqual({ items: 20, folders: 5 });
  });

  it('is one region long when it is empty', async () => {
    const target = new MemoryTarget(1);
    expect((await begin(target).seal()).bytes).toBe(271_360);
    expect((await verifyPst(bufferSource(target.file()))).problems).toEqual([]);
  });

  it('puts Deleted Items into the folder that every store has', async () => {
    const target = new MemoryTarget(1);
    const writer = begin(target);
    writer.ensureFolder({ key: 'bin', parent: null, name: 'Papierkorb', wellKnownName: 'deleteditems' });
    writer.ensureFolder({ key: 'old', parent: 'bin', name: 'Alt' });
    await writer.seal();
    const pst = await openPst(bufferSource(target.file()), { mode: 'strict' });
    const found = [];
    for await (const { nid, path } of pst.folders()) found.push([nid, path.join('/')]);
    expect(found).toEqual([
      [0x8022, ''],
      [0x8062, 'Papierkorb'],
      [0x80a2, 'Papierkorb/Alt'],
      [0x8082, 'Inbox'],
    ]);
  });

  it('tells root folder and Inbox where the default folders are', async () => {
    const target = new MemoryTarget(1);
    const writer = begin(target);
    for (const name of ['calendar', 'drafts', 'conflicts', 'junkemail'])
      writer.ensureFolder({ key: name, parent: null, name, wellKnownName: name });
    await writer.seal();
    expect((await verifyPst(bufferSource(target.file()))).problems).toEqual([]);
    const pst = await openPst(bufferSource(target.file()), { mode: 'strict' });
    const nids = new Map<string, number>();
    const told = new Map<string, readonly Property[]>();
    for await (const { nid, name, properties } of pst.folders({ all: true })) {
      nids.set(name, nid);
      told.set(name, properties);
    }
    const nidIn = (entryId: Uint8Array | undefined): number | undefined => entryId && Buffer.from(entryId).readUInt32LE(20);
    for (const name of ['', 'Inbox']) {
      const value = (id: number): Property | undefined => told.get(name)?.find((property) => property.id === id);
      expect(nidIn(value(ID.IpmAppointmentEntryId)?.value)).toBe(nids.get('calendar'));
      expect(nidIn(value(ID.IpmDraftsEntryId)?.value)).toBe(nids.get('drafts'));
      const list = value(ID.AdditionalRenEntryIds)?.values?.map((one) => (one.length === 0 ? undefined : nidIn(one)));
      expect(list).toEqual([nids.get('conflicts'), undefined, undefined, undefined, nids.get('junkemail')]);
    }
    expect(told.get('calendar')?.some(({ id }) => id >= 0x36d0 && id <= 0x36d8)).toBe(false);
  });

  it('takes one value twice when two properties share it', async () => {
    const target = new MemoryTarget(1);
    const writer = begin(target);
    const value = pattern(100_000, 5);
    await writer.addItem(
      'in',
      mail('twice', {}, [
        { id: 0x5000, type: PT.Binary, value },
        { id: 0x5001, type: PT.Binary, value },
      ]),
    );
    await writer.seal();
    expect((await verifyPst(bufferSource(target.file()))).problems).toEqual([]);
  });

  it('has room for messages a hundred deep and refuses deeper ones before it writes', async () => {
    const writer = begin();
    await writer.addItem('in', nested(100));
    const { size } = writer;
    await expect(writer.addItem('in', nested(101))).rejects.toMatchObject({ code: 'item.nested-too-deep', retry: 'never' });
    expect(writer.size).toBe(size);
    expect(writer.itemCount).toBe(1);
  });

  it('leaves an attachment of 2 GiB out, keeps the message and says so', async () => {
    const target = new MemoryTarget(1);
    const writer = begin(target);
    const huge = {
      properties: [{ id: ID.AttachData, type: PT.Binary, value: new Uint8Array(0x7fff_ffff) }, text(ID.AttachLongFilename, 'huge.bin')],
    };
    const receipt = await writer.addItem('in', mail('huge', { attachments: [huge] }));
    expect(receipt.oversize).toEqual([{ id: ID.AttachData, bytes: 0x7fff_ffff }]);
    await writer.seal();
    const report = await verifyPst(bufferSource(target.file()), { expected: { items: 1, digest: () => receipt.digest } });
    expect(report.problems).toEqual([]);
  });

  it('does nothing more after a destination failed', async () => {
    const writer = begin({ stage: () => Promise.reject(new Error('gone')) });
    await expect(writer.addItem('in', mail('x', { attachments: [file('a', 600_000)] }))).rejects.toThrow('gone');
    expect(() => writer.checkpoint()).toThrow('broken');
    await expect(writer.seal()).rejects.toThrow('broken');
  });
});

describe('a checkpoint', () => {
  it('restores tables that have left memory in part', async () => {
    const options = { ...OPTIONS, regionsPerExtent: 2 };
    const run = async (crash: boolean): Promise<Buffer> => {
      let target = new MemoryTarget(2);
      let writer = begin(target, options);
      const chain: Uint8Array[] = [];
      for (let i = 0; i < 900; i++) {
        const recipients = [person(1, `Recipient ${'x'.repeat(i % 50)}`, 'r@example.org')];
        await writer.addItem('in', mail(`A subject of some length, number ${i}`, { recipients, associated: i % 3 === 0 }));
        if (i % 100 !== 50) continue;
        chain.push(writer.checkpoint());
        if (!crash) continue;
        target = new MemoryTarget(2, target.staged);
        writer = PstWriter.resume(target, chain);
      }
      await writer.seal();
      return target.file();
    };
    expect((await run(true)).equals(await run(false))).toBe(true);
  });

  it('is about as long as what was added since the one before', async () => {
    const writer = begin(new MemoryTarget(32), { ...OPTIONS, regionsPerExtent: 32 });
    for (let i = 0; i < 200; i++) await writer.addItem('in', mail(`${i}`));
    writer.checkpoint();
    expect(writer.checkpoint().length).toBeLessThan(1000);
    await writer.addItem('in', mail('one more'));
    expect(writer.checkpoint().length).toBeLessThan(3000);
  });

  it('is refused when damaged, out of order or of another version', () => {
    const writer = begin();
    const [first, second] = [writer.checkpoint(), writer.checkpoint()];
    expect(() => PstWriter.resume(new MemoryTarget(1), [first, second])).not.toThrow();
    expect(() => PstWriter.resume(new MemoryTarget(1), [second])).toThrow('checkpoint.gap');
    expect(() => PstWriter.resume(new MemoryTarget(1), [first.with(9, 99)])).toThrow('checkpoint.damaged');
    expect(() => PstWriter.resume(new MemoryTarget(1), [first.subarray(0, 3)])).toThrow('checkpoint.damaged');
  });
});
