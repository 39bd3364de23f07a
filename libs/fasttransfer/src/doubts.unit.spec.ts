import { PT } from '@pstream/mapi';
import { decodeExportStream, doubts, encodeExportStream } from './index.js';
import { EXAMPLE } from './items.fixture.js';
import { counted, decoded, hex, int32, plainItem, prop, SECTIONS, text, wide } from './wire.fixture.js';

const CLASS = prop(0x84b0, 0x001a, counted(wide('IPM.Note\0')));

describe('doubts', () => {
  it('are none for a whole item', () => {
    const file = encodeExportStream(EXAMPLE);
    expect(doubts(decodeExportStream(file), { hasAttachments: true, listedBytes: 300, streamBytes: file.length })).toEqual([]);
  });

  it('tell a missing message class', () => expect(doubts(decoded(SECTIONS))).toEqual(['message-class-missing']));

  it('tell missing sections', () => {
    expect(doubts(decoded(CLASS))).toEqual(['recipients-section-missing', 'attachments-section-missing']);
    expect(doubts(decoded(CLASS, hex('03001640 0D00120E')))).toEqual(['attachments-section-missing']);
  });

  it('tell recipients that the item names', () => {
    expect(doubts(plainItem(text(0x001a, 'IPM.Note'), text(0x0e04, 'Bo')))).toEqual(['recipients-expected']);
    expect(doubts(plainItem(text(0x001a, 'IPM.Note'), text(0x0e04, '')))).toEqual([]);
  });

  it('tell attachments that the listing or the item promises, an explicit no of the item before its flag bit', () => {
    const flag = int32(0x0e07, 0x11);
    const hasNone = { id: 0x0e1b, type: PT.Boolean, value: Uint8Array.of(0) };
    const messageClass = text(0x001a, 'IPM.Note');
    expect(doubts(plainItem(messageClass), { hasAttachments: true })).toEqual(['attachments-expected']);
    expect(doubts(plainItem(messageClass, flag))).toEqual(['attachments-expected']);
    expect(doubts(plainItem(messageClass, flag, hasNone))).toEqual([]);
    expect(doubts(plainItem(messageClass, { ...hasNone, value: Uint8Array.of(1) }))).toEqual(['attachments-expected']);
  });

  it('tell a stream that is less than half of what was listed', () => {
    const item = plainItem(text(0x001a, 'IPM.Note'));
    expect(doubts(item, { listedBytes: 1000, streamBytes: 499 })).toEqual(['smaller-than-listed']);
    expect(doubts(item, { listedBytes: 1000, streamBytes: 500 })).toEqual([]);
  });
});
