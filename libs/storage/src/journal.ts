import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

// The write-ahead log as SQLite's file format describes it (section 4.1): a header of 32 bytes, then frames of 24 bytes and a page.
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Whether a header is as it was written: its last two words are a checksum of the others. */
const isIntact = (header: Buffer): boolean => {
  const magic = header.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return false;
  const word = (at: number): number => (magic === 0x377f0682 ? header.readUInt32LE(at) : header.readUInt32BE(at));
  let [first, second] = [0, 0];
  for (let at = 0; at < 24; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return header.readUInt32BE(24) === first && header.readUInt32BE(28) === second;
};

/** Number of the last frame that ends a commit, whether or not SQLite would still reach it; 0 if there is none, infinity if nobody can
 *  tell because the header is damaged. Frames of an earlier round of the file, which have other salts, do not count. */
export const lastCommitIn = (journal: string): number => {
  if (!existsSync(journal)) return 0;
  const file = openSync(journal, 'r');
  try {
    const at = (position: number, bytes: number): Buffer => {
      const buffer = Buffer.alloc(bytes);
      readSync(file, buffer, 0, bytes, position);
      return buffer;
    };
    if (fstatSync(file).size <= HEADER_BYTES) return 0;
    const header = at(0, HEADER_BYTES);
    if (!isIntact(header)) return Infinity;
    const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8);
    const frames = Math.floor((fstatSync(file).size - HEADER_BYTES) / frameBytes);
    let last = 0;
    for (let frame = 0; frame < frames; frame++) {
      const head = at(HEADER_BYTES + frame * frameBytes, FRAME_HEADER_BYTES);
      const ofThisRound = head.subarray(8, 16).equals(header.subarray(16, 24));
      if (ofThisRound && head.readUInt32BE(4) > 0) last = frame + 1;
    }
    return last;
  } finally {
    closeSync(file);
  }
};
