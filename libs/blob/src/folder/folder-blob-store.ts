import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { errnoOf, Fault, isFault, systemRandom, type Random } from '@pstream/kernel';
import type { BlobInfo, BlobStore } from '../blob-store.js';
import { sameBytes } from '../digest.js';
import { isBlobName, requireBlobName, requireBlobPrefix } from '../names.js';
import { systemFiles, type FileInfo, type Files } from './files.js';
import { folderFault, inWordsOf } from './folder-errors.js';

/** `dir` is made if it is absent. `files` and `random` are there for tests. */
export type FolderBlobStoreOptions = { readonly dir: string; readonly files?: Files; readonly random?: Random };

// `~` is not in the grammar of names, so nothing below this folder is ever a blob.
const STAGING = '~tmp';
/** How often a put begins again after a delete took its folder away: each time another delete must have fallen into the same moment. */
const RACES = 8;

/** Blobs as files below one folder. A blob appears by `link()`, whole and synced, or not at all; no other writer can be
 *  overwritten. A name cannot be both a blob and a folder of blobs. `head` tells no metadata: what is there is compared byte by byte. */
export const folderBlobStore = (options: FolderBlobStoreOptions): BlobStore => {
  const { files = systemFiles, random = systemRandom } = options;
  const root = resolve(options.dir);
  const known = new Set<string>();

  const fileOf = async (name: string): Promise<string> => {
    requireBlobName(name);
    await refuseLinks(files, root, name.split('/').slice(0, -1));
    return join(root, ...name.split('/'));
  };
  const readAll = async (path: string): Promise<Uint8Array | undefined> => {
    const info = await files.stat(path);
    if (info === undefined || info.kind === 'folder') return undefined;
    const file = await files.open(path, 'read');
    try {
      return await file.read(0, (await file.stat()).bytes);
    } finally {
      await file.close();
    }
  };
  /** Whoever made the blob may have died before its name was safe: syncs once more before it is reported as there. */
  const settle = async (name: string, path: string, bytes: Uint8Array): Promise<'existed' | undefined> => {
    const there = await readAll(path);
    if (there === undefined) return undefined;
    if (!sameBytes(there, bytes)) {
      throw new Fault('blob.exists', { retry: 'never', facts: { name, bytes: there.length, expectedBytes: bytes.length } });
    }
    await files.syncFolder(dirname(path));
    return 'existed';
  };

  /** Deletes of neighbours take folders away that are empty for a moment; whoever loses that race makes them again. */
  const put = async (name: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<'created' | 'existed'> => {
    for (let lost = 1; ; lost++) {
      try {
        return await putOnce(name, bytes, signal);
      } catch (error) {
        if (lost === RACES || !isFault(error) || error.code !== 'blob.unavailable') throw error;
      }
    }
  };
  const putOnce = async (name: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<'created' | 'existed'> => {
    const path = await fileOf(name);
    const prefix = createHash('sha256').update(name).digest('hex').slice(0, 24);
    const staging = join(root, STAGING);
    const early = await settle(name, path, bytes);
    if (early !== undefined) {
      await sweep(files, staging, prefix);
      return early;
    }
    await ensureFolder(files, staging, known);
    const temp = join(staging, `${prefix}-${Buffer.from(random.bytes(8)).toString('hex')}`);
    try {
      signal?.throwIfAborted();
      const file = await files.open(temp, 'create');
      try {
        await file.write(bytes, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      signal?.throwIfAborted();
      try {
        await ensureFolder(files, dirname(path), known);
        await files.link(temp, path);
        await files.syncFolder(dirname(path));
        return 'created';
      } catch (error) {
        // ENOENT: a second writer of the same name has finished and swept our file away, or a delete took the folder that was empty.
        if (!['EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
        const there = await settle(name, path, bytes);
        if (there !== undefined) return there;
        known.clear();
        throw new Fault('blob.unavailable', { retry: 'now', facts: { name, errno: errnoOf(error) ?? '' } });
      }
    } finally {
      await sweep(files, staging, prefix);
    }
  };

  const walk = async function* (folder: string, base: string, prefix: string): AsyncIterable<string> {
    const entries = (await files.list(folder)) ?? [];
    // As if the names were whole: a folder sorts where its `/` puts it, so 'a-b' comes before 'a/b'.
    const keyed = entries.map((entry) => ({ ...entry, key: entry.kind === 'folder' ? `${entry.name}/` : entry.name }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { name, key, kind } of keyed) {
      const full = base + key;
      if (name === STAGING || !(full.startsWith(prefix) || (kind === 'folder' && prefix.startsWith(full)))) continue;
      if (kind === 'folder') yield* walk(join(folder, name), full, prefix);
      else if (kind === 'file' && isBlobName(full)) yield full;
    }
  };

  return {
    putIfAbsent: (name, bytes, signal) => inWordsOf('blob', { name }, () => put(name, bytes, signal)),
    get: (name, signal) =>
      inWordsOf('blob', { name }, async () => {
        signal?.throwIfAborted();
        const bytes = await readAll(await fileOf(name));
        if (bytes === undefined) throw new Fault('blob.not-found', { retry: 'never', facts: { name } });
        return bytes;
      }),
    head: (name, signal) =>
      inWordsOf('blob', { name }, async () => {
        signal?.throwIfAborted();
        const info = await files.stat(await fileOf(name));
        return info?.kind === 'file' ? describeFile(info) : undefined;
      }),
    async *list(prefix, signal) {
      requireBlobPrefix(prefix);
      // Starts in the deepest folder that the prefix names, so that a job's claims are found without walking those of others.
      const folders = prefix.split('/').slice(0, -1);
      try {
        await refuseLinks(files, root, folders);
        for await (const name of walk(join(root, ...folders), folders.map((f) => `${f}/`).join(''), prefix)) {
          signal?.throwIfAborted();
          yield name;
        }
      } catch (error) {
        throw folderFault(error, 'blob', { prefix });
      }
    },
    delete: (names, signal) =>
      inWordsOf('blob', { names: names.length }, async () => {
        const folders = new Set<string>();
        for (const name of names) {
          signal?.throwIfAborted();
          const path = await fileOf(name);
          if ((await files.stat(path)) === undefined) continue;
          await files.remove(path);
          folders.add(dirname(path));
        }
        for (const folder of folders) {
          // Another delete may have taken the folder already, and made that safe.
          if ((await files.stat(folder)) === undefined) continue;
          await files.syncFolder(folder).catch((error: unknown) => {
            if (errnoOf(error) !== 'ENOENT') throw error;
          });
          for (let empty = folder; empty !== root; empty = dirname(empty)) {
            known.delete(empty);
            await files.removeEmptyFolder(empty);
          }
        }
      }),
  };
};

/** Removes what writers that died have staged below a folder and never published. Only for who knows that nobody writes there now.
 *  Faults: 'blob.forbidden', 'blob.unavailable'. */
export const discardStaged = async ({ dir, files = systemFiles }: Pick<FolderBlobStoreOptions, 'dir' | 'files'>): Promise<void> => {
  const root = resolve(dir);
  const staging = join(root, STAGING);
  await inWordsOf('blob', { operation: 'discard' }, async () => {
    await refuseLinks(files, root, [STAGING]);
    for (const { name, kind } of (await files.list(staging)) ?? []) if (kind === 'file') await files.remove(join(staging, name));
  });
};

const describeFile = (info: FileInfo): BlobInfo => ({ bytes: info.bytes, etag: etagOf(info), metadata: {} });

/** A tag that differs whenever another file, size or time of change is behind the same name. */
export const etagOf = (info: FileInfo): string =>
  `"${[info.inode, info.bytes, info.modifiedNs].map((n) => BigInt(n).toString(16)).join('-')}"`;

/** Throws ELOOP unless every folder on the way is a real one: a symbolic link put there by somebody else would lead out of the root. */
const refuseLinks = async (files: Files, root: string, folders: readonly string[]): Promise<void> => {
  let path = root;
  for (const folder of folders) {
    path = join(path, folder);
    const info = await files.stat(path);
    if (info === undefined) return;
    if (info.kind !== 'folder') throw Object.assign(new Error('not a folder'), { code: 'ELOOP', syscall: 'lstat' });
  }
};

/** Makes a folder and those above it, and makes their names survive a power cut. `known` remembers which ones are safe already. */
const ensureFolder = async (files: Files, folder: string, known: Set<string>): Promise<void> => {
  if (known.has(folder)) return;
  const above = dirname(folder);
  // The root of the file system, or a folder that is there: nothing above it can be missing.
  if (above !== folder && (await files.stat(folder)) === undefined) {
    await ensureFolder(files, above, known);
    await files.makeFolder(folder);
  }
  if (above !== folder) await files.syncFolder(above);
  known.add(folder);
};

/** Removes what this or a crashed writer of the same name has staged. What cannot be removed now is removed by the next one. */
const sweep = async (files: Files, staging: string, prefix: string): Promise<void> => {
  try {
    for (const { name } of (await files.list(staging)) ?? []) if (name.startsWith(`${prefix}-`)) await files.remove(join(staging, name));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
};
