import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/** First bytes of a file by which a spreadsheet knows that it is UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** A file to download: UTF-8 with a byte order mark, the header as it is given, then the lines as they come. */
export const csvFile = (name: string, header: string, lines: AsyncIterable<string>): StreamableFile => {
  const all = async function* (): AsyncGenerator<string> {
    yield `${BYTE_ORDER_MARK}${header}\r\n`;
    yield* lines;
  };
  return new StreamableFile(Readable.from(all()), { type: 'text/csv; charset=utf-8', disposition: `attachment; filename="${name}"` });
};
