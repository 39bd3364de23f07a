import { PT } from '@pstream/mapi';
import { decodeExportStream, encodeExportStream, everyWarning } from './index.js';
import { EXAMPLE, nested } from './items.fixture.js';
import { bytes, counted, decoded, faultIn, hex, int32, plainItem, prop, SECTIONS, text, u32, wide } from './wire.fixture.js';
import { MARKER, SECTION } from './wire.js';

const CLASS = prop(0x84b0, 0x001a, counted(wide('IPM.Note\0')));
const NUMBER = prop(3, 0x0e21, u32(0));
const RECIPIENT = bytes(u32(MARKER.StartRecip), prop(3, 0x0c15, u32(1)), u32(MARKER.EndToRecip));
const ATTACHMENT = bytes(u32(MARKER.NewAttach), NUMBER, u32(MARKER.EndAttach));
const RESET_RECIPIENTS = bytes(u32(0x40160003), u32(SECTION.recipients));
const RESET_ATTACHMENTS = bytes(u32(0x40160003), u32(SECTION.attachments));
const EC_WARNING = bytes(u32(0x400f0003), u32(0x8004010f));

describe('an item', () => {
  it('keeps three levels of embedding with recipients at each', () => {
    const item = nested(3);
    const again = decodeExportStream(encodeExportStream(item));
    expect(again).toEqual(item);
    expect(again.attachments[0]?.embedded?.attachments[0]?.embedded?.attachments[0]?.embedded?.recipients).toHaveLength(2);
  });

  it('reads ordinary properties between the marker values as properties', () => {
    const item = decoded(prop(3, 0x401a, u32(7)), prop(3, 0x4076, u32(5)), prop(3, 0x4079, u32(1)), SECTIONS);
    expect(item.properties).toEqual([int32(0x401a, 7), int32(0x4076, 5), int32(0x4079, 1)]);
  });

  it('may be wrapped in StartMessage and EndMessage', () => {
    const item = decoded(u32(MARKER.StartMessage), CLASS, SECTIONS, u32(MARKER.EndMessage));
    expect(item).toEqual(plainItem(text(0x001a, 'IPM.Note')));
  });

  it('is associated if StartFAIMsg wraps it, or bit 0x40 of PidTagMessageFlags is set', () => {
    expect(decoded(u32(MARKER.StartFAIMsg), CLASS, SECTIONS, u32(MARKER.EndMessage)).associated).toBe(true);
    expect(decoded(CLASS, prop(3, 0x0e07, u32(0x41)), SECTIONS).associated).toBe(true);
    expect(decoded(CLASS, prop(3, 0x0e07, u32(0x01)), SECTIONS).associated).toBe(false);
  });

  it('is written with a wrapper only if it is associated without that bit', () => {
    const flagged = { ...plainItem(int32(0x0e07, 0x40)), associated: true };
    const unflagged = { ...plainItem(int32(0x0e07, 0x01)), associated: true };
    expect(decodeExportStream(encodeExportStream(flagged))).toEqual(flagged);
    expect(decodeExportStream(encodeExportStream(unflagged))).toEqual(unflagged);
    expect(encodeExportStream(unflagged)).toHaveLength(encodeExportStream(flagged).length + 8);
  });

  it('does not get its DnPrefix as a property', () => {
    const file = encodeExportStream(EXAMPLE, { dnPrefix: '/O=FIRST ORGANIZATION/CN=' });
    expect(Buffer.from(file.subarray(70, 74)).toString('hex')).toBe('e4840840');
    expect(decodeExportStream(file)).toEqual(EXAMPLE);
  });

  it('may have no properties, or no section separators, which is noted', () => {
    expect(decoded(SECTIONS)).toEqual(plainItem());
    expect(decoded(CLASS).warnings).toEqual([
      'fasttransfer.recipients-section-missing at 0x1a',
      'fasttransfer.attachments-section-missing at 0x1a',
    ]);
  });

  it('accepts section separators in embedded messages', () => {
    const embedded = bytes(CLASS, RESET_RECIPIENTS, RECIPIENT, RESET_ATTACHMENTS, ATTACHMENT);
    const item = decoded(
      CLASS,
      RESET_RECIPIENTS,
      RESET_ATTACHMENTS,
      u32(MARKER.NewAttach),
      NUMBER,
      u32(MARKER.StartEmbed),
      embedded,
      u32(MARKER.EndEmbed),
      u32(MARKER.EndAttach),
    );
    expect(item.attachments[0]?.embedded).toMatchObject({ recipients: [{}], attachments: [{}], warnings: [] });
    expect(item.warnings).toEqual(['fasttransfer.embedded-message-unannounced at 0x88']);
  });

  it('keeps an embedded PidTagMid and attachment properties in any order', () => {
    const item = decoded(
      SECTIONS,
      u32(MARKER.NewAttach),
      NUMBER,
      prop(0x84b0, 0x3712, counted(wide('cid\0'))),
      prop(3, 0x370b, u32(0xffff_ffff)),
      prop(3, 0x3705, u32(5)),
      u32(MARKER.StartEmbed),
      prop(PT.Integer64, 0x674a, hex('0102030405060708')),
      u32(MARKER.EndEmbed),
      u32(MARKER.EndAttach),
    );
    expect(item.attachments[0]?.properties.map(({ id }) => id)).toEqual([0x0e21, 0x3712, 0x370b, 0x3705]);
    expect(item.attachments[0]?.embedded?.properties).toEqual([{ id: 0x674a, type: PT.Integer64, value: hex('0102030405060708') }]);
    expect(item.warnings).toEqual([]);
  });

  it.each([
    ['duplicate-property 0x00170003 at 0x8', bytes(prop(3, 0x17, u32(1)), prop(3, 0x17, u32(2)), SECTIONS)],
    ['server-warning 0x8004010f at 0x0', bytes(EC_WARNING, SECTIONS)],
    [
      'server-warning 0x8004010f at 0xc',
      bytes(RESET_RECIPIENTS, u32(MARKER.StartRecip), EC_WARNING, u32(MARKER.EndToRecip), RESET_ATTACHMENTS),
    ],
    ['unknown-section 0x3610000d at 0x0', bytes(u32(0x40160003), u32(0x3610000d), SECTIONS)],
    ['attach-number-missing at 0x14', bytes(SECTIONS, u32(MARKER.NewAttach), prop(3, 0x3705, u32(1)), u32(MARKER.EndAttach))],
    ['embedded-message-missing at 0x24', bytes(SECTIONS, u32(MARKER.NewAttach), NUMBER, prop(3, 0x3705, u32(5)), u32(MARKER.EndAttach))],
  ])('notes %s and goes on', (warning, stream) => {
    expect(decoded(stream).warnings).toEqual([`fasttransfer.${warning}`]);
  });
});

