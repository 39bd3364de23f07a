import { PT, utf16Text, type Property } from '@pstream/mapi';
import { bytes, counted, decoded, faultIn, int32, nth, onlyProperty, plainItem, prop, SECTIONS, text, u32, wide } from './wire.fixture.js';
import { decodeExportStream, encodeExportStream } from './index.js';
import { pageType, wireType } from './wire-type.js';

const ID = 0x3001;
const firstText = ({ properties }: { readonly properties: readonly Property[] }): string => utf16Text(nth(properties, 0).value);
const MESSAGE_CODEPAGE = 0x3ffd;
const INTERNET_CODEPAGE = 0x3fde;
const string = (wire: number, value: Uint8Array | readonly number[]): string =>
  utf16Text(onlyProperty(prop(wire, ID, counted(value))).value);

describe('a string', () => {
  it('is the same in its three wire forms', () => {
    const forms = [
      prop(0x84b0, ID, counted(wide('Zoe\0'))),
      prop(0x001f, ID, counted(wide('Zoe\0'))),
      prop(0x84e4, ID, counted([0x5a, 0x6f, 0x65, 0])),
    ];
    for (const form of forms) expect(onlyProperty(form)).toEqual({ id: ID, type: PT.String, value: wide('Zoe') });
  });

  it('loses one terminator, if it has one', () => {
    expect(string(0x84b0, wide('a\0'))).toBe('a');
    expect(string(0x84b0, wide('a'))).toBe('a');
    expect(string(0x84b0, wide('a\0\0'))).toBe('a\0');
    expect(string(0x84e4, [0x61, 0, 0])).toBe('a\0');
    expect(string(0x84e4, [0x61])).toBe('a');
  });

  it('may be empty, with or without a terminator', () => {
    expect(string(0x84b0, wide('\0'))).toBe('');
    expect(string(0x84b0, [])).toBe('');
    expect(string(0x001e, [])).toBe('');
  });

  it('keeps inner NULs, lone surrogates and what only looks like half a terminator', () => {
    expect(string(0x84b0, wide('a\0b\0'))).toBe('a\0b');
    expect(string(0x84b0, wide('x\ud800y\0'))).toBe('x\ud800y');
    expect(string(0x84b0, [0x61, 0x00, 0x00, 0x01])).toBe('aĀ');
  });

  it.each([0x84b0, 0x001f, 0x84b1])('of an odd number of UTF-16 bytes fails: type %s', (wire) => {
    const fault = faultIn(prop(wire, ID, counted([0x61, 0, 0])), SECTIONS);
    expect(fault.code).toBe('fasttransfer.odd-utf16');
    expect(fault.facts).toMatchObject({ streamOffset: 0, found: 3 });
  });

  it.each([
    ['1201', 0x84b1, [0x65, 0xe5, 0, 0], '日'],
    ['1252', 0x84e4, [0x63, 0x61, 0x66, 0xe9, 0x80, 0], 'café€'],
    ['1251', 0x84e3, [0xcf, 0xf0, 0], 'Пр'],
    ['1258', 0x84ea, [0xd0, 0], 'Đ'],
    ['932', 0x83a4, [0x93, 0xfa, 0x96, 0x7b, 0], '日本'],
    ['936', 0x83a8, [0xd6, 0xd0, 0], '中'],
    ['949', 0x83b5, [0xb0, 0xa1, 0], '가'],
    ['950', 0x83b6, [0xa4, 0xa4, 0], '中'],
    ['437', 0x81b5, [0x81, 0], 'ü'],
    ['850', 0x8352, [0x9b, 0], 'ø'],
    ['852', 0x8354, [0xa5, 0], 'ą'],
    ['858', 0x835a, [0xd5, 0], '€'],
    ['866', 0x8362, [0x80, 0], 'А'],
    ['10000', 0xa710, [0x8a, 0], 'ä'],
    ['20866', 0xd182, [0xd0, 0], 'п'],
    ['21866', 0xd56a, [0xa4, 0], 'є'],
    ['28591', 0xefaf, [0xe9, 0x80, 0], 'é\u0080'],
    ['28599', 0xefb7, [0xfd, 0x80, 0], 'ı\u0080'],
    ['28605', 0xefbd, [0xa4, 0], '€'],
    ['65001', 0xfde9, [0xe2, 0x82, 0xac, 0], '€'],
  ])('in code page %s is decoded', (_, wire, value, expected) => expect(string(wire, value)).toBe(expected));
});

describe('bit 0x1000 of a code page type', () => {
  it('is part of 20866, and not a list', () => expect(wireType(0xd182)).toMatchObject({ multiple: false, page: 20866 }));
  it('makes 94B0 a list of Unicode strings', () => expect(wireType(0x94b0)).toMatchObject({ multiple: true, page: 1200 }));
  it('makes 94E4 a list in 1252', () => expect(wireType(0x94e4)).toMatchObject({ multiple: true, page: 1252 }));
  it('in an unknown page leaves a single string', () => expect(wireType(0xf531)).toMatchObject({ multiple: false, page: 30001 }));
  it('is never written where a reader would take it for something else', () => {
    expect(pageType(1252, true)).toBe(0x94e4);
    expect(pageType(20866, false)).toBe(0xd182);
    expect(pageType(20866, true)).toBeUndefined();
  });
});

