import { open } from 'node:fs/promises';
import { Fault } from '@pstream/kernel';

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

/** A file as a byte source; `close` releases the handle. Faults: 'pst.file-unreadable' (never), 'pst.file-shrank' (now). */
export const fileSource = async (path: string): Promise<ByteSource & { close(): Promise<void> }> => {
  const unreadable = (cause: unknown): Fault =>
    new Fault('pst.file-unreadable', {
      retry: 'never',
      facts: { reason: codeOf(cause) },
      cause,
      advice: 'Check the path and the permissions of the file.',
    });
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(cause);
  });
  const { size } = await handle.stat();
  const readInto = async (offset: number, into: Uint8Array): Promise<void> => {
    const { length } = into;
    let done = 0;
    while (done < length) {
      const { bytesRead } = await handle.read(into, done, length - done, offset + done).catch((cause: unknown) => {
        throw unreadable(cause);
      });
      if (bytesRead === 0) throw new Fault('pst.file-shrank', { retry: 'now', facts: { offset, wanted: length, got: done } });
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

const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown');

/** Bytes in memory as a byte source. Reads are views, not copies. */
export const bufferSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
});
