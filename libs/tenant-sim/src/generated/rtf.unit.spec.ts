import { crc32 } from 'node:zlib';
import { encodePage } from './code-pages.js';
import { Draw } from './draw.js';
import { compressedRtf, rtfDocument, storedRtf } from './rtf.js';

const START =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx';

/** A decoder written from [MS-OXRTFCP] 3.1.2, with the 4096-byte ring that the encoder does without. */
const expand = (bytes: Uint8Array): string => {
  const input = Buffer.from(bytes);
  expect(input.readUInt32LE(0)).toBe(input.length - 4);
  expect(input.readUInt32LE(12)).toBe((crc32(input.subarray(16), 0xffffffff) ^ 0xffffffff) >>> 0);
  const ring = Buffer.alloc(4096);
  ring.write(START, 'latin1');
  const out: number[] = [];
  let write = START.length;
  const put = (byte: number): void => {
    out.push(byte);
    ring[write++ % 4096] = byte;
  };
  for (let at = 16; ; ) {
    const control = input[at++] ?? 0;
    for (let bit = 0; bit < 8; bit++) {
      if ((control & (1 << bit)) === 0) put(input[at++] ?? 0);
      else {
        const pair = input.readUInt16BE(at);
        at += 2;
        const from = pair >> 4;
        if (from === write % 4096) return Buffer.from(out).toString('latin1');
        for (let n = 0; n < (pair & 0xf) + 2; n++) put(ring[(from + n) % 4096] ?? 0);
      }
    }
  }
};

describe('compressed RTF', () => {
  it.each([0, 1, 7, 8, 9, 100, 4096, 5000, 20_000])('expands to what was compressed, %i letters', (letters) => {
    const draw = new Draw(letters);
    const text = Array.from({ length: letters }, () => draw.pick(['a', 'b', ' ', '\\par', '{'])).join('');
    const compressed = compressedRtf(text);
    expect(expand(compressed)).toBe(text);
    expect(Buffer.from(compressed).readUInt32LE(4)).toBe(text.length);
  });

  it('is smaller than the text for real documents, and stored form is the text behind 16 bytes', () => {
    const document = rtfDocument(Array.from({ length: 50 }, () => 'Grüße aus Köln, {bis} morgen.'));
    expect(expand(compressedRtf(document))).toBe(document);
    expect(compressedRtf(document).length).toBeLessThan(document.length / 2);
    const stored = Buffer.from(storedRtf(document));
    expect([stored.toString('latin1', 8, 12), stored.toString('latin1', 16)]).toEqual(['MELA', document]);
  });
});

describe('code pages', () => {
  it.each([
    [932, 'shift_jis', '見積もり abc'],
    [1250, 'windows-1250', 'źródło żółty'],
    [1251, 'windows-1251', 'Щёлкин'],
    [1252, 'windows-1252', 'Größe €'],
    [1256, 'windows-1256', 'مرحبا'],
    [20866, 'koi8-r', 'счёт'],
    [28592, 'iso-8859-2', 'Łukasz'],
    [28591, 'iso-8859-1', 'Größe'],
    [65001, 'utf-8', '見積もり ✓'],
  ])('%i decodes to what was encoded', (page, label, text) => {
    expect(new TextDecoder(label).decode(encodePage(text, page))).toBe(text);
  });

  it('write a question mark for what a page lacks', () => {
    expect(Buffer.from(encodePage('aé見', 20127)).toString('latin1')).toBe('a??');
  });
});
