import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeShared } from '@pstream/testing';
import { decodeExportStream, doubts, encodeExportStream, everyWarning, ExportStreamParser, isSmallerThanListed } from './index.js';
import { neutral } from './neutral.fixture.js';

type Row = {
  readonly type: string;
  readonly size: number;
  readonly associated: boolean;
  readonly stream: { offset: number; bytes: number; sha256: string };
};

describeShared('every item of the contoso mailboxes', (shared) => {
  const root = join(shared, 'data/tenants/contoso');
  const boxes = readdirSync(root).filter((name) => existsSync(join(root, name, 'streams.bin')));

  it('has mailboxes', () => expect(boxes.length).toBeGreaterThan(10));

  it.each(boxes)('of %s decodes, and encodes to the same bytes and the same item again', (box) => {
    const streams = readFileSync(join(root, box, 'streams.bin'));
    const rows = readFileSync(join(root, box, 'items.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean);
    for (const row of rows.map((line) => JSON.parse(line) as Row)) {
      const file = streams.subarray(row.stream.offset, row.stream.offset + row.stream.bytes);
      expect(createHash('sha256').update(file).digest('hex')).toBe(row.stream.sha256);
      const item = decodeExportStream(file);
      const again = encodeExportStream(item);
      expect(Buffer.compare(again, file)).toBe(0);
      expect(item.associated).toBe(row.associated);
      expect(everyWarning(item)).toEqual([]);
      // The contacts of that store were made without times.
      expect(doubts(item)).toEqual(box === 'contacts-primary' ? ['times-missing'] : []);
      expect(isSmallerThanListed({ listedBytes: row.size, streamBytes: file.length }, item.attachments.length > 0)).toBe(false);

      const plain = decodeExportStream(encodeExportStream(item, { bodyBytes: 1000, strings: 1252, dnPrefix: '/o=contoso' }));
      expect(neutral(plain)).toEqual(neutral(item));
      const parser = new ExportStreamParser();
      for (let at = 0; at < file.length; at += 16_381) parser.push(file.subarray(at, at + 16_381));
      expect(neutral(parser.finish())).toEqual(neutral(item));
    }
  });
});
