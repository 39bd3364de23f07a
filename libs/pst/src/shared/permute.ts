/** How data blocks are encoded (header bCryptMethod). [MS-PST] 2.2.2.6 and 5.1. Internal blocks and pages never are. */
export const CRYPT = { none: 0, permute: 1, cyclic: 2 } as const;

const table = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

const inverse = (of: Uint8Array): Uint8Array => {
  const out = new Uint8Array(256);
  for (let i = 0; i < 256; i++) out[of[i] as number] = i;
  return out;
};

/** Third 256 bytes of mpbbCrypt: what an encoded byte stands for. [MS-PST] 5.1. */
export const PERMUTE_DECODE: Uint8Array = table(
  '47f1b4e60b6a7248854e9eebe2f89453e0bba002e85a09abdbe3bac67cc310dd' +
    '39059630f53760828cc9134a6b1df3fb8f2697ca911701c4322d6e3195ffd923' +
    'd1005e79dc443b1a28c5615720903d83b943be67d2464276c06d5b7eb20f1629' +
    '3ca903540dda5ddff6b7c762cd8d06d3695c86d614f7a56675acb1e94521700c' +
    '879f74a4224c6fbf1f56aa2eb3783350b0a392bccf191ca763cb1e4d3e4b1b9b' +
    '4fe7f0eead3ab55904ea40552551e57a893868527bfc27aed7bdfa07f4cc8e5f' +
    'ef359c842b15d5773449b6120a7f7188fd9d18417d93d8582ccefe24afdeb836' +
    'c8a180a69998a82f0e816573e4c2a28ad4e111d0088b2af2ed9a643fc16cf9ec',
);

/** Middle 256 bytes of mpbbCrypt, its own inverse; used by the cyclic encoding only. [MS-PST] 5.2. */
export const CYCLIC_MIDDLE: Uint8Array = table(
  '14530f56b3c87a9ceb65481716159f02cc547c83000d0c0ba262a876dbd9edc7' +
    'c5a4dcac8574d6d0a79bae9a967166c36399b8dd73928e847da55ed15d93b157' +
    '5150808952944f4e0a6bbc8d7f6e47464140440111cb033ff7f4e1a98f3c3af9' +
    'fbf0193082092ec99da08649ee6f4d6dc42d813425871b88aafc06a11238fd4c' +
    '4272641337246a757743ffe6b44b365ce4d8353d45b92cecb7312b290768a30e' +
    '697b189e2139be281a5b78f523ca2ab0af3efe048ce7e5983295d3f64ae8a6ea' +
    'e9f3d52f7020f21f0567ad5510cecde3273bdabad7c226d4911dd21c2233f8fa' +
    'f15aefcf90b68bb5bdc0bf08971e6ce261e0c6c159abbb58de5fdf60797eb28a',
);

/** First 256 bytes of mpbbCrypt: how a byte is written. [MS-PST] 5.1. */
export const PERMUTE_ENCODE: Uint8Array = inverse(PERMUTE_DECODE);

/** Images of all pairs of bytes, by substitution: two bytes a look-up. */
const pairTables = new WeakMap<Uint8Array, Uint16Array>();

const pairsOf = (substitution: Uint8Array): Uint16Array => {
  const known = pairTables.get(substitution);
  if (known !== undefined) return known;
  const pairs = new Uint16Array(0x1_0000);
  for (let i = 0; i < pairs.length; i++) pairs[i] = (substitution[i & 0xff] as number) | ((substitution[i >>> 8] as number) << 8);
  pairTables.set(substitution, pairs);
  return pairs;
};

/** Replaces every byte in place by its image in `substitution` (256 entries, not to be changed afterwards). */
export const substitute = (bytes: Uint8Array, substitution: Uint8Array): void => {
  let done = 0;
  if ((bytes.byteOffset & 3) === 0) {
    const pairs = pairsOf(substitution);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number;
      words[i] = (pairs[word & 0xffff] as number) | ((pairs[word >>> 16] as number) << 16);
    }
    done = 4 * words.length;
  }
  for (let i = done; i < bytes.length; i++) bytes[i] = substitution[bytes[i] as number] as number;
};
