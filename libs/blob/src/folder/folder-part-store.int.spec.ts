import { jest } from '@jest/globals';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { sha256Hex } from '../digest.js';
import { partStoreContract, TEST_LAYOUT, type PartWorld } from '../part-store.contract.js';
import type { PartStore, StagedExtent } from '../part-store.js';
import { failingFiles, type FailingFiles, type Failure } from './failing-files.fixture.js';
import { systemFiles, type Files } from './files.js';
import { folderPartStore } from './folder-part-store.js';
import { filesBelow } from './files-below.fixture.js';

// Hundreds of steps against a real server or disk; the machine may be busy.
jest.setTimeout(300_000);

const part = { partId: 'part-1', name: 'mail.pst' };
const sha = sha256Hex(Buffer.from('list'));
const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

describe('folder part store', () => {
  const lives: FailingFiles[] = [];
  const closeAll = async (): Promise<void> => {
    for (const files of lives.splice(0)) await files.closeAll();
  };
  afterEach(closeAll);
  const filesOf = (failure?: Failure): FailingFiles => {
    const files = failingFiles(systemFiles, failure);
    lives.push(files);
    return files;
  };
  const storeIn = (dir: string, failure?: Failure): PartStore => folderPartStore({ dir, layout: TEST_LAYOUT, files: filesOf(failure) });
  const worldIn = (dir: string): PartWorld => ({
    close: closeAll,
    life: (failure) => {
      const files = filesOf(failure === undefined ? undefined : { call: '*', errno: 'EIO', ...failure });
      return { store: folderPartStore({ dir, layout: TEST_LAYOUT, files }), reached: files.failed };
    },
    putForeign: (name, content) => Promise.resolve(writeFileSync(join(dir, name), content)),
    visible: () => Promise.resolve(readdirSync(dir).filter((name) => !name.startsWith('.'))),
    loseStaged: (partId) => {
      for (const name of readdirSync(dir)) if (name.startsWith(`.${partId}.e`)) rmSync(join(dir, name));
      return Promise.resolve();
    },
  });
  partStoreContract('a folder', () => Promise.resolve(worldIn(join(tempDir(), 'container'))));

  const build = async (dir: string, epoch = 1): Promise<StagedExtent[]> => {
    const store = storeIn(dir);
    const staging = await store.take(part, epoch, []);
    const list = [await staging.stage(0, bytes(700, 1)), await staging.stage(1, bytes(2048, 2))];
    await staging.release();
    return list;
  };

  it('leaves the part, its sidecar and nothing else', async () => {
    const dir = tempDir();
    const list = await build(dir);
    const owner = await storeIn(dir).take(part, 3, list);
    expect(filesBelow(dir)).toEqual(['.part-1.e000003.tmp']);
    await owner.commit(list, sha);
    expect(filesBelow(dir)).toEqual(['.pstream/mail.pst.json', 'mail.pst']);
    expect(statSync(join(dir, 'mail.pst')).nlink).toBe(1);
  });
  it('answers destination.not-found where the folder is gone, and makes none: the disk may not be mounted', async () => {
    const dir = join(tempDir(), 'unmounted');
    const told = await storeIn(dir)
      .take(part, 1, [])
      .catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 'destination.not-found', retry: 'never', advice: expect.stringContaining('mounted') });
    await expect(storeIn(dir).remove(part)).rejects.toMatchObject({ code: 'destination.not-found', retry: 'never' });
  });
  it('removes no file that takes the name of a part while it looks for it', async () => {
    const dir = tempDir();
    const path = join(dir, part.name);
    const late: Files = {
      ...systemFiles,
      stat: async (looked) => {
        const found = await systemFiles.stat(looked);
        if (looked === path) writeFileSync(path, 'of somebody else');
        return found;
      },
    };
    expect(await folderPartStore({ dir, layout: TEST_LAYOUT, files: late }).remove(part)).toBe(true);
    expect(filesBelow(dir)).toEqual([part.name]);
  });
  it('answers destination.forbidden where the folder is a symbolic link', async () => {
    const [dir, target] = [tempDir(), tempDir()];
    symlinkSync(target, join(dir, 'link'));
    await expect(storeIn(join(dir, 'link')).take(part, 1, [])).rejects.toMatchObject({ code: 'destination.forbidden' });
  });
  it('refuses a folder or a symbolic link that has the name of a part', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'mail.pst'));
    await expect(storeIn(dir).take(part, 1, [])).rejects.toMatchObject({ code: 'part.foreign-blob' });
    symlinkSync('/etc/passwd', join(dir, 'link.pst'));
    await expect(storeIn(dir).open('link.pst')).rejects.toMatchObject({ code: 'part.not-found' });
  });
  it('answers storage.full when an extent does not fit, and goes on once there is room', async () => {
    const dir = tempDir();
    const staging = await storeIn(dir, { call: 'file.write', nth: 2, how: 'before', errno: 'ENOSPC' }).take(part, 1, []);
    const first = await staging.stage(1, bytes(2048, 2));
    await expect(staging.stage(0, bytes(700, 1))).rejects.toMatchObject({ code: 'storage.full', retry: { afterMs: 30_000 } });
    await staging.commit([await staging.stage(0, bytes(700, 1)), first], sha);
    expect(statSync(join(dir, 'mail.pst')).size).toBe(2748);
  });
  it('leaves no half copy when a take-over runs out of room', async () => {
    const dir = tempDir();
    const list = await build(dir);
    await expect(storeIn(dir, { call: 'copy', nth: 1, how: 'after', errno: 'ENOSPC' }).take(part, 2, list)).rejects.toMatchObject({
      code: 'storage.full',
    });
    expect(filesBelow(dir)).toEqual(['.part-1.e000001.tmp']);
  });
  it('finds a flipped bit in a kept extent', async () => {
    const dir = tempDir();
    const list = await build(dir);
    const staged = readFileSync(join(dir, '.part-1.e000001.tmp'));
    staged[900] = (staged[900] ?? 0) ^ 1;
    writeFileSync(join(dir, '.part-1.e000001.tmp'), staged);
    await expect(storeIn(dir).take(part, 2, list)).rejects.toMatchObject({ code: 'part.extents-lost', facts: { index: 1 } });
  });
  it('never shares a file between epochs', async () => {
    const dir = tempDir();
    const store = storeIn(dir);
    const zombie = await store.take(part, 1, []);
    const list = [await zombie.stage(0, bytes(700, 1)), await zombie.stage(1, bytes(2048, 2))];
    const before = statSync(join(dir, '.part-1.e000001.tmp')).ino;
    await store.take(part, 2, list);
    expect(statSync(join(dir, '.part-1.e000002.tmp')).ino).not.toBe(before);
    await expect(zombie.stage(1, bytes(2048, 9))).rejects.toMatchObject({ code: 'part.fenced' });
    await expect(store.take(part, 1, [])).rejects.toMatchObject({ code: 'part.fenced' });
  });
  it('takes over from an older file when the newest was not finished', async () => {
    const dir = tempDir();
    const list = await build(dir);
    writeFileSync(join(dir, '.part-1.e000002.tmp'), 'torn');
    await storeIn(dir).take(part, 3, list);
    expect(filesBelow(dir)).toEqual(['.part-1.e000003.tmp']);
  });
  it('does not take a file for its own because an old sidecar says so', async () => {
    const dir = tempDir();
    const list = await build(dir);
    await (await storeIn(dir).take(part, 1, list)).commit(list, sha);
    rmSync(join(dir, 'mail.pst'));
    writeFileSync(join(dir, 'mail.pst'), bytes(2748, 7));
    await expect(storeIn(dir).take(part, 2, list)).rejects.toMatchObject({ code: 'part.foreign-blob' });
  });
  it('takes extents of the wrong length or order for a bug of the caller', async () => {
    const staging = await storeIn(tempDir()).take(part, 1, []);
    await expect(staging.stage(1, bytes(2049, 1))).rejects.toMatchObject({ name: 'Defect' });
    const list = [await staging.stage(1, bytes(2048, 1))];
    await expect(staging.commit(list, sha)).rejects.toMatchObject({ name: 'Defect' });
    await staging.release();
  });
});