describe('duplicates', () => {
  it('of an id: the last one wins, in the place of the first, whatever its type', () => {
    const item = decoded(prop(3, 0x17, u32(1)), CLASS, prop(PT.Integer16, 0x17, hex('0200')), SECTIONS);
    expect(item.properties).toEqual([{ id: 0x17, type: PT.Integer16, value: hex('0200') }, text(0x001a, 'IPM.Note')]);
  });

  const named = (id: number, name: Uint8Array, value: number): Uint8Array =>
    prop(3, id, hex('2903020000000000C000000000000046'), name, u32(value));
  const spelled = (name: string): Uint8Array => bytes([1], wide(`${name}\0`));

  it('of a name are found by the name and not by the id, without regard to case', () => {
    const item = decoded(
      named(0x8001, spelled('Keywords'), 1),
      named(0x8002, spelled('KEYWORDS'), 2),
      named(0x8001, spelled('Other'), 3),
      SECTIONS,
    );
    expect(item.properties.map(({ id, name }) => [id, name?.name])).toEqual([
      [0x8002, 'KEYWORDS'],
      [0x8001, 'Other'],
    ]);
    expect(item.warnings).toHaveLength(1);
  });

  it('of a number in a set are found by set and number', () => {
    const lid = (number: number): Uint8Array => bytes([0], u32(number));
    const item = decoded(named(0x8001, lid(0x8205), 1), named(0x8002, lid(0x8205), 2), named(0x8003, lid(0x8206), 3), SECTIONS);
    expect(item.properties.map(({ name }) => name?.lid)).toEqual([0x8205, 0x8206]);
  });
});

