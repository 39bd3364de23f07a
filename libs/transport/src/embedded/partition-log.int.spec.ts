import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { at, text, textOf } from '../transport.fixture.js';
import { FaultyFiles } from './files.fixture.js';
import { nodeFiles } from './files.js';
import { PartitionLog, type PartitionLogOptions } from './partition-log.js';
import { frame, prepare } from './record.js';

const options = (dir: string, more: Partial<PartitionLogOptions> = {}): PartitionLogOptions => ({
  files: nodeFiles,
  dir,
  topic: 'orders',
  partition: 0,
  segmentBytes: 1 << 20,
  ...more,
});

const segments = (dir: string): string[] => readdirSync(dir).sort();

const readAll = async (log: PartitionLog, from = log.start): Promise<string[]> => {
  const found: string[] = [];
  for (let next = from; next < log.end; ) {
    const batch = await log.read(next, 1000);
    found.push(...batch.records.map(textOf));
    next = batch.next;
  }
  return found;
};

const append = (log: PartitionLog, ...values: string[]): Promise<void> => log.append(values.map((value) => prepare(text('k', value))));

const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `record ${from + i}`);

describe('partition log after a crash', () => {
  it('opens as a clean prefix wherever the last write was torn', async () => {
    const dir = tempDir();
    const log = await PartitionLog.open(options(dir));
    await append(log, 'a', 'b');
    const whole = statSync(join(dir, at(segments(dir), 0))).size;
    await log.close();
    const path = join(dir, at(segments(dir), 0));
    const torn = Buffer.concat(frame([prepare(text('k', 'c')), prepare(text('k', 'd'))], 2n, 2n));
    const before = readFileSync(path);
    for (let cut = 0; cut < torn.length; cut += 3) {
      writeFileSync(path, Buffer.concat([before, torn.subarray(0, cut)]));
      const again = await PartitionLog.open(options(dir));
      const expected = cut >= torn.length / 2 ? ['a', 'b', 'c'] : ['a', 'b'];
      expect(await readAll(again)).toEqual(expected);
      await again.close();
      expect(statSync(path).size).toBe(whole + ((expected.length - 2) * torn.length) / 2);
    }
  });

  it('cuts an interrupted write even if its later part reached the disk and its earlier part did not', async () => {
    const dir = tempDir();
    const log = await PartitionLog.open(options(dir));
    await append(log, 'a');
    await log.close();
    const path = join(dir, at(segments(dir), 0));
    const torn = Buffer.concat(frame([prepare(text('k', 'c')), prepare(text('k', 'd'))], 1n, 1n));
    torn.fill(0, 0, torn.length / 2);
    writeFileSync(path, Buffer.concat([readFileSync(path), torn]));
    const again = await PartitionLog.open(options(dir));
    expect(await readAll(again)).toEqual(['a']);
    await append(again, 'b');
    expect(await readAll(again)).toEqual(['a', 'b']);
    await again.close();
  });

  it('does not take damage for a torn tail: confirmed records behind it stay, and reading it names file and offset', async () => {
    const dir = tempDir();
    const log = await PartitionLog.open(options(dir));
    for (const name of names(5)) await append(log, name);
    await log.close();
    const path = join(dir, at(segments(dir), 0));
    const intact = readFileSync(path);
    const each = intact.length / 5;
    for (const position of [2 * each, 2 * each + 9, 2 * each + 30, 3 * each - 1]) {
      const damaged = Buffer.from(intact);
      damaged.writeUInt8(damaged.readUInt8(position) ^ 0x10, position);
      writeFileSync(path, damaged);
      for (const tail of [undefined, { base: 0n, bytes: intact.length, end: 5n }]) {
        const again = await PartitionLog.open(options(dir, { tail }));
        expect(again.end).toBe(5n);
        expect((await again.read(0n, 1000)).records.map(textOf)).toEqual(names(2));
        await expect(again.read(2n, 1000)).rejects.toMatchObject({
          code: 'transport.damaged',
          retry: 'never',
          facts: { file: at(segments(dir), 0), offset: '2', position: 2 * each },
        });
        if (tail === undefined) expect(await readAll(again, 3n)).toEqual(names(2, 3));
        await again.close();
      }
    }
  });

  it('believes the end that a clean shutdown left only while the file has that length', async () => {
    const dir = tempDir();
    const log = await PartitionLog.open(options(dir));
    await append(log, ...names(4));
    await log.close();
    const tail = log.tail;
    const trusting = await PartitionLog.open(options(dir, { tail }));
    expect(await readAll(trusting)).toEqual(names(4));
    expect((await trusting.read(2n, 1000)).records.map(textOf)).toEqual(names(2, 2));
    await trusting.close();
    truncateSync(join(dir, at(segments(dir), 0)), Number(tail?.bytes) - 1);
    const doubting = await PartitionLog.open(options(dir, { tail }));
    expect(await readAll(doubting)).toEqual(names(3));
    await doubting.close();
  });
});

