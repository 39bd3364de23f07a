/** UTF-16LE bytes of a string, without terminator; the form of PT.String values. */
export const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');

/** The string of UTF-16LE bytes; an odd last byte is ignored. */
export const utf16Text = (value: Uint8Array): string => Buffer.from(value.buffer, value.byteOffset, value.length & ~1).toString('utf16le');
