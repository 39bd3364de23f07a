import { readdir, stat } from 'node:fs/promises';
import { basename, join, matchesGlob, relative, sep } from 'node:path';
import { errnoOf } from '@pstream/kernel';
import { compareNames, type Position } from './position.js';

/** What a walk meets: a file, perhaps behind a link; a folder that it enters; or what it does not enter or cannot read, and why. */
export type Met =
  | { readonly is: 'file'; readonly path: string; readonly at: Position }
  | { readonly is: 'folder'; readonly path: string; readonly at: Position }
  | { readonly is: 'excluded' | 'seen-already' | 'other-file-system' | 'not-a-file'; readonly path: string; readonly at: Position }
  | { readonly is: 'unreadable'; readonly path: string; readonly at: Position; readonly reason: string };

export type WalkOptions = {
  readonly roots: readonly string[];
  readonly exclude: readonly string[];
  /** Enter folders on other file systems than that of their root. */
  readonly otherFileSystems: boolean;
  /** Files that are passed over silently: what the scan itself writes. */
  readonly own: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
};

type Place = { readonly dev: bigint; readonly ino: bigint; readonly isFolder: boolean; readonly isFile: boolean };

const placeOf = async (path: string): Promise<Place> => {
  const info = await stat(path, { bigint: true });
  return { dev: info.dev, ino: info.ino, isFolder: info.isDirectory(), isFile: info.isFile() };
};

/** Everything below the roots. Links are followed, but no folder is entered twice, so that a loop of links ends. */
export async function* walk(options: WalkOptions): AsyncGenerator<Met> {
  const entered = new Set<string>();
  for (const [root, path] of options.roots.entries()) {
    const at: Position = { root, names: [] };
    const place = await placeOf(path).catch((error: unknown) => errnoOf(error) ?? 'unknown');
    if (typeof place === 'string') yield { is: 'unreadable', path, at, reason: place };
    else if (place.isFolder) yield* below({ path, at, place, top: path, device: place.dev, options, entered });
    else yield { is: place.isFile ? 'file' : 'not-a-file', path, at };
  }
}

type Folder = {
  readonly path: string;
  readonly at: Position;
  readonly place: Place;
  readonly top: string;
  readonly device: bigint;
  readonly options: WalkOptions;
  readonly entered: Set<string>;
};

async function* below(folder: Folder): AsyncGenerator<Met> {
  const { path, at, place, options, entered } = folder;
  options.signal?.throwIfAborted();
  const key = `${place.dev}:${place.ino}`;
  if (entered.has(key)) return yield { is: 'seen-already', path, at };
  if (place.dev !== folder.device && !options.otherFileSystems) return yield { is: 'other-file-system', path, at };
  entered.add(key);
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    return yield { is: 'unreadable', path, at, reason: errnoOf(error) ?? 'unknown' };
  }
  yield { is: 'folder', path, at };
  for (const entry of entries.sort((a, b) => compareNames(a.name, b.name))) {
    const found: Position = { root: at.root, names: [...at.names, entry.name] };
    const each = join(path, entry.name);
    if (options.own.has(each)) continue;
    if (isExcluded(options.exclude, folder.top, each)) yield { is: 'excluded', path: each, at: found };
    else if (entry.isFile()) yield { is: 'file', path: each, at: found };
    else if (entry.isDirectory() || entry.isSymbolicLink()) yield* behind(folder, each, found, entry.isSymbolicLink());
    else yield { is: 'not-a-file', path: each, at: found };
  }
}

/** A folder, or whatever a link leads to; one that leads nowhere or to itself is no file. */
async function* behind(folder: Folder, path: string, at: Position, isLink: boolean): AsyncGenerator<Met> {
  const place = await placeOf(path).catch((error: unknown) => errnoOf(error) ?? 'unknown');
  if (isLink && (place === 'ENOENT' || place === 'ELOOP')) yield { is: 'not-a-file', path, at };
  else if (typeof place === 'string') yield { is: 'unreadable', path, at, reason: unreadableAs(path, place) };
  else if (place.isFolder) yield* below({ ...folder, path, at, place });
  else if (place.isFile) yield { is: 'file', path, at };
  else yield { is: 'not-a-file', path, at };
}

/** A glob without a slash is for the name alone, others are for the path from the root or the full path. */
const isExcluded = (globs: readonly string[], top: string, path: string): boolean => {
  if (globs.length === 0) return false;
  const inRoot = relative(top, path).split(sep).join('/');
  const full = path.split(sep).join('/');
  return globs.some((glob) =>
    glob.includes('/') ? matchesGlob(inRoot, glob) || matchesGlob(full, glob) : matchesGlob(basename(path), glob),
  );
};

/** Why something cannot be read. A name that is not UTF-8 is not found under what it was decoded to. */
export const unreadableAs = (path: string, errno: string): string =>
  errno === 'ENOENT' && path.includes('\uFFFD') ? 'its name is not UTF-8' : errno;
