import { open } from 'node:fs/promises';
import { mailItem } from '@pstream/mime';
import { readMsg, readTnef } from '@pstream/msg';
import type { Form, Loaded, Origin } from '../origin.js';
import { MAX_MAIL_BYTES, tooLarge } from './too-large.js';
import { unreadable } from './unreadable.js';

/** Other messages in files of their own are read whole as well, but not as a text. */
const MAX_BYTES = 1_000_000_000;

const READERS: Readonly<Record<'msg' | 'tnef' | 'eml', (bytes: Uint8Array) => Promise<Loaded> | Loaded>> = {
  msg: (bytes) => {
    const { item, strays } = readMsg(bytes);
    return { item, notes: strays.length === 0 ? [] : [`msg.unlisted-streams ×${strays.length}`] };
  },
  tnef: (bytes) => {
    const { item, damage } = readTnef(bytes);
    return { item, notes: damage };
  },
  eml: (bytes) => mailItem(bytes),
};

/** A file of one message. */
export const mailOrigin = (path: string, form: 'msg' | 'tnef' | 'eml', folder: readonly string[]): Origin => ({
  form,
  async *entries() {
    yield {
      kind: 'item',
      path: folder,
      where: '',
      load: async () => READERS[form](await wholeFile(path, form === 'eml' ? MAX_MAIL_BYTES : MAX_BYTES)),
    };
  },
  met: () => [],
  problems: () => [],
  close: () => Promise.resolve(),
});

const wholeFile = async (path: string, limit: number): Promise<Uint8Array> => {
  const file = await open(path, 'r').catch(unreadable);
  try {
    const { size } = await file.stat();
    if (size > limit) throw tooLarge(size, limit);
    const bytes = Buffer.alloc(size);
    // No more than it had, however fast somebody adds to it.
    let done = 0;
    for (let read = -1; done < size && read !== 0; done += read)
      ({ bytesRead: read } = await file.read(bytes, done, size - done, done).catch(unreadable));
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
};

/** Which forms are files of one message. */
export const isSingle = (form: Form): form is 'msg' | 'tnef' | 'eml' => form in READERS;