describe('partition log on a disk with faults', () => {
  it('refuses on a full disk with nothing half-written, and works again when there is room', async () => {
    const dir = tempDir();
    const files = new FaultyFiles();
    const log = await PartitionLog.open(options(dir, { files }));
    await append(log, 'a');
    const path = join(dir, at(segments(dir), 0));
    const size = statSync(path).size;
    files.arm('write', 'ENOSPC', 2);
    for (let i = 0; i < 2; i++) await expect(append(log, 'lost')).rejects.toMatchObject({ code: 'storage.full', retry: { afterMs: 5000 } });
    expect(statSync(path).size).toBe(size);
    expect(await readAll(log)).toEqual(['a']);
    await append(log, 'b');
    expect(await readAll(log)).toEqual(['a', 'b']);
    await log.close();
  });

  it('never writes to a file again whose fdatasync failed: cuts it, reads it back and goes on in another', async () => {
    const dir = tempDir();
    const files = new FaultyFiles();
    const log = await PartitionLog.open(options(dir, { files }));
    await append(log, 'a');
    files.arm('datasync', 'EIO');
    await expect(append(log, 'lost')).rejects.toMatchObject({ code: 'transport.unavailable', facts: { reason: 'EIO' } });
    expect(await readAll(log)).toEqual(['a']);
    await append(log, 'b');
    expect(segments(dir)).toEqual(['00000000000000000000.log', '00000000000000000001.log']);
    expect(await readAll(log)).toEqual(['a', 'b']);
    await log.close();
    const again = await PartitionLog.open(options(dir));
    expect(await readAll(again)).toEqual(['a', 'b']);
    await again.close();
  });

  it('stays refused while the disk stays broken', async () => {
    const dir = tempDir();
    const files = new FaultyFiles();
    const log = await PartitionLog.open(options(dir, { files }));
    await append(log, 'a');
    files.arm('datasync', 'EIO', Infinity);
    for (let i = 0; i < 3; i++) await expect(append(log, 'lost')).rejects.toMatchObject({ code: 'transport.unavailable' });
    files.disarm();
    await append(log, 'b');
    expect(await readAll(log)).toEqual(['a', 'b']);
    await log.close();
  });

  it('survives a failure between closing one segment and beginning the next', async () => {
    const dir = tempDir();
    const files = new FaultyFiles();
    const log = await PartitionLog.open(options(dir, { files, segmentBytes: 100 }));
    await append(log, 'a');
    files.arm('syncDir', 'EIO');
    await expect(append(log, 'x'.repeat(90))).rejects.toMatchObject({ code: 'transport.unavailable' });
    await append(log, 'b');
    await append(log, 'y'.repeat(90));
    expect(await readAll(log)).toEqual(['a', 'b', 'y'.repeat(90)]);
    await log.close();
    const again = await PartitionLog.open(options(dir));
    expect(await readAll(again)).toEqual(['a', 'b', 'y'.repeat(90)]);
    await again.close();
  });
});

describe('partition log', () => {
  it('writes and syncs once for sends that come together', async () => {
    const files = new FaultyFiles();
    const log = await PartitionLog.open(options(tempDir(), { files }));
    await append(log, 'first');
    const syncs = files.calls.get('datasync') ?? 0;
    await Promise.all(names(100).map((name) => append(log, name)));
    expect((files.calls.get('datasync') ?? 0) - syncs).toBe(1);
    expect(await readAll(log)).toEqual(['first', ...names(100)]);
    await log.close();
  });

  it('finds any record of any segment, also right after it was opened', async () => {
    const dir = tempDir();
    const log = await PartitionLog.open(options(dir, { segmentBytes: 200_000 }));
    const long = (i: number): string => `${i} ${'x'.repeat((i * 7919) % 30_000)}`;
    for (let i = 0; i < 100; i++) await append(log, long(i));
    expect(segments(dir).length).toBeGreaterThan(5);
    const found = async (log_: PartitionLog, i: number): Promise<string> => textOf(at((await log_.read(BigInt(i), 10)).records, 0));
    for (let i = 0; i < 100; i++) expect(await found(log, (i * 37) % 100)).toBe(long((i * 37) % 100));
    await log.close();
    const again = await PartitionLog.open(options(dir, { tail: log.tail }));
    for (let i = 0; i < 100; i++) expect(await found(again, (i * 61) % 100)).toBe(long((i * 61) % 100));
    expect(again.bytesFrom(0n)).toBe(log.bytesFrom(0n));
    await again.close();
  });

  it('drops closed segments below an offset and never the last one', async () => {
    const dir = tempDir();
    const log = await PartitionLog.open(options(dir, { segmentBytes: 200 }));
    for (const name of names(20)) await append(log, name);
    const bases = segments(dir).map((name) => BigInt(name.slice(0, 20)));
    await log.trim(at(bases, 2) + 1n);
    expect(log.start).toBe(at(bases, 2));
    expect(await readAll(log)).toEqual(names(20 - Number(log.start), Number(log.start)));
    expect((await log.read(0n, 10)).records.map(textOf)).toEqual([`record ${log.start}`]);
    await log.trim(log.end);
    expect(segments(dir)).toHaveLength(1);
    await log.close();
    const again = await PartitionLog.open(options(dir, { segmentBytes: 200 }));
    expect(again.start).toBe(log.start);
    await append(again, 'next');
    expect((await readAll(again)).at(-1)).toBe('next');
    await again.close();
  });
});