describe('what the grammar does not have', () => {
  it.each([
    ['a property after a recipient', 'unexpected-property', bytes(RECIPIENT, CLASS)],
    ['a property after an attachment', 'unexpected-property', bytes(ATTACHMENT, CLASS)],
    ['a property after a section separator', 'unexpected-property', bytes(SECTIONS, CLASS)],
    ['a DnPrefix after a recipient', 'unexpected-property', bytes(RECIPIENT, prop(0x84e4, 0x4008, counted([0x2f, 0])))],
    ['a section separator in a recipient', 'unexpected-property', bytes(u32(MARKER.StartRecip), RESET_RECIPIENTS)],
    ['NewFXFolder', 'unexpected-property', prop(0x0102, 0x4011, counted([1]))],
    ['MetaTagIdsetGiven', 'unexpected-property', prop(3, 0x4017, counted([1]))],
    [
      'a property after an embedded message',
      'unexpected-property',
      bytes(u32(MARKER.NewAttach), NUMBER, u32(MARKER.StartEmbed), u32(MARKER.EndEmbed), NUMBER),
    ],
    [
      'a second embedded message',
      'unexpected-marker',
      bytes(u32(MARKER.NewAttach), NUMBER, u32(MARKER.StartEmbed), u32(MARKER.EndEmbed), u32(MARKER.StartEmbed)),
    ],
    ['a recipient after an attachment', 'unexpected-marker', bytes(ATTACHMENT, RECIPIENT)],
    ['an attachment in a recipient', 'unexpected-marker', bytes(u32(MARKER.StartRecip), ATTACHMENT)],
    ['EndEmbed at the top', 'unexpected-marker', u32(MARKER.EndEmbed)],
    ['EndMessage without StartMessage', 'unexpected-marker', bytes(CLASS, u32(MARKER.EndMessage))],
    ['StartMessage after a property', 'unexpected-marker', bytes(CLASS, u32(MARKER.StartMessage))],
    ['data after EndMessage', 'unexpected-property', bytes(u32(MARKER.StartMessage), CLASS, u32(MARKER.EndMessage), CLASS)],
    ['a marker of synchronization', 'unknown-marker', bytes(CLASS, u32(0x40120003))],
    ['a marker of folder copies', 'unknown-marker', bytes(CLASS, u32(0x400b0003))],
    ['FXErrorInfo', 'server-error', bytes(CLASS, u32(MARKER.FXErrorInfo), prop(3, 0x17, u32(1)))],
    ['FXErrorInfo in an attachment', 'server-error', bytes(u32(MARKER.NewAttach), u32(MARKER.FXErrorInfo))],
    ['a name of kind 2', 'bad-name-kind', prop(3, 0x8001, new Uint8Array(16), [2], u32(1), u32(1))],
  ])('fails the item: %s', (_, condition, stream) => {
    const fault = faultIn(stream);
    expect(fault.code).toBe(`fasttransfer.${condition}`);
    expect(fault.retry).toBe('never');
    expect(fault.facts).toMatchObject({ streamOffset: expect.any(Number), fileOffset: expect.any(Number) });
  });

  it('is reported with the place, the last property and the name of the marker', () => {
    expect(faultIn(CLASS, u32(0x40120003)).facts).toEqual({
      streamOffset: CLASS.length,
      fileOffset: 70 + CLASS.length,
      lastTag: '0x001a84b0',
      expected: 'a marker of an item',
      found: 'IncrSyncChg',
    });
  });
});

describe('embedded messages', () => {
  it('nest up to 100', () => expect(decodeExportStream(encodeExportStream(nested(100)))).toEqual(nested(100)));

  it('nest no deeper', () => {
    expect(() => decodeExportStream(encodeExportStream(nested(101)))).toThrow('fasttransfer.too-deep');
    expect(() => decodeExportStream(encodeExportStream(nested(3)), { maxDepth: 2 })).toThrow('fasttransfer.too-deep');
  });

  it('note their own warnings, which everyWarning collects', () => {
    const stream = [
      SECTIONS,
      u32(MARKER.NewAttach),
      NUMBER,
      prop(3, 0x3705, u32(5)),
      u32(MARKER.StartEmbed),
      EC_WARNING,
      CLASS,
      u32(MARKER.EndEmbed),
      u32(MARKER.EndAttach),
    ];
    const item = decoded(...stream);
    expect(item.warnings).toEqual([]);
    expect(item.attachments[0]?.embedded?.properties).toEqual([text(0x001a, 'IPM.Note')]);
    expect(everyWarning(item)).toEqual(['fasttransfer.server-warning 0x8004010f at 0x28']);
  });
});
