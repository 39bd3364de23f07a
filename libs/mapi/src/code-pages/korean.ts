import iconv from 'iconv-lite';

/** The text of bytes in code page 949; undefined for bytes that it doesn't have. */
export const koreanText = (bytes: Uint8Array): string | undefined => {
  const text = koreanTextAnyway(bytes);
  return text.includes('\uFFFD') ? undefined : text;
};

/** As `koreanText`, with U+FFFD for what 949 doesn't have. */
export const koreanTextAnyway = (bytes: Uint8Array): string => iconv.decode(bytes, 'cp949', { stripBOM: false });
