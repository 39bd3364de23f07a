import { join, resolve } from 'node:path';
import { Fault, systemRandom, type Random } from '@pstream/kernel';
import { assertId, assertPartId, DEFAULT_LAYOUT, foreignBlob } from '../extents.js';
import { splitPartName } from '../names.js';
import { differenceOf, type CommittedPart, type PartLayout, type PartStore } from '../part-store.js';
import { systemFiles, type Files } from './files.js';
import { etagOf } from './folder-blob-store.js';
import { inWordsOf } from './folder-errors.js';
import { takeOver } from './folder-part-files.js';
import { folderPartStaging, type FolderPart } from './folder-part-staging.js';
import { readSidecar, removeSidecar } from './sidecar.js';

/** `layout` must be that of the writer; `inFlight` extents are written at once per part (default 4). `files` and `random` are there for tests. */
export type FolderPartStoreOptions = {
  readonly dir: string;
  readonly layout?: PartLayout;
  readonly inFlight?: number;
  readonly files?: Files;
  readonly random?: Random;
};

type Head = CommittedPart & { readonly metadata: Readonly<Record<string, string>> };

/** Parts as files in one folder. A part is staged in `.<partId>.e<epoch>.tmp` and published by `link()`, which fails where there is a
 *  file. There is no lease: an earlier owner writes to a file that has no name any more. The folder is made by `check` alone, so that a
 *  disk that is not mounted is noticed. */
export const folderPartStore = (options: FolderPartStoreOptions): PartStore => {
  const { files = systemFiles, layout = DEFAULT_LAYOUT, inFlight = 4, random = systemRandom } = options;
  const dir = resolve(options.dir);

  const placeOf = (name: string): { readonly within: string; readonly file: string; readonly path: string } => {
    const { folder, file } = splitPartName(name);
    const within = join(dir, folder);
    return { within, file, path: join(within, file) };
  };
  const head = async (name: string): Promise<Head | undefined> => {
    const { within, file, path } = placeOf(name);
    const info = await files.stat(path);
    if (info === undefined) return undefined;
    const metadata = info.kind === 'file' ? await readSidecar(files, within, file, info) : {};
    return { name, etag: etagOf(info), bytes: info.bytes, metadata };
  };
  const requireFolder = async (): Promise<void> => {
    const kind = (await files.stat(dir))?.kind;
    if (kind === undefined) throw Object.assign(new Error('no folder'), { code: 'ENOENT', syscall: 'lstat' });
    if (kind !== 'folder') throw Object.assign(new Error('not a folder'), { code: 'ELOOP', syscall: 'lstat' });
  };

  return {
    check: (signal, begins = () => undefined) =>
      inWordsOf('destination', {}, async () => {
        signal?.throwIfAborted();
        begins('container');
        await makeFolders(files, dir);
        await requireFolder();
        begins('write');
        const probe = join(dir, `.pstream-probe-${Buffer.from(random.bytes(8)).toString('hex')}`);
        const published = `${probe}.link`;
        try {
          const file = await files.open(probe, 'create');
          try {
            await file.write(new Uint8Array(512), 0);
            await file.sync();
          } finally {
            await file.close();
          }
          // Publishing needs hard links, so that is what is tried.
          await files.link(probe, published);
          await files.syncFolder(dir);
          begins('read');
          await files.stat(published);
          begins('delete');
        } finally {
          await files.remove(published);
          await files.remove(probe);
        }
      }),
    take: (part, epoch, keep, signal) =>
      inWordsOf('destination', { epoch }, async () => {
        const { within, file } = placeOf(part.name);
        assertPartId(part.partId);
        for (const extent of keep) assertId(extent);
        signal?.throwIfAborted();
        await requireFolder();
        const there = await head(part.name);
        if (there !== undefined && there.metadata['part'] !== part.partId) throw foreignBlob(part.name, there.etag);
        if (within !== dir && (await files.makeFolder(within))) await files.syncFolder(dir);
        const own = async (): Promise<Head | undefined> => head(part.name);
        const shared: FolderPart = { files, dir: within, layout, inFlight, partId: part.partId, name: part.name, file, epoch, head: own };
        // Published already: there is nothing to stage any more, and `commit` compares.
        if (there !== undefined) return folderPartStaging(shared, undefined);
        return folderPartStaging(shared, await takeOver(shared, keep, signal), keep);
      }),
    head: (name, signal) =>
      inWordsOf('destination', {}, async () => {
        signal?.throwIfAborted();
        return head(name);
      }),
    remove: ({ partId, name }, signal) =>
      inWordsOf('destination', {}, async () => {
        signal?.throwIfAborted();
        const { within, file, path } = placeOf(name);
        // On a disk that is not mounted a part is still there.
        await requireFolder();
        const there = await head(name);
        if (there !== undefined && there.metadata['part'] !== partId) return false;
        if (there !== undefined) await files.remove(path);
        else if ((await files.stat(within)) === undefined) return true;
        // Also where it was gone: whoever removed it may have died before that was safe, or before the sidecar was gone.
        await files.syncFolder(within);
        await removeSidecar(files, within, file);
        return true;
      }),
    removeUnchanged: (part, look, signal) =>
      inWordsOf('destination', {}, async () => {
        signal?.throwIfAborted();
        const { within, file, path } = placeOf(part.name);
        // On a disk that is not mounted a part is still there.
        await requireFolder();
        const there = await head(part.name);
        const why = there === undefined ? undefined : differenceOf(part, there);
        if (why !== undefined) return { is: 'kept', why };
        if (look) return { is: there === undefined ? 'gone' : 'there' };
        if (there !== undefined) await files.remove(path);
        else if ((await files.stat(within)) === undefined) return { is: 'gone' };
        // Also where it was gone: whoever removed it may have died before that was safe, or before the sidecar was gone.
        await files.syncFolder(within);
        await removeSidecar(files, within, file);
        return { is: there === undefined ? 'gone' : 'deleted' };
      }),
    open: (name, signal) =>
      inWordsOf('destination', {}, async () => {
        signal?.throwIfAborted();
        const { path } = placeOf(name);
        if ((await files.stat(path))?.kind !== 'file') throw new Fault('part.not-found', { retry: 'never', facts: { name } });
        const file = await files.open(path, 'read');
        const size = await file.stat().catch(async (error: unknown) => {
          await file.close();
          throw error;
        });
        return {
          size: size.bytes,
          read: (offset, length) =>
            inWordsOf('destination', { offset, length }, () => file.read(offset, Math.max(0, Math.min(length, size.bytes - offset)))),
          close: () => inWordsOf('destination', {}, () => file.close()),
        };
      }),
    locate: (name) => placeOf(name).path,
  };
};

const makeFolders = async (files: Files, dir: string): Promise<void> => {
  if ((await files.stat(dir)) !== undefined) return;
  const above = resolve(dir, '..');
  if (above !== dir) await makeFolders(files, above);
  if (await files.makeFolder(dir)) await files.syncFolder(above);
};
