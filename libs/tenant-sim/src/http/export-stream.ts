import { decodeExportStream, encodeExportStream } from '@pstream/fasttransfer';

/** What Exchange appends to an answer that it could not finish. */
export const TRUNCATED_DATA = '=== Truncated Data ===';

// A multiple of 3, so that pieces can be encoded apart and joined.
const STEP = 3 * 65_536;

/** One base64 text in pieces, over bytes that come in pieces. */
export function* base64Of(pieces: Iterable<Uint8Array>): Generator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    let bytes: Buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (rest.length > 0) bytes = Buffer.concat([rest, bytes]);
    const whole = bytes.length - (bytes.length % 3);
    for (let at = 0; at < whole; at += STEP) yield bytes.toString('base64', at, Math.min(at + STEP, whole));
    rest = bytes.subarray(whole);
  }
  if (rest.length > 0) yield rest.toString('base64');
}

/** The first half of a stream with the text behind it. */
export const cutText = (stream: Uint8Array): Uint8Array =>
  Buffer.concat([stream.subarray(0, stream.length >> 1), Buffer.from(TRUNCATED_DATA, 'latin1')]);

/** The stream as it is when the server stops behind that many attachments: well-formed, with both sections, and all that was promised. */
export const shortened = (stream: Uint8Array, attachments: number): Uint8Array => {
  const item = decodeExportStream(stream);
  return encodeExportStream({ ...item, attachments: item.attachments.slice(0, attachments) });
};

const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, index * 4));
  return bytes;
};

// Export-stream format: an opcode-2 record is a length and a slice of the inner stream; attachments stand last.
const TRANSFER_BUFFER = 2;
const BODY = 31_680;
const record = (body: Uint8Array): Buffer => Buffer.concat([u32(TRANSFER_BUFFER, body.length), body]);

/** The stream with one more attachment of `bytes` bytes at its end: well-formed, and never held as a whole. */
export function* inflated(stream: Uint8Array, bytes: number): Generator<Uint8Array> {
  yield stream;
  const name = Buffer.from('filler.bin\u0000', 'utf16le');
  yield record(
    Buffer.concat([u32(0x40000003, 0x0e210003, 0xffff, 0x37050003, 1), u32(0x370784b0, name.length), name, u32(0x37010102, bytes)]),
  );
  const run = Buffer.concat(Array.from({ length: 32 }, () => record(Buffer.alloc(BODY, 0x5a))));
  const perRun = 32 * BODY;
  for (let left = bytes; left > 0; left -= perRun) {
    if (left >= perRun) yield run;
    else for (let rest = left; rest > 0; rest -= BODY) yield record(Buffer.alloc(Math.min(BODY, rest), 0x5a));
  }
  yield record(u32(0x400e0003));
}
