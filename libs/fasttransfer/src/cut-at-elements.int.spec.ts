import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '@pstream/kernel';
import { ID, type MapiItem } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';
import { cutAtElements, type Boundary, type Cut } from './boundaries.fixture.js';
import { decodeExportStream, doubts, encodeExportStream, isSmallerThanListed } from './index.js';
import { BIG, EXAMPLE, nested } from './items.fixture.js';
import { int32 } from './wire.fixture.js';

// A stream that ends between two elements is the cut that no length gives away. Each one must be noticed: by a Fault, or by a doubt.

/** How a cut is noticed; undefined where nothing tells it from a whole item. */
const noticed = ({ content }: Cut, listedBytes: number): string | undefined => {
  try {
    const item = decodeExportStream(content);
    const isSmall = isSmallerThanListed({ listedBytes, streamBytes: content.length }, item.attachments.length > 0);
    // Many items have no times of their own: that says nothing of a cut.
    return doubts(item).find((doubt) => doubt !== 'times-missing') ?? (isSmall ? 'smaller-than-listed' : undefined);
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
};

/** After the second separator only the attachments are left: their number is nowhere in the stream, so that the size has to tell. */
const isBetweenAttachments = ({ depth, attachments }: Boundary): boolean => depth === 0 && attachments > 0;

/** As a mailbox holds an item with attachments: its flags say so. */
const withClip = (item: MapiItem): MapiItem => ({
  ...item,
  properties: [...item.properties.filter(({ id }) => id !== ID.MessageFlags), int32(ID.MessageFlags, 0x11)],
});

describe('a stream that is cut between two elements', () => {
  it.each([
    ['with one attachment', EXAMPLE],
    ['with messages within messages', nested(3)],
    ['larger than a TransferBuffer', BIG],
  ])('is not taken for a whole item: one %s', (_name, item) => {
    const content = encodeExportStream(withClip(item));
    const cuts = [...cutAtElements(content)];
    expect(cuts.length).toBeGreaterThan(10);
    for (const cut of cuts) expect([cut.offset, noticed(cut, content.length)]).toEqual([cut.offset, expect.any(String)]);
  });
});

type Row = { readonly size: number; readonly stream: { readonly offset: number; readonly bytes: number; readonly sha256: string } };

describeShared('the streams of the contoso mailboxes', (shared) => {
  const root = join(shared, 'data/tenants/contoso');
  const boxes = readdirSync(root).filter((name) => existsSync(join(root, name, 'streams.bin')));

  it('cut between two of their elements are not taken for whole items, but for the last small attachments', () => {
    const done = new Set<string>();
    const clean: string[] = [];
    let cuts = 0;
    for (const box of boxes) {
      const streams = readFileSync(join(root, box, 'streams.bin'));
      const lines = readFileSync(join(root, box, 'items.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean);
      for (const { size, stream } of lines.map((line) => JSON.parse(line) as Row)) {
        if (done.has(stream.sha256)) continue;
        done.add(stream.sha256);
        const content = streams.subarray(stream.offset, stream.offset + stream.bytes);
        // Within an object every cut is a truncation; the small streams show that, the large ones need not.
        for (const cut of cutAtElements(content, ({ depth }) => depth === 0 || stream.bytes < 20_000)) {
          cuts++;
          if (noticed(cut, size) !== undefined) continue;
          expect(isBetweenAttachments(cut)).toBe(true);
          clean.push(`${box} ${stream.offset} ${cut.offset}`);
        }
      }
    }
    expect(cuts).toBeGreaterThan(8_000);
    expect(clean.length).toBeLessThanOrEqual(52);
  });
});
