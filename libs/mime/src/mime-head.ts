/** Where the header fields of a MIME entity end: the place after their last line, where the empty line begins. */
export const headEnd = (bytes: Buffer): number => {
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return crlf + 2;
  return lf < 0 ? bytes.length : lf + 1;
};

/** The header fields as they came. Bytes that are no UTF-8 are read as Latin-1, so that none is lost. */
export const headerText = (mime: Uint8Array): string => {
  const bytes = Buffer.from(mime.buffer, mime.byteOffset, mime.length);
  const head = bytes.subarray(0, headEnd(bytes));
  const text = head.toString('utf8');
  return text.includes('\uFFFD') ? head.toString('latin1') : text;
};

/** Whether a multipart entity came without its last boundary. `type` is its Content-Type line. The service ends every multipart that it
 *  writes, so a missing end means that the rest did not come. */
export const isCutOff = (mime: Uint8Array, type: string): boolean => {
  if (!/^content-type\s*:\s*multipart\//i.test(type)) return false;
  const boundary = /\bboundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(type);
  const text = boundary?.[1] ?? boundary?.[2];
  return text !== undefined && text !== '' && !Buffer.from(mime.buffer, mime.byteOffset, mime.length).includes(`--${text}--`);
};
