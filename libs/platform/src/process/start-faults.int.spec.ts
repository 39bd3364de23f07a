import { writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { directoryFault, startFault, usableDirectory } from './start-faults.js';

describe('a data directory', () => {
  it('is made with those above it, for its owner alone, and nothing is left in it', async () => {
    const dir = join(tempDir(), 'a', 'b');
    await usableDirectory(dir, 'PSTREAM_DATA');
    await usableDirectory(dir, 'PSTREAM_DATA');
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect(await readdir(dir)).toEqual([]);
  });

  it('is refused when it is a file, lies below one, or cannot be made', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    for (const dir of [file, join(file, 'below'), '/dev/null']) {
      await expect(usableDirectory(dir, 'PSTREAM_DATA')).rejects.toMatchObject({
        code: 'storage.not-a-directory',
        retry: 'never',
        facts: { dir },
      });
    }
    await expect(usableDirectory('/proc/x', 'PSTREAM_DATA')).rejects.toMatchObject({ code: 'storage.unusable' });
  });

  it.each([
    ['EACCES', 'storage.forbidden'],
    ['EPERM', 'storage.forbidden'],
    ['EROFS', 'storage.read-only'],
    ['ENOSPC', 'storage.full'],
    ['EDQUOT', 'storage.full'],
    ['EIO', 'storage.unusable'],
  ])('that the system refuses with %s is %s, with the variable that names another', (code, expected) => {
    const fault = directoryFault('/data', 'PSTREAM_DATA', Object.assign(new Error('refused'), { code }));
    expect([fault.code, fault.retry]).toEqual([expected, 'never']);
    expect(fault.advice).toContain('PSTREAM_DATA');
    expect(fault.message).toContain('/data');
  });
});

describe('what the system refuses at the start', () => {
  it('becomes a fault that names call, file and reason; our own bugs stay what they are', () => {
    const refused = Object.assign(new Error('EACCES: …'), { code: 'EACCES', syscall: 'open', path: '/data/tokens' });
    expect(startFault(refused)).toMatchObject({ code: 'system.refused', message: 'The system refused to open /data/tokens (EACCES).' });
    const bug = new TypeError('oops');
    expect(startFault(bug)).toBe(bug);
  });
});
