import { crc32 } from 'node:zlib';

/** CRC of pages, blocks and the header. [MS-PST] 5.3: reflected CRC-32 with start value 0 and no final complement,
 *  so zlib's conditioning is undone on both sides. Returns an unsigned 32-bit number. */
export const pstCrc = (bytes: Uint8Array): number => (crc32(bytes, 0xffffffff) ^ 0xffffffff) >>> 0;
