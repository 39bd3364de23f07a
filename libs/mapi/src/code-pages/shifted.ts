const ESC = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const TILDE = 0x7e;
const isGraphic = (byte: number | undefined): byte is number => byte !== undefined && byte > 0x20 && byte < 0x7f;

/** ISO-2022-KR (RFC 1557) in the eight bits of EUC-KR; undefined for bytes that it doesn't have. */
export const eightBitKorean = (bytes: Uint8Array): Uint8Array | undefined => {
  const out: number[] = [];
  let shifted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === ESC) {
      // The one designation that there is: ESC $ ) C.
      if (bytes[at + 1] !== 0x24 || bytes[at + 2] !== 0x29 || bytes[at + 3] !== 0x43) return undefined;
      at += 3;
    } else if (byte === SHIFT_OUT || byte === SHIFT_IN) shifted = byte === SHIFT_OUT;
    else if (byte > 0x7f) return undefined;
    else if (shifted && isGraphic(byte)) {
      const second = bytes[++at];
      if (!isGraphic(second)) return undefined;
      out.push(byte | 0x80, second | 0x80);
    } else out.push(byte);
  }
  return Uint8Array.from(out);
};

/** HZ (RFC 1843) in the eight bits of GB 2312; undefined for bytes that it doesn't have. */
export const eightBitChinese = (bytes: Uint8Array): Uint8Array | undefined => {
  const out: number[] = [];
  let shifted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return undefined;
    if (byte === TILDE && !(shifted && isGraphic(bytes[at + 1]) && bytes[at + 1] !== 0x7d)) {
      const next = bytes[++at];
      if (next === 0x7b) shifted = true;
      else if (next === 0x7d) shifted = false;
      else if (next === TILDE) out.push(TILDE);
      else if (next !== 0x0a) return undefined;
    } else if (byte === 0x0a) {
      shifted = false; // a line ends every shift
      out.push(byte);
    } else if (shifted && isGraphic(byte)) {
      const second = bytes[++at];
      if (!isGraphic(second)) return undefined;
      out.push(byte | 0x80, second | 0x80);
    } else out.push(byte);
  }
  return Uint8Array.from(out);
};

/** ISO-2022-JP whose half-width kana stand between SO and SI (50222), with the escape sequences that decoders know. */
export const escapedKana = (bytes: Uint8Array): Uint8Array =>
  bytes.includes(SHIFT_OUT)
    ? Uint8Array.from(
        [...bytes].flatMap((byte) => (byte === SHIFT_OUT ? [ESC, 0x28, 0x49] : byte === SHIFT_IN ? [ESC, 0x28, 0x42] : [byte])),
      )
    : bytes;
