import * as files from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { tempDir } from '@pstream/testing';

/** Called when a file has been read, before the reader goes on. */
let afterRead: () => Promise<void> = () => Promise.resolve();
const readFile = async (path: string, encoding: BufferEncoding): Promise<string> => {
  const text = await files.readFile(path, encoding);
  await afterRead();
  return text;
};
jest.unstable_mockModule('node:fs/promises', () => ({ ...files, readFile }));
const { takeLock } = await import('./lock.js');

/** No process has this number on any system. */
const DEAD = '4999999\n';

describe('the lock of a dead process', () => {
  it('is taken over, and nothing is left of it', async () => {
    const dir = tempDir();
    await files.writeFile(join(dir, 'out.pst.lock'), DEAD);
    const lock = await takeLock(join(dir, 'out.pst'));
    expect([lock.wasLeft, await files.readFile(join(dir, 'out.pst.lock'), 'utf8')]).toEqual([true, `${process.pid}\n`]);
    await expect(takeLock(join(dir, 'out.pst'))).rejects.toMatchObject({ code: 'convert.running' });
    await lock.release();
    expect(await files.readdir(dir)).toEqual([]);
  });

  it('is not taken from another process that has taken it over meanwhile', async () => {
    const dir = tempDir();
    const path = join(dir, 'out.pst.lock');
    await files.writeFile(path, DEAD);
    afterRead = async () => {
      afterRead = () => Promise.resolve();
      await files.rm(path);
      await files.writeFile(path, `${process.ppid}\n`);
    };
    await expect(takeLock(join(dir, 'out.pst'))).rejects.toMatchObject({ code: 'convert.running', facts: { process: process.ppid } });
    expect([await files.readdir(dir), await files.readFile(path, 'utf8')]).toEqual([['out.pst.lock'], `${process.ppid}\n`]);
  });
});
