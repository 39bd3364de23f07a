import { createHash } from 'node:crypto';

/** Data of an attachment that no PST can hold, to be kept as a file of its own beside the part. */
export type BesidePayload = {
  /** SHA-256 of the data and `.bin`: one name never means two contents, so handing a payload over again is harmless. */
  readonly name: string;
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
  /** The data in order, in pieces of at most 4 MiB, which are views. May be asked for again. */
  readonly pieces: () => Iterable<Uint8Array>;
};

const PIECE_BYTES = 4 << 20;

function* piecesOf(value: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < value.length; at += PIECE_BYTES) yield value.subarray(at, at + PIECE_BYTES);
}

/** The payload of a value. Hashes all of it at once, which takes a second or two for each 2 GiB. */
export const besidePayload = (value: Uint8Array): BesidePayload => {
  const hash = createHash('sha256');
  for (const piece of piecesOf(value)) hash.update(piece);
  const sha256 = hash.digest('hex');
  return { name: `${sha256}.bin`, bytes: value.length, sha256, pieces: () => piecesOf(value) };
};
