import { crc32 } from 'node:zlib';

/** Reflected polynomial of CRC-32. [MS-PST] 5.3. */
const POLYNOMIAL = 0xedb8_8320;
/** Below this the call into zlib costs more than the sum itself. */
const SHORT_BYTES = 192;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
  return crc;
});

/** CRC of pages, blocks and the header. [MS-PST] 5.3: reflected CRC-32 with start value 0 and no final complement,
 *  so zlib's conditioning is undone on both sides. Returns an unsigned 32-bit number. */
export const pstCrc = (bytes: Uint8Array): number => {
  if (bytes.length > SHORT_BYTES) return (crc32(bytes, 0xffffffff) ^ 0xffffffff) >>> 0;
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return crc >>> 0;
};
