import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { fileSecretStore } from './file-secret-store.js';
import { masterKeyFromFile } from './key-file.js';
import { secretStoreContract, type SecretWorld } from './secret-store.contract.js';

const worldIn = (dir: string): SecretWorld => {
  const pathOf = (ref: string): string => join(dir, `${ref.slice('secret:'.length)}.json`);
  const recordOf = (ref: string): Record<string, unknown> => JSON.parse(readFileSync(pathOf(ref), 'utf8')) as Record<string, unknown>;
  return {
    open: (keys) => fileSecretStore({ dir, keys }),
    dump: () =>
      Promise.resolve(
        readdirSync(dir)
          .map((name) => readFileSync(join(dir, name), 'latin1'))
          .join('\n'),
      ),
    swap: (from, to) => {
      const { sealed, wrappedKey } = recordOf(from);
      writeFileSync(pathOf(to), JSON.stringify({ ...recordOf(to), sealed, wrappedKey }));
      return Promise.resolve();
    },
    flip: (ref) => {
      const bytes = Buffer.from(String(recordOf(ref)['sealed']), 'base64');
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      writeFileSync(pathOf(ref), JSON.stringify({ ...recordOf(ref), sealed: bytes.toString('base64') }));
      return Promise.resolve();
    },
  };
};

describe('file secret store', () => {
  secretStoreContract('a folder', () => Promise.resolve(worldIn(join(tempDir(), 'secrets'))));

  it('makes a key file for its owner alone, and no other', async () => {
    const dir = join(tempDir(), 'secrets');
    const ref = await (await fileSecretStore({ dir })).put('p', 'x');
    expect((await (await fileSecretStore({ dir })).use(ref)).reveal()).toBe('x');
    const modes = readdirSync(dir).map((name) => (statSync(join(dir, name)).mode & 0o777).toString(8));
    expect([(statSync(dir).mode & 0o777).toString(8), ...modes]).toEqual(['700', '600', '600']);
    expect(Buffer.from(readFileSync(join(dir, 'master.key'), 'utf8'), 'base64')).toHaveLength(32);
  });
  it('uses one key although two processes make it at once', async () => {
    const dir = join(tempDir(), 'secrets');
    const [a, b] = await Promise.all([fileSecretStore({ dir }), fileSecretStore({ dir })]);
    expect((await b.use(await a.put('p', 'x'))).reveal()).toBe('x');
  });
  it('makes no new key where secrets are and their key is lost', async () => {
    const dir = join(tempDir(), 'secrets');
    await (await fileSecretStore({ dir })).put('p', 'x');
    rmSync(join(dir, 'master.key'));
    await expect(fileSecretStore({ dir })).rejects.toMatchObject({ code: 'secret.no-key', advice: expect.stringContaining('backup') });
  });
  it('refuses a key file that others may read, or that is a link', async () => {
    const dir = tempDir();
    await masterKeyFromFile(join(dir, 'master.key'), { create: true });
    symlinkSync(join(dir, 'master.key'), join(dir, 'link.key'));
    await expect(masterKeyFromFile(join(dir, 'link.key'), { create: false })).rejects.toMatchObject({ code: 'secret.forbidden' });
    chmodSync(join(dir, 'master.key'), 0o644);
    await expect(masterKeyFromFile(join(dir, 'master.key'), { create: false })).rejects.toMatchObject({
      code: 'secret.key-exposed',
      facts: { mode: '644' },
    });
  });
  it('clears away what a process that died has left', async () => {
    const dir = join(tempDir(), 'secrets');
    await fileSecretStore({ dir });
    writeFileSync(join(dir, '.0123456789abcdef.tmp'), 'half');
    await fileSecretStore({ dir });
    expect(readdirSync(dir)).toEqual(['master.key']);
  });
  it('names a record that is torn', async () => {
    const dir = join(tempDir(), 'secrets');
    const store = await fileSecretStore({ dir });
    const ref = await store.put('p', 'x');
    for (const text of ['', '{"format":1', '[]', '{"format":2}', 'null']) {
      writeFileSync(join(dir, `${ref.slice(7)}.json`), text);
      await expect(store.use(ref)).rejects.toMatchObject({ code: 'secret.unreadable', facts: { reason: 'damaged' } });
      expect(await store.list()).toEqual([]);
    }
  });
});
