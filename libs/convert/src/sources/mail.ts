import { open } from 'node:fs/promises';
import { Fault } from '@pstream/kernel';
import { mailItem } from '@pstream/mime';
import { readMsg, readTnef } from '@pstream/msg';
import type { Form, Loaded, Origin } from '../origin.js';
import { unreadable } from './unreadable.js';

/** A message in a file of its own is read whole; Exchange Online takes none of more than 150 MB. */
const MAX_BYTES = 1024 * 1024 * 1024;

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
    yield { kind: 'item', path: folder, where: '', load: async () => READERS[form](await wholeFile(path)) };
  },
  met: () => [],
  problems: () => [],
  close: () => Promise.resolve(),
});

const wholeFile = async (path: string): Promise<Uint8Array> => {
  const file = await open(path, 'r').catch(unreadable);
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) {
      throw new Fault('convert.message-too-large', {
        retry: 'never',
        facts: { bytes: size, limit: MAX_BYTES },
        advice: 'A message in a file of its own may have 1 GiB at most. Leave the file out.',
      });
    }
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
