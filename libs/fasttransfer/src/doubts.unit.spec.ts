import { filetimeOf, PT, type MapiItem, type Property } from '@pstream/mapi';
import { decodeExportStream, doubts, encodeExportStream, isSmallerThanListed } from './index.js';
import { EXAMPLE } from './items.fixture.js';
import { counted, decoded, hex, int32, plainItem, prop, SECTIONS, text, wide } from './wire.fixture.js';

const CLASS = prop(0x84b0, 0x001a, counted(wide('IPM.Note\0')));
const TIME = prop(0x0040, 0x3007, filetimeOf('2026-01-01T00:00:00Z'));
/** An item with a class and a time, which every item has. */
const item = (...properties: readonly Property[]): MapiItem =>
  plainItem(text(0x001a, 'IPM.Note'), { id: 0x3007, type: PT.Time, value: filetimeOf('2026-01-01T00:00:00Z') }, ...properties);

describe('doubts', () => {
  it('are none for a whole item', () =>
    expect(doubts(decodeExportStream(encodeExportStream({ ...item(), attachments: EXAMPLE.attachments })))).toEqual([]));

  it('tell a missing message class', () => expect(doubts(decoded(TIME, SECTIONS))).toEqual(['message-class-missing']));

  it('tell a class that is blank', () =>
    expect(doubts(plainItem(text(0x001a, ' '), ...item().properties.slice(1)))).toEqual(['message-class-missing']));

  it('tell an item without a time of its own, and one whose times stand for none', () => {
    expect(doubts(decoded(CLASS, SECTIONS))).toEqual(['times-missing']);
    expect(doubts(decoded(CLASS, prop(0x0040, 0x3007, hex('0000000000000000')), SECTIONS))).toEqual(['times-missing']);
    expect(doubts(decoded(CLASS, prop(0x0040, 0x0039, filetimeOf('2026-01-01T00:00:00Z')), SECTIONS))).toEqual([]);
  });

  it('tell missing sections', () => {
    expect(doubts(decoded(CLASS, TIME))).toEqual(['recipients-section-missing', 'attachments-section-missing']);
    expect(doubts(decoded(CLASS, TIME, hex('03001640 0D00120E')))).toEqual(['attachments-section-missing']);
  });

  it('tell every warning by its note, each once', () => {
    const warning = prop(0x0003, 0x400f, hex('80030400'));
    expect(doubts(decoded(CLASS, TIME, warning, warning, CLASS, SECTIONS))).toEqual(['server-warning', 'duplicate-property']);
  });

  describe('of an item that names recipients', () => {
    const to = (...names: readonly string[]): MapiItem['recipients'] =>
      names.map((name) => ({ properties: [int32(0x0c15, 1), text(0x3001, name)] }));
    const named = (display: string, recipients: MapiItem['recipients'] = []): readonly string[] =>
      doubts({ ...item(text(0x0e04, display)), recipients });

    it('tell that fewer came', () => {
      expect(named('Bo')).toEqual(['recipients-expected']);
      expect(named('Bo; Cy', to('Bo'))).toEqual(['recipients-expected']);
      expect(doubts({ ...item(text(0x0e03, 'Bo')), recipients: to('Bo') })).toEqual(['recipients-expected']);
    });
    it('are none where all came, or more, or a name has the separator in it', () => {
      expect(named('')).toEqual([]);
      expect(named('Bo', to('Bo', 'Cy'))).toEqual([]);
      expect(named('Bo; Cy', to('Bo', 'Cy'))).toEqual([]);
      expect(named('Doe; Bo', to('Doe; Bo'))).toEqual([]);
    });
    it('count those that a resent message marks', () =>
      expect(named('Bo', [{ properties: [int32(0x0c15, 0x10000001), text(0x3001, 'Bo')] }])).toEqual([]));
  });

  it('tell attachments that the item promises, an explicit no of the item before its flag bit', () => {
    const flag = int32(0x0e07, 0x11);
    const hasNone = { id: 0x0e1b, type: PT.Boolean, value: Uint8Array.of(0) };
    expect(doubts(item(flag))).toEqual(['attachments-expected']);
    expect(doubts(item(flag, hasNone))).toEqual([]);
    expect(doubts(item({ ...hasNone, value: Uint8Array.of(1) }))).toEqual(['attachments-expected']);
  });

  it('tell what a message within the item promises', () => {
    const inner = item(text(0x0e04, 'Bo'), int32(0x0e07, 0x11));
    const outer = { ...item(), attachments: [{ properties: [int32(0x3705, 5)], embedded: inner }] };
    expect(doubts(outer)).toEqual(['recipients-expected', 'attachments-expected']);
  });
});

describe('a stream that is smaller than the listing says', () => {
  it.each([
    [49_999, 100_000, false, true],
    [50_000, 100_000, false, false],
    [1_000, 17_384, false, false],
    [1_000, 17_385, false, true],
    [83_616, 100_000, true, false],
    [83_615, 100_000, true, true],
    [950_000, 1_000_000, true, false],
    [949_999, 1_000_000, true, true],
    [3_800_000, 95_000, true, false],
  ])('%i bytes of %i, with attachments %s: %s', (streamBytes, listedBytes, hasAttachments, isDoubted) =>
    expect(isSmallerThanListed({ listedBytes, streamBytes }, hasAttachments)).toBe(isDoubted),
  );
});
