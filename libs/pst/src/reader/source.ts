import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { errnoOf, Fault } from '@pstream/kernel';

/** Bytes that can be read at any offset. `read` gives exactly `length` bytes; nobody asks beyond `size`. `readInto`, where there is one, fills
 *  the array it is given, which may lie in shared memory. `windowBytes` is the least that is worth a read where the source knows that. */
export type ByteSource = {
  readonly size: number;
  readonly windowBytes?: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  readInto?(offset: number, into: Uint8Array): Promise<void>;
};

/** A short read of a local file is cheap: it mostly comes from the page cache. */
const FILE_WINDOW_BYTES = 0x4000;

/** Opening a pipe would wait for somebody to write into it. Windows has no such flag, and no such files. */
const AT_ONCE = constants.O_RDONLY | ((constants as { readonly O_NONBLOCK?: number }).O_NONBLOCK ?? 0);

/** A file as a byte source; `close` releases the handle. Faults: 'pst.file-unreadable' (never), with the system's reason, or `not a file` for folders,
 *  pipes and devices; 'pst.file-shrank' (now). */
export const fileSource = async (path: string): Promise<ByteSource & { close(): Promise<void> }> => {
  const unreadable = (cause: unknown): Fault =>
    new Fault('pst.file-unreadable', {
      retry: 'never',
      facts: { reason: typeof cause === 'string' ? cause : (errnoOf(cause) ?? 'unknown') },
      cause,
      advice: 'Check the path and the permissions of the file.',
    });
  const handle = await open(path, AT_ONCE).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  const info = await handle.stat();
  if (!info.isFile()) {
    await handle.close();
    throw unreadable('not a file');
  }
  const { size } = info;
  const readInto = async (offset: number, into: Uint8Array): Promise<void> => {
    const { length } = into;
    let done = 0;
    while (done < length) {
      const { bytesRead } = await handle.read(into, done, length - done, offset + done).catch((cause: unknown) => {
        throw unreadable(cause);
      });
      if (bytesRead === 0) {
        throw new Fault('pst.file-shrank', {
          retry: 'now',
          facts: { offset, wanted: length, got: done },
          advice: 'The file became shorter while it was read. Close the program that writes to it and try again.',
        });
      }
      done += bytesRead;
    }
  };
  return {
    size,
    windowBytes: FILE_WINDOW_BYTES,
    readInto,
    async read(offset, length) {
      const out = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      await readInto(offset, out);
      return out;
    },
    close: () => handle.close(),
  };
};

/** Bytes in memory as a byte source. Reads are views, not copies. */
export const bufferSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
});
