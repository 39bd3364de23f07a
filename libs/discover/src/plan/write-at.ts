import type { FileHandle } from 'node:fs/promises';

/** Writes all of the bytes at a place of a file: a disk that is nearly full takes a part of them at first. */
export const writeAt = async (file: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
};
