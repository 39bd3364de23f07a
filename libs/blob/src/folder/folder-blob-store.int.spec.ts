import { jest } from '@jest/globals';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { isFault, seededRandom } from '@pstream/kernel';
import { blobStoreContract } from '../blob-store.contract.js';
import { limited } from '../limited.js';
import { FILE_CALLS, failingFiles } from './failing-files.fixture.js';
import { systemFiles } from './files.js';
import { discardStaged, folderBlobStore } from './folder-blob-store.js';
import { filesBelow } from './files-below.fixture.js';

// Hundreds of steps against a real server or disk; the machine may be busy.
jest.setTimeout(300_000);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('folder blob store', () => {
  blobStoreContract('a folder', () => Promise.resolve(folderBlobStore({ dir: tempDir() })));
  blobStoreContract('a folder, limited', () => Promise.resolve(limited(folderBlobStore({ dir: tempDir() }), { inFlight: 2 })));

  it('makes its folder when the first blob is put', async () => {
    const dir = join(tempDir(), 'not', 'yet');
    expect(await folderBlobStore({ dir }).putIfAbsent('a/b', bytes('x'))).toBe('created');
    expect(readFileSync(join(dir, 'a/b'), 'utf8')).toBe('x');
  });

  it('keeps what it stores from everybody but its owner', async () => {
    const dir = join(tempDir(), 'new');
    await folderBlobStore({ dir }).putIfAbsent('a/b', bytes('x'));
    const modes = [dir, join(dir, 'a'), join(dir, 'a/b')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('puts and deletes in folders that others empty at the same moment', async () => {
    const dir = tempDir();
    const store = folderBlobStore({ dir });
    const worker = async (who: number): Promise<void> => {
      for (let round = 0; round < 100; round++) {
        const name = `ckpt/${(who + round) % 3}/${who}-${round}`;
        expect(await store.putIfAbsent(name, bytes(name))).toBe('created');
        await store.delete([name]);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, who) => worker(who)));
    expect(filesBelow(dir)).toEqual([]);
  });

  it('answers storage.full on a full disk and leaves nothing behind', async () => {
    const dir = tempDir();
    const files = failingFiles(systemFiles, { call: 'file.write', nth: 1, how: 'after', errno: 'ENOSPC' });
    const store = folderBlobStore({ dir, files });
    await expect(store.putIfAbsent('a/b', bytes('x'))).rejects.toMatchObject({ code: 'storage.full', retry: { afterMs: 30_000 } });
    expect(filesBelow(dir)).toEqual([]);
    expect(await store.putIfAbsent('a/b', bytes('x'))).toBe('created');
  });

  it('does not follow symbolic links out of its folder', async () => {
    const [dir, outside] = [tempDir(), tempDir()];
    writeFileSync(join(outside, 'secret'), 'not yours');
    symlinkSync(outside, join(dir, 'claims'));
    symlinkSync(join(outside, 'secret'), join(dir, 'direct'));
    const store = folderBlobStore({ dir });
    await expect(store.putIfAbsent('claims/x', bytes('x'))).rejects.toMatchObject({ code: 'blob.forbidden' });
    await expect(store.get('claims/secret')).rejects.toMatchObject({ code: 'blob.forbidden' });
    await expect(store.get('direct')).rejects.toMatchObject({ code: 'blob.forbidden' });
    expect(filesBelow(outside)).toEqual(['secret']);
  });

  it('gives a fault with advice where a folder is in the way', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'taken'));
    await expect(folderBlobStore({ dir }).putIfAbsent('taken', bytes('x'))).rejects.toMatchObject({
      name: 'Fault',
      retry: expect.anything(),
    });
  });

  it('loses what a writer that died has left half-written, and no blob', async () => {
    const dir = tempDir();
    await discardStaged({ dir });
    await folderBlobStore({ dir }).putIfAbsent('a/b', bytes('x'));
    const files = failingFiles(systemFiles, { call: 'link', nth: 1, how: 'crash', errno: 'EIO' });
    await expect(folderBlobStore({ dir, files }).putIfAbsent('a/c', bytes('y'))).rejects.toThrow();
    expect(filesBelow(dir).length).toBe(2);
    await discardStaged({ dir });
    expect(filesBelow(dir)).toEqual(['a/b']);
  });

  it('names no path in what it tells of a failure', async () => {
    const dir = tempDir();
    const files = failingFiles(systemFiles, { call: 'link', nth: 1, how: 'before', errno: 'EPERM' });
    const told = await folderBlobStore({ dir, files })
      .putIfAbsent('a', bytes('x'))
      .catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 'blob.forbidden', advice: expect.stringContaining('hard links') });
    expect(`${String(told)}${JSON.stringify(told)}`).not.toContain(dir);
  });

  // Every call of the file system in turn, failing before or after its effect, or taking the process with it.
  for (const how of ['before', 'after', 'crash'] as const) {
    for (const call of FILE_CALLS) {
      it(`survives each ${call} that fails (${how})`, async () => {
        for (let nth = 1; ; nth++) {
          const dir = tempDir();
          const files = failingFiles(systemFiles, { call, nth, how, errno: 'EIO' });
          const work = async (store: ReturnType<typeof folderBlobStore>): Promise<void> => {
            await store.putIfAbsent('a/b/one', bytes('one'));
            await store.putIfAbsent('a/b/two', bytes('two'));
            await store.putIfAbsent('a/b/one', bytes('one'));
            for await (const name of store.list('a/')) await store.get(name);
            await store.head('a/b/one');
            await store.delete(['a/b/two']);
          };
          const outcome = await work(folderBlobStore({ dir, files, random: seededRandom(nth) })).catch((error: unknown) => error);
          if (outcome !== undefined) expect(isFault(outcome)).toBe(true);
          await work(folderBlobStore({ dir, random: seededRandom(1000 + nth) }));
          expect(filesBelow(dir)).toEqual(['a/b/one']);
          expect(readFileSync(join(dir, 'a/b/one'), 'utf8')).toBe('one');
          if (!files.failed()) break;
        }
      });
    }
  }
});
