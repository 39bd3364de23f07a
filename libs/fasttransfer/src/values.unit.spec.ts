import { MULTIPLE, PT } from '@pstream/mapi';
import { bytes, counted, faultIn, hex, onlyProperty, prop, SECTIONS, u32, wide, decoded } from './wire.fixture.js';

const ID = 0x6600;

describe('a single value', () => {
  const fixed: readonly [string, number, string][] = [
    ['Integer16', PT.Integer16, 'feff'],
    ['Integer32', PT.Integer32, '01020304'],
    ['Floating32', PT.Floating32, '0000c03f'],
    ['Floating64', PT.Floating64, '00000000000002c0'],
    ['Currency', PT.Currency, '1122334455667788'],
    ['FloatingTime', PT.FloatingTime, '0000000000e8e340'],
    ['ErrorCode', PT.ErrorCode, '0f010480'],
    ['Integer64', PT.Integer64, 'ffffffffffffff7f'],
    ['Time', PT.Time, 'ffffffffffffffff'],
    ['Guid', PT.Guid, '00112233445566778899aabbccddeeff'],
  ];
  it.each(fixed)('of type %s keeps its bytes', (_, type, value) => {
    expect(onlyProperty(prop(type, ID, hex(value)))).toEqual({ id: ID, type, value: hex(value) });
  });

  it.each([
    ['true', '0100', 1],
    ['false', '0000', 0],
  ])('of type Boolean that is %s becomes one byte', (_, wire, value) => {
    expect(onlyProperty(prop(PT.Boolean, ID, hex(wire)))).toEqual({ id: ID, type: PT.Boolean, value: Uint8Array.of(value) });
  });

  it('of type Boolean above 1 is true, with a warning', () => {
    const item = decoded(prop(PT.Boolean, ID, hex('0002')), SECTIONS);
    expect(item.properties[0]?.value).toEqual(Uint8Array.of(1));
    expect(item.warnings).toEqual(['fasttransfer.boolean-above-1 0x6600000b at 0x0']);
  });

  it.each([
    ['Object', PT.Object],
    ['ServerId', PT.ServerId],
    ['Binary', PT.Binary],
  ])('of type %s has its length before it, and 0 is accepted', (_, type) => {
    expect(onlyProperty(prop(type, ID, counted([0xd0, 0xcf, 0])))).toEqual({ id: ID, type, value: hex('d0cf00') });
    expect(onlyProperty(prop(type, ID, counted([])))).toEqual({ id: ID, type, value: new Uint8Array(0) });
  });
});

describe('a list', () => {
  it.each([
    ['Integer16', PT.Integer16, 2],
    ['Integer32', PT.Integer32, 4],
    ['Floating32', PT.Floating32, 4],
    ['Floating64', PT.Floating64, 8],
    ['Currency', PT.Currency, 8],
    ['FloatingTime', PT.FloatingTime, 8],
    ['Integer64', PT.Integer64, 8],
    ['Time', PT.Time, 8],
    ['Guid', PT.Guid, 16],
  ])('of %s keeps the values one after another', (_, base, size) => {
    const three = Uint8Array.from({ length: size * 3 }, (__, index) => index);
    const type = base | MULTIPLE;
    expect(onlyProperty(prop(type, ID, u32(3), three))).toEqual({ id: ID, type, value: three });
    expect(onlyProperty(prop(type, ID, u32(0)))).toEqual({ id: ID, type, value: new Uint8Array(0) });
  });

  it('of Binary keeps each value', () => {
    const type = PT.Binary | MULTIPLE;
    const property = onlyProperty(prop(type, ID, u32(3), counted([]), counted([1]), counted([2, 3])));
    expect(property).toEqual({ id: ID, type, value: new Uint8Array(0), values: [hex(''), hex('01'), hex('0203')] });
  });

  it.each([
    ['plain Unicode (101F)', 0x101f, bytes(counted(wide('a\0')), counted(wide('日\0')), counted(wide('\0')))],
    ['Unicode by code page (94B0)', 0x94b0, bytes(counted(wide('a\0')), counted(wide('日\0')), counted(wide('\0')))],
    ['code page 932 (93A4)', 0x93a4, bytes(counted([0x61, 0]), counted([0x93, 0xfa, 0]), counted([0]))],
  ])('of strings in %s is a list of Unicode strings without terminators', (_, wire, values) => {
    const property = onlyProperty(prop(wire, ID, u32(3), values));
    expect(property).toEqual({ id: ID, type: PT.String | MULTIPLE, value: new Uint8Array(0), values: [wide('a'), wide('日'), wide('')] });
  });

  it('of plain String8 (101E) is a list of Unicode strings', () => {
    const property = onlyProperty(prop(0x101e, ID, u32(2), counted([0x61, 0]), counted([0])));
    expect(property.values).toEqual([wide('a'), wide('')]);
  });

  it.each([
    ['fixed-size values', PT.Guid | MULTIPLE],
    ['counted values', PT.Binary | MULTIPLE],
  ])('with a count that the rest of the file cannot hold is truncated: %s', (_, type) => {
    const fault = faultIn(prop(type, ID, u32(0xffff_ffff)), SECTIONS);
    expect(fault.code).toBe('fasttransfer.truncated');
    expect(fault.facts).toMatchObject({ streamOffset: 0, found: SECTIONS.length });
  });
});

describe('a type outside the grammar', () => {
  it.each([0x0000, 0x0001, 0x000c, 0x00fd, 0x00fe, 0x100b, 0x100a, 0x100d, 0x10fb, 0x2003, 0x4003])('fails the item: 0x%s', (type) => {
    const fault = faultIn(prop(PT.Integer32, 0x0017, u32(1)), prop(type, ID, u32(0)), SECTIONS);
    expect(fault.code).toBe('fasttransfer.unknown-type');
    expect(fault.retry).toBe('never');
    expect(fault.facts).toMatchObject({ streamOffset: 8, fileOffset: 78, lastTag: '0x00170003' });
  });
});
