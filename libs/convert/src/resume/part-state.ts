import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { Fault } from '@pstream/kernel';
import { AppendedFile } from './appended-file.js';

/** The digest of an item that was written, and whether it is a hidden one. */
export type Written = { readonly digest: Uint8Array; readonly hidden: boolean };

/** What a part's writer knew at each of its checkpoints, and the items written until then. */
export type PartMemory = { readonly checkpoints: readonly Uint8Array[]; readonly written: readonly Written[] };

/** Length of the frame's content, of the checkpoint in it, and of a digest. */
const HEAD_BYTES = 12;
const CRC_BYTES = 4;

/** The state of an open part, beside it in a file. A frame is its head, the checkpoint, each item's digest with a byte that says whether it is
 *  hidden, and a CRC-32 of all that. */
export class PartState extends AppendedFile {
  /** Adds a frame and waits until the disk has it. Fault 'convert.output-unwritable' (never); then nothing more counts than before. */
  async add(checkpoint: Uint8Array, written: readonly Written[]): Promise<void> {
    await this.append(frameOf(checkpoint, written));
  }
}

/** Reads the frames in the first `bytes` of a state file. Fault 'convert.kept-damaged' (never) where they are not what was written. */
export const readPartState = async (path: string, bytes: number): Promise<PartMemory> => {
  const all = await readFile(path).catch((cause: unknown) => {
    throw keptDamaged(path, cause);
  });
  if (all.length < bytes) throw keptDamaged(path);
  const checkpoints: Uint8Array[] = [];
  const written: Written[] = [];
  for (let at = 0; at < bytes; ) {
    if (at + HEAD_BYTES > bytes) throw keptDamaged(path);
    const [length, checkpointBytes, digestBytes] = [all.readUInt32LE(at), all.readUInt32LE(at + 4), all.readUInt32LE(at + 8)];
    const end = at + HEAD_BYTES + length;
    if (end + CRC_BYTES > bytes || checkpointBytes > length || all.readUInt32LE(end) !== crc32(all.subarray(at, end)))
      throw keptDamaged(path);
    const itemsAt = at + HEAD_BYTES + checkpointBytes;
    checkpoints.push(all.subarray(at + HEAD_BYTES, itemsAt));
    for (let item = itemsAt; item < end; item += digestBytes + 1)
      written.push({ hidden: all[item] === 1, digest: Uint8Array.from(all.subarray(item + 1, item + 1 + digestBytes)) });
    at = end + CRC_BYTES;
  }
  return { checkpoints, written };
};

const frameOf = (checkpoint: Uint8Array, written: readonly Written[]): Buffer => {
  const digestBytes = written[0]?.digest.length ?? 0;
  const length = checkpoint.length + written.length * (digestBytes + 1);
  const frame = Buffer.alloc(HEAD_BYTES + length + CRC_BYTES);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(checkpoint.length, 4);
  frame.writeUInt32LE(digestBytes, 8);
  frame.set(checkpoint, HEAD_BYTES);
  let at = HEAD_BYTES + checkpoint.length;
  for (const { digest, hidden } of written) {
    frame[at] = hidden ? 1 : 0;
    frame.set(digest, at + 1);
    at += digestBytes + 1;
  }
  frame.writeUInt32LE(crc32(frame.subarray(0, at)), at);
  return frame;
};

/** A Fault for kept files that do not belong together any more. */
export const keptDamaged = (file: string, cause?: unknown): Fault =>
  new Fault('convert.kept-damaged', {
    retry: 'never',
    facts: { file },
    advice: 'What was kept of the run that was stopped is missing or changed. Add --restart to begin again.',
    cause,
  });
