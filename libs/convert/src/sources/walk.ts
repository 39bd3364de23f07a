import { access, constants, lstat, readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { errnoOf, Fault } from '@pstream/kernel';
import type { Form } from '../origin.js';
import { formOf } from './detect.js';
import { placeOf } from './refuse.js';

/** A file to convert, and the folder for what has none of its own; one that is no mail, and why; or a file or folder that cannot be read, with the
 *  name of the system's error. */
export type Found = Readable | { readonly path: string; readonly skipped: string } | { readonly path: string; readonly unreadable: string };

/** A file to convert. `apart` is the folder that all it holds goes into, if there is one: where sources are kept apart. */
export type Readable = {
  readonly path: string;
  readonly form: Form;
  readonly folder: readonly string[];
  readonly apart?: string;
};

/** `isOwn`: files that the run itself makes, which may lie in a folder that is converted. */
type WalkOptions = { readonly recover: boolean; readonly keepApart: boolean; readonly isOwn: (path: string) => boolean };

/** Where single messages go that come from no folder. */
const LOOSE = ['Imported'];
/** Thunderbird keeps what is below a folder in one of this name beside it. */
const BELOW = /\.sbd$/i;

/** The files of the sources in the order given, those of folders by name. Links are not followed; what is no mail, and what is given as a source of
 *  its own, is passed over in folders.
 *  Faults (never) for a source itself, before the first file: 'convert.source-unreadable', 'convert.unknown-form'. */
export async function* walk(sources: readonly string[], options: WalkOptions): AsyncGenerator<Found> {
  const roots: (Readable | { readonly path: string; readonly folder: readonly string[] })[] = [];
  const taken: Taken = { names: new Set(), places: new Set() };
  for (const source of sources) roots.push(await rootOf(source, options, taken));
  for (const root of roots) {
    if ('form' in root) yield root;
    else yield* folder(root.path, root.folder, options, taken.places);
  }
}

/** The names that sources which are kept apart have, and where all of them are. */
type Taken = { readonly names: Set<string>; readonly places: Set<string> };

const rootOf = async (
  source: string,
  { recover, keepApart }: WalkOptions,
  { names, places }: Taken,
): Promise<Readable | { readonly path: string; readonly folder: readonly string[] }> => {
  const info = await stat(source, { bigint: true }).catch((cause: unknown) => {
    throw sourceFault('convert.source-unreadable', source, CHECK, { cause });
  });
  places.add(placeOf(info));
  const name = basename(join(source, '.'));
  if (info.isDirectory()) {
    await access(source, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
      throw sourceFault('convert.source-unreadable', source, CHECK, { cause });
    });
    return { path: source, folder: [keepApart ? freeName(name, names) : name] };
  }
  // Opening a pipe would wait for somebody to write into it.
  if (!info.isFile()) throw sourceFault('convert.source-unreadable', source, 'Give files and folders.', { reason: 'not a file' });
  const form = await formOf(source, recover).catch((cause: unknown) => {
    throw sourceFault('convert.source-unreadable', source, CHECK, { cause });
  });
  if (form !== undefined) {
    const apart = keepApart ? { apart: freeName(name.replace(/\.[^.]{1,5}$/, ''), names) } : {};
    return { path: source, form, folder: form === 'mbox' ? [nameOf(source)] : LOOSE, ...apart };
  }
  throw sourceFault('convert.unknown-form', source, info.size === 0n ? 'The file is empty.' : CONVERTIBLE);
};

const CHECK = 'Check the path and the permissions.';
const CONVERTIBLE = 'What can be converted: PST and OST stores, .msg, .eml, mbox and TNEF (winmail.dat) files, and folders of them.';

async function* folder(path: string, names: readonly string[], options: WalkOptions, given: ReadonlySet<string>): AsyncGenerator<Found> {
  let entries;
  try {
    entries = await readdir(path);
  } catch (error) {
    yield { path, unreadable: errnoOf(error) ?? 'unknown' };
    return;
  }
  for (const name of entries.sort()) {
    const each = join(path, name);
    if (options.isOwn(each)) continue;
    try {
      const info = await lstat(each, { bigint: true });
      if (given.has(placeOf(info))) yield { path: each, skipped: 'a source of its own' };
      else if (info.isSymbolicLink()) yield { path: each, skipped: 'symbolic link' };
      else if (info.isDirectory()) yield* folder(each, [...names, name.replace(BELOW, '')], options, given);
      else if (info.isFile()) {
        const form = await formOf(each, options.recover);
        if (form === undefined) yield { path: each, skipped: info.size === 0n ? 'empty file' : 'not a mail file' };
        else if (form === 'pst' || form === 'ost') yield { path: each, form, folder: names, ...apartIn(names, options) };
        else yield { path: each, form, folder: form === 'mbox' ? [...names, nameOf(each)] : names };
      } else yield { path: each, skipped: 'pipe, socket or device' };
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      yield { path: each, unreadable: errnoOf(error) ?? 'unknown' };
    }
  }
}

/** Stores have folders of their own, which say nothing of the one on the disk that they lie in. */
const apartIn = ([root]: readonly string[], { keepApart }: WalkOptions): { apart?: string } =>
  keepApart && root !== undefined ? { apart: root } : {};

/** A name that none of `taken` has, in whatever case; taken from then on. */
const freeName = (name: string, taken: Set<string>): string => {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name} (${number})`;
    if (taken.has(free.toLowerCase())) continue;
    taken.add(free.toLowerCase());
    return free;
  }
};

const nameOf = (path: string): string => {
  const name = basename(path);
  return /\.(?:mbox|mbx)$/i.test(name) ? basename(name, extname(name)) : name;
};

const sourceFault = (
  code: string,
  source: string,
  advice: string,
  why: { readonly cause?: unknown; readonly reason?: string } = {},
): Fault =>
  new Fault(code, {
    retry: 'never',
    facts: { source, ...('cause' in why ? { reason: errnoOf(why.cause) ?? 'unknown' } : 'reason' in why ? { reason: why.reason } : {}) },
    advice,
    ...('cause' in why ? { cause: why.cause } : {}),
  });
