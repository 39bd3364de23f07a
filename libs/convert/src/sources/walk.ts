import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { errnoOf, Fault } from '@pstream/kernel';
import type { Form } from '../origin.js';
import { formOf } from './detect.js';

/** A file to convert, and the folder for what has none of its own; one that is no mail, and why; or a file or folder that cannot be read, with the
 *  name of the system's error. */
export type Found =
  | { readonly path: string; readonly form: Form; readonly folder: readonly string[] }
  | { readonly path: string; readonly skipped: string }
  | { readonly path: string; readonly unreadable: string };

/** Where single messages go that come from no folder. */
const LOOSE = ['Imported'];
/** Thunderbird keeps what is below a folder in one of this name beside it. */
const BELOW = /\.sbd$/i;

/** The files of the sources in the order given, those of folders by name. Links are not followed; what is no mail is passed over in folders.
 *  Faults (never) for a source itself: 'convert.source-unreadable', 'convert.unknown-form'. */
export async function* walk(sources: readonly string[], recover: boolean): AsyncGenerator<Found> {
  for (const source of sources) {
    const info = await stat(source).catch((cause: unknown) => {
      throw sourceFault('convert.source-unreadable', source, 'Check the path and the permissions.', cause);
    });
    if (info.isDirectory()) {
      yield* folder(source, [basename(join(source, '.'))], recover);
      continue;
    }
    const form = await formOf(source, recover).catch((cause: unknown) => {
      throw sourceFault('convert.source-unreadable', source, 'Check the path and the permissions.', cause);
    });
    if (form === undefined) {
      const advice = 'What can be converted: PST and OST stores, .msg, .eml, mbox and TNEF (winmail.dat) files, and folders of them.';
      throw sourceFault('convert.unknown-form', source, advice);
    }
    yield { path: source, form, folder: form === 'mbox' ? [nameOf(source)] : LOOSE };
  }
}

async function* folder(path: string, names: readonly string[], recover: boolean): AsyncGenerator<Found> {
  let entries;
  try {
    entries = await readdir(path);
  } catch (error) {
    yield { path, unreadable: errnoOf(error) ?? 'unknown' };
    return;
  }
  for (const name of entries.sort()) {
    const each = join(path, name);
    try {
      const info = await lstat(each);
      if (info.isSymbolicLink()) yield { path: each, skipped: 'symbolic link' };
      else if (info.isDirectory()) yield* folder(each, [...names, name.replace(BELOW, '')], recover);
      else if (info.isFile()) {
        const form = await formOf(each, recover);
        if (form === undefined) yield { path: each, skipped: 'not a mail file' };
        else yield { path: each, form, folder: form === 'mbox' ? [...names, nameOf(each)] : names };
      }
    } catch (error) {
      yield { path: each, unreadable: errnoOf(error) ?? 'unknown' };
    }
  }
}

const nameOf = (path: string): string => {
  const name = basename(path);
  return /\.(?:mbox|mbx)$/i.test(name) ? basename(name, extname(name)) : name;
};

const sourceFault = (code: string, source: string, advice: string, cause?: unknown): Fault =>
  new Fault(code, {
    retry: 'never',
    facts: { source, ...(cause === undefined ? {} : { reason: errnoOf(cause) ?? 'unknown' }) },
    advice,
    cause,
  });