describe('a string that its code page does not explain', () => {
  const unknownPage = prop(0xf531, 0x0037, counted([0xcf, 0xf0, 0]));

  it('is safe if it is ASCII', () => {
    const item = decoded(prop(0xf531, ID, counted([0x61, 0])), prop(0x001e, 0x3003, counted([0x62, 0])), SECTIONS);
    expect(item.properties.map(({ value }) => utf16Text(value))).toEqual(['a', 'b']);
    expect(item.warnings).toEqual([]);
  });

  it('takes PidTagMessageCodepage, which comes later in the bag', () => {
    const item = decoded(unknownPage, prop(3, INTERNET_CODEPAGE, u32(1252)), prop(3, MESSAGE_CODEPAGE, u32(1251)), SECTIONS);
    expect(firstText(item)).toBe('Пр');
    expect(item.warnings).toEqual(['fasttransfer.code-page-guessed 0x0037f531 as 1251 at 0x0']);
  });

  it('takes PidTagInternetCodepage next, passing over a UTF-16 page', () => {
    const item = decoded(unknownPage, prop(3, INTERNET_CODEPAGE, u32(1251)), prop(3, MESSAGE_CODEPAGE, u32(1200)), SECTIONS);
    expect(firstText(item)).toBe('Пр');
  });

  it('takes 1252 last, which keeps every byte', () => {
    const item = decoded(prop(0x83a4, ID, counted([0xff, 0x81, 0])), SECTIONS);
    expect(firstText(item)).toBe('ÿ\u0081');
    expect(item.warnings).toEqual(['fasttransfer.code-page-guessed 0x300183a4 as 1252 at 0x0']);
  });

  it('takes the page of its message in recipients, attachments, lists and embedded messages', () => {
    const bad = counted([0xcf, 0]);
    const item = decoded(
      prop(3, MESSAGE_CODEPAGE, u32(1251)),
      u32(0x40030003),
      prop(0x001e, ID, bad),
      u32(0x40040003),
      u32(0x40000003),
      prop(3, 0x0e21, u32(0)),
      prop(0x101e, ID, u32(2), counted([0x61, 0]), bad),
      u32(0x40010003),
      prop(0x001e, 0x0037, bad),
      u32(0x40020003),
      u32(0x400e0003),
    );
    expect(firstText(nth(item.recipients, 0))).toBe('П');
    expect(nth(nth(item.attachments, 0).properties, 1).values?.map(utf16Text)).toEqual(['a', 'П']);
    expect(nth(item.attachments, 0).embedded?.properties.map(({ value }) => utf16Text(value))).toEqual(['П']);
    // Without a page of its own that is how it is meant to be read.
    expect(nth(item.attachments, 0).embedded?.warnings).toEqual([]);
  });

  it('without a page is read by the internet code page: by its own table, or the Windows page of its script', () => {
    const read = (page: number, ...value: number[]): unknown => {
      const item = decoded(prop(0x001e, 0x0037, counted([...value, 0])), prop(3, INTERNET_CODEPAGE, u32(page)), SECTIONS);
      return [firstText(item), item.warnings.length];
    };
    expect(read(50220, 0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42)).toEqual(['日', 0]);
    expect(read(50221, 0x93, 0xfa)).toEqual(['日', 0]);
    expect(read(28592, 0x8a, 0xe8)).toEqual(['Šč', 0]);
    expect(read(12345, 0xe9)).toEqual(['é', 1]);
  });

  it('gives way to a later property of the same id', () => {
    const item = decoded(unknownPage, prop(0x84b0, 0x0037, counted(wide('new\0'))), SECTIONS);
    expect(item.properties.map(({ value }) => utf16Text(value))).toEqual(['new']);
  });
});

describe('the wire form of strings', () => {
  const item = plainItem(text(0x001a, 'IPM.Note'), text(ID, 'Žluťoučký'), text(0x0037, '日本'), int32(0x0e07, 1));

  it.each(['page-1200', 'unicode', 1250, 932, 936, 20866, 437, 1201, 65001, 864] as const)('%s gives the same item', (strings) => {
    expect(decodeExportStream(encodeExportStream(item, { strings }))).toEqual(item);
  });

  it('falls back to 84B0 for a string that the page cannot hold', () => {
    const file = encodeExportStream(item, { strings: 1250 });
    expect([...file.subarray(70, 74)]).toEqual([...bytes([0xe2, 0x84], [0x1a, 0x00])]);
    expect(Buffer.from(file).includes(Buffer.from(prop(0x84b0, 0x0037, counted(wide('日本\0')))))).toBe(true);
  });
});
