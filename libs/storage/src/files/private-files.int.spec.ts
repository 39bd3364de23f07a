import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { isLeftover, privateFolder, readPrivate, removePrivate, writePrivate } from './index.js';

describe('private files', () => {
  it('are for their owner alone, and so are their folders, whoever made those', async () => {
    const dir = join(tempDir(), 'a');
    mkdirSync(dir, { mode: 0o755 });
    await privateFolder(dir);
    await writePrivate(join(dir, 'f'), 'text', 'new');
    expect([statSync(dir).mode & 0o777, statSync(join(dir, 'f')).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(await readPrivate(join(dir, 'f'))).toEqual({ text: 'text', mode: 0o600 });
  });
  it('are replaced whole, and never when they must be new', async () => {
    const path = join(tempDir(), 'f');
    await writePrivate(path, 'one', 'new');
    await expect(writePrivate(path, 'two', 'new')).rejects.toMatchObject({ code: 'EEXIST' });
    expect((await readPrivate(path))?.text).toBe('one');
    await writePrivate(path, 'three', 'replace');
    expect((await readPrivate(path))?.text).toBe('three');
  });
  it('leave nothing beside them, also after a failure', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'folder'));
    await expect(writePrivate(join(dir, 'folder'), 'text', 'replace')).rejects.toMatchObject({
      code: expect.stringMatching(/^E/) as string,
    });
    expect(readdirSync(dir)).toEqual(['folder']);
    expect([isLeftover('.0123456789abcdef.tmp'), isLeftover('f.json')]).toEqual([true, false]);
  });
  it('are not read through a symbolic link', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'elsewhere'), 'x');
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'f'));
    await expect(readPrivate(join(dir, 'f'))).rejects.toMatchObject({ code: 'ELOOP' });
  });
  it('that are not there are undefined, and removed without complaint', async () => {
    const path = join(tempDir(), 'none');
    expect(await readPrivate(path)).toBeUndefined();
    await removePrivate(path);
  });
});
