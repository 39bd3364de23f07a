import { decodeBase64, decodeExportStream, encodeExportStream, ExportStreamParser } from './index.js';
import { BIG, EXAMPLE, EXAMPLE_BASE64 } from './items.fixture.js';
import { bytes, faultOf, file, HEAD, hex, record, SECTIONS, u32, wide } from './wire.fixture.js';

const CONFIG = HEAD.subarray(0, 16);
const INTERFACE = HEAD.subarray(16, 48);
const VERSION = HEAD.subarray(48);
const DATA = record(2, SECTIONS);
const NOTICE = '=== Truncated Data ===';

describe('the outer records', () => {
  it.each([
    ['opcode 0', 'unknown-opcode', bytes(record(0, []), HEAD, DATA)],
    ['opcode 5', 'unknown-opcode', bytes(HEAD, DATA, record(5, []))],
    ['an opcode of a mailbox move', 'unsupported-opcode', bytes(HEAD, record(11, []), DATA)],
    ['no Config', 'record-order', bytes(INTERFACE, VERSION, DATA)],
    ['no IsInterfaceOk', 'record-order', bytes(CONFIG, DATA)],
    ['two Configs', 'record-order', bytes(CONFIG, CONFIG, INTERFACE, VERSION, DATA)],
    ['a version after data', 'record-order', bytes(CONFIG, INTERFACE, DATA, VERSION)],
    ['a Config of 12 bytes', 'bad-record-length', bytes(record(1, hex('000000000100000000000000')), INTERFACE, DATA)],
    ['a negative length', 'bad-record-length', bytes(HEAD, u32(2), u32(0xffff_ffff))],
    ['transfer method 2', 'unsupported-method', bytes(record(1, hex('0000000002000000')), INTERFACE, DATA)],
    ['IMAPIFolder', 'unsupported-interface', bytes(CONFIG, record(3, hex('01000000 0C03020000000000C000000000000046 00240080')), DATA)],
    ['nothing', 'truncated-record', []],
    ['no data', 'truncated-record', HEAD],
    ['an empty TransferBuffer alone', 'truncated-record', bytes(HEAD, record(2, []))],
    ['half a record header', 'truncated-record', bytes(HEAD, DATA, [2, 0, 0])],
    ['a record longer than the file', 'truncated-record', bytes(HEAD, u32(2), u32(99), SECTIONS)],
  ])('are refused: %s', (_, condition, content) => {
    const fault = faultOf(() => decodeExportStream(Uint8Array.from(content)));
    expect(fault.code).toBe(`fasttransfer.${condition}`);
    expect(fault.retry).toBe(condition === 'truncated-record' ? 'now' : 'never');
    expect(fault.facts['fileOffset']).toEqual(expect.any(Number));
  });

  it('are accepted with other flags, another version, none, and empty bodies between', () => {
    const flags = bytes(record(1, hex('FFFFFFFF01000000')), record(3, hex('01000000 0703020000000000C000000000000046 00000000')));
    for (const content of [
      bytes(flags, record(4, hex('010e8b800000')), DATA),
      bytes(flags, DATA),
      bytes(flags, record(2, []), DATA, record(2, [])),
    ]) {
      expect(decodeExportStream(content).warnings).toEqual([]);
    }
  });

  it('carry the version and the body size that were asked for', () => {
    const content = encodeExportStream(EXAMPLE, { version: [0x0e01, 0x808b, 2], bodyBytes: 100 });
    expect([...content.subarray(56, 62)]).toEqual([0x01, 0x0e, 0x8b, 0x80, 2, 0]);
    expect(new DataView(content.buffer).getInt32(66, true)).toBeLessThanOrEqual(100);
    expect(decodeExportStream(content)).toEqual(EXAMPLE);
  });

  it('are filled to 31680 bytes while a value is cut', () => {
    const content = encodeExportStream(BIG);
    const lengths: number[] = [];
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    for (let at = 62; at < content.length; at += 8 + lengths.at(-1)!) lengths.push(view.getInt32(at + 4, true));
    expect(lengths.slice(0, 3)).toEqual([31680, 31680, 31680]);
    expect(Math.max(...lengths)).toBe(31680);
  });
});

describe('the truncation notice', () => {
  const whole = encodeExportStream(EXAMPLE);
  it.each([
    ['after the item', bytes(whole, Buffer.from(NOTICE))],
    ['in UTF-16 after the item, with blanks', bytes(whole, wide(`${NOTICE}\r\n`))],
    ['inside the record that was announced', bytes(whole.subarray(0, 200), Buffer.from(NOTICE), [0])],
    ['over a longer record', bytes(whole.subarray(0, 280), Buffer.from(NOTICE))],
    ['alone', Uint8Array.from(Buffer.from(NOTICE))],
    ['in the base64 text', NOTICE],
  ])('is distinguished from other damage %s', (_, content) => {
    const fault = faultOf(() => (typeof content === 'string' ? decodeBase64(`AQAAAA== ${content}`) : decodeExportStream(content)));
    expect(fault.code).toBe('fasttransfer.server-truncated');
    expect(fault.retry).toBe('now');
  });

  it('is recognized in any cuts, after damage that was seen before it', () => {
    const content = bytes(whole.subarray(0, 100), [0xff, 0xff], whole.subarray(100), Buffer.from(NOTICE));
    const parser = new ExportStreamParser();
    for (const byte of content) parser.push(Uint8Array.of(byte));
    expect(parser.fault?.code).toMatch(/^fasttransfer\./);
    expect(faultOf(() => parser.finish()).code).toBe('fasttransfer.server-truncated');
  });

  it('is not seen in an item that only contains it', () => {
    const item = {
      ...EXAMPLE,
      properties: [...EXAMPLE.properties, { id: 0x66f0, type: 0x0102, value: Uint8Array.from(Buffer.from(NOTICE)) }],
    };
    expect(() => decodeExportStream(encodeExportStream(item))).not.toThrow();
  });
});

describe('the base64 of an item', () => {
  it('may be broken by whitespace', () => expect(decodeBase64(EXAMPLE_BASE64)).toHaveLength(283));
  it.each(['AQAA!', 'AQA', 'AQ==AQ==', 'AQ-_', 'A===', 'AQAA=', 'é'])('is refused where it is none: %s', (text) => {
    const fault = faultOf(() => decodeBase64(text));
    expect(fault.code).toBe('fasttransfer.bad-base64');
    expect(fault.retry).toBe('never');
  });
  it('that is empty is a truncated item', () => {
    expect(faultOf(() => decodeExportStream(decodeBase64(''))).code).toBe('fasttransfer.truncated-record');
  });
});

describe('offsets in a fault', () => {
  it('are those of the element, in the stream and in a file of many bodies', () => {
    const stream = bytes(hex('03001700 01000000'), hex('FD003600 00000000'));
    expect(faultOf(() => decodeExportStream(file(stream, 3))).facts).toEqual({
      streamOffset: 8,
      fileOffset: 62 + 3 * 8 + 8,
      lastTag: '0x00170003',
      expected: 'a type of the grammar',
      found: '0x003600fd',
    });
  });
});
