import { createHash } from 'node:crypto';
import { utf16, utf16Text } from '../text.js';
import { decodeAnyway, decodePage, encodePage, findPage, isKnownPage, widenAscii } from './index.js';

const decoded = (page: number, ...bytes: number[]): string | undefined => {
  const text = decodePage(page, Uint8Array.from(bytes));
  return text === undefined ? undefined : utf16Text(text);
};
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const upperHalf = (page: number): string => Array.from({ length: 128 }, (_, n) => decoded(page, 0x80 + n) ?? '\ufffd').join('');

/** Bytes 0x80 to 0xFF of the DOS pages as another implementation has them (CPython's codecs); U+FFFD where a page has no character. */
const DOS: readonly (readonly [page: number, upperHalf: string])[] = [
  [
    437,
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    720,
    '\u0080\u0081éâ\u0084à\u0086çêëèïî\u008d\u008e\u008f\u0090\u0651\u0652ô¤\u0640ûù\u0621\u0622\u0623\u0624£\u0625\u0626\u0627\u0628\u0629\u062a\u062b\u062c\u062d\u062e\u062f\u0630\u0631\u0632\u0633\u0634\u0635«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\u0636\u0637\u0638\u0639\u063a\u0641µ\u0642\u0643\u0644\u0645\u0646\u0647\u0648\u0649\u064a≡\u064b\u064c\u064d\u064e\u064f\u0650≈°∙·√ⁿ²■\u00a0',
  ],
  [
    737,
    'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    775,
    'ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u00ad±“¾¶§÷„°∙·¹³²■\u00a0',
  ],
  [
    850,
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  ],
  [
    852,
    'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0',
  ],
  [
    855,
    'ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐└┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\u00adыЫзЗшШэЭщЩчЧ§■\u00a0',
  ],
  [
    857,
    'ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\ufffdÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\ufffd×ÚÛÙìÿ¯´\u00ad±\ufffd¾¶§÷¸°¨·¹³²■\u00a0',
  ],
  [
    858,
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  ],
  [
    860,
    'ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    861,
    'ÇüéâäàåçêëèÐðÞÄÅÉæÆôöþûÝýÖÜø£Ø₧ƒáíóúÁÍÓÚ¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    862,
    '\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8\u05d9\u05da\u05db\u05dc\u05dd\u05de\u05df\u05e0\u05e1\u05e2\u05e3\u05e4\u05e5\u05e6\u05e7\u05e8\u05e9\u05ea¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    863,
    'ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    864,
    '°·∙√▒─│┼┤┬├┴┐┌└┘β∞φ±½¼≈«»\ufef7\ufef8\ufffd\ufffd\ufefb\ufefc\ufffd\u00a0\u00ad\ufe82£¤\ufe84\ufffd\ufffd\ufe8e\ufe8f\ufe95\ufe99\u060c\ufe9d\ufea1\ufea5\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\ufed1\u061b\ufeb1\ufeb5\ufeb9\u061f¢\ufe80\ufe81\ufe83\ufe85\ufeca\ufe8b\ufe8d\ufe91\ufe93\ufe97\ufe9b\ufe9f\ufea3\ufea7\ufea9\ufeab\ufead\ufeaf\ufeb3\ufeb7\ufebb\ufebf\ufec1\ufec5\ufecb\ufecf¦¬÷×\ufec9\u0640\ufed3\ufed7\ufedb\ufedf\ufee3\ufee7\ufeeb\ufeed\ufeef\ufef3\ufebd\ufecc\ufece\ufecd\ufee1\ufe7d\u0651\ufee5\ufee9\ufeec\ufef0\ufef2\ufed0\ufed5\ufef5\ufef6\ufedd\ufed9\ufef1■\ufffd',
  ],
  [
    865,
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  ],
  [
    866,
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■\u00a0',
  ],
  [
    869,
    '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdΆ\ufffd·¬¦‘’Έ―ΉΊΪΌ\ufffd\ufffdΎΫ©Ώ²³ά£έήίϊΐόύΑΒΓΔΕΖΗ½ΘΙ«»░▒▓│┤ΚΛΜΝ╣║╗╝ΞΟ┐└┴┬├─┼ΠΡ╚╔╩╦╠═╬ΣΤΥΦΧΨΩαβγ┘┌█▄δε▀ζηθικλμνξοπρσςτ΄\u00ad±υφχ§ψ΅°¨ωϋΰώ■\u00a0',
  ],
  [
    1125,
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёҐґЄєІіЇї·√№¤■\u00a0',
  ],
];

describe('single-byte code pages', () => {
  it.each(DOS)('%i has its own characters in each byte', (page, expected) => expect(upperHalf(page)).toBe(expected));

  it.each([
    [437, 0x82, 'é'],
    [850, 0x9b, 'ø'],
    [874, 0xa1, 'ก'],
    [1250, 0xe8, 'č'],
    [1251, 0xcf, 'П'],
    [1252, 0x80, '€'],
    [1253, 0xc1, 'Α'],
    [1254, 0xfd, 'ı'],
    [1255, 0xe0, 'א'],
    [1256, 0xc7, 'ا'],
    [1257, 0xe0, 'ą'],
    [1258, 0xd0, 'Đ'],
    [10000, 0x8a, 'ä'],
    [10006, 0xb0, 'Α'],
    [10029, 0x8b, 'č'],
    [20866, 0xd0, 'п'],
    [21866, 0xa4, 'є'],
    [28591, 0x80, '\u0080'],
    [28592, 0xa1, 'Ą'],
    [28599, 0x80, '\u0080'],
    [28601, 0xa1, 'ก'],
    [28605, 0xa4, '€'],
    [38598, 0xe0, 'א'],
  ])('%i: %i is %s', (page, byte, expected) => expect(decoded(page, byte)).toBe(expected));

  it('1252 has a character for every byte', () => expect(upperHalf(1252)).not.toContain('\ufffd'));
  it('ASCII has none above 0x7F', () => expect(decoded(20127, 0x41, 0x80)).toBeUndefined());
});

/** Every pair of bytes that is one character, with it, hashed. The counts are those of CPython's codecs. */
const pairs = (page: number): { readonly count: number; readonly sha256: string } => {
  const hash = createHash('sha256');
  let count = 0;
  for (let lead = 0x81; lead < 0xff; lead++) {
    for (let trail = 0x31; trail < 0xff; trail++) {
      const text = decoded(page, lead, trail);
      if (text?.length !== 1) continue;
      hash.update(`${String(lead)} ${String(trail)} ${text}\n`);
      count++;
    }
  }
  return { count, sha256: hash.digest('hex').slice(0, 16) };
};

describe('double-byte code pages', () => {
  it.each([
    [932, 9604, 'bbfd32dc89c979e6'],
    [936, 23940, '4f445a2df74ed050'],
    [949, 17048, 'f21b199164123fdc'],
    [950, 19720, 'b4b3e88d6a1e801e'],
    [1361, 17116, '85ea51fce48e405b'],
    [20932, 7402, '9db4bff887e8a0ce'],
  ])('%i has the same characters as ever', (page, count, sha256) => expect(pairs(page)).toEqual({ count, sha256 }));

  it('949 has the syllables that the standard lacks, and 1361 all of them', () => {
    expect(decoded(949, 0x81, 0x41)).toBe('갂');
    expect(decoded(1361, 0x88, 0x63)).toBe('갂');
    expect(decoded(1361, 0x5c, 0xd9, 0x31)).toBe('\\\u3000');
  });
});

describe('pages with shifts', () => {
  it.each([
    [50220, '1b2442 467c 4b5c 386c 1b2842 20', '日本語 '],
    [50222, '41 0e 31 32 0f 42', 'AｱｲB'],
    [50225, '1b242943 0e 4751 315b 3e6e 0f 20 6f6b', '한글어 ok'],
    [52936, '7e7b 5650 4e44 7e7d 7e7e 0a 7e7b 5650 7e7d', '中文~\n中'],
    [65000, '486920 2b4a6a6f2d 21', 'Hi ☺!'],
    [65001, 'e282ac', '€'],
    [54936, '81308130 d6d0', '\u0080中'],
  ])('%i decodes %s', (page, hex, expected) => expect(utf16Text(decodePage(page, bytesOf(hex))!)).toBe(expected));

  it.each([
    [50225, '1b2441'],
    [50225, '0e 31'],
    [52936, '7e41'],
    [52936, '80'],
    [932, '81'],
    [949, 'ff'],
    [1361, '80'],
    [65001, 'ff'],
  ])('%i has no %s', (page, hex) => expect(decodePage(page, bytesOf(hex))).toBeUndefined());
});

describe('decodeAnyway', () => {
  const anyway = (page: number, hex: string): string => utf16Text(decodeAnyway(page, bytesOf(hex)));

  it('reads an unknown page as 1252, and so what only calls itself ASCII', () => {
    expect(anyway(12345, '63 e9 80')).toBe('cé€');
    expect(anyway(20127, '63 e9')).toBe('cé');
  });
  it('puts U+FFFD where a page has no character', () => {
    expect(anyway(1253, 'd2 41')).toBe('\ufffdA');
    expect(anyway(932, '93fa 81')).toBe('日\ufffd');
    expect(anyway(949, 'b0a1 ff')).toBe('가\ufffd');
  });
  it('reads a page without a table by its neighbour', () => expect(anyway(10001, '93fa')).toBe('日'));
});

describe('encodePage', () => {
  it.each([437, 850, 932, 936, 949, 950, 1251, 28592, 20866, 51949])('turns what %i decodes back into its bytes', (page) => {
    const text =
      page === 949 || page === 51949
        ? '갂한국 a'
        : page < 900
          ? 'éß░ a'
          : page === 932 || page === 936 || page === 950
            ? '日本 a'
            : undefined;
    const sample = utf16(text ?? decoded(page, 0xc1, 0xd2, 0x41)!);
    expect(Buffer.from(decodePage(page, encodePage(page, sample)!)!)).toEqual(Buffer.from(sample));
  });
  it('gives nothing for a character that the page lacks, or a page without a table', () => {
    expect(encodePage(1252, utf16('日'))).toBeUndefined();
    expect(encodePage(12345, utf16('a'))).toBeUndefined();
    expect(encodePage(65001, utf16('a'))).toBeUndefined();
  });
});

describe('findPage', () => {
  it.each([
    ['IBM850', 850],
    ['cp-850', 850],
    ['cp437', 437],
    ['utf-7', 65000],
    ['iso-2022-kr', 50225],
    ['hz-gb-2312', 52936],
    ['Windows-1252', 1252],
    ['iso-8859-1', 28591],
    ['ISO_8859-15', 28605],
    ['us-ascii', 20127],
    ['x-sjis', 932],
    ['gb2312', 936],
    ['gb18030', 54936],
    ['ks_c_5601-1987', 949],
    ['euc-kr', 949],
    ['big5', 950],
    ['iso-2022-jp', 50220],
    ['koi8-u', 21866],
    ['tis-620', 874],
    ['ms949', 949],
    ['johab', 1361],
    ['utf-8', 65001],
  ])('knows the charset %s', (name, page) => expect(findPage(name)).toEqual({ page, isGuess: false }));

  it.each([50220, 50221, 51932, 51949, 51936, 54936, 38598, 28592, 28605, 20127])('knows the internet code page %i', (page) =>
    expect(findPage(page)).toEqual({ page, isGuess: false }),
  );

  it('says when a page is only near to the one asked for', () => {
    expect(findPage(10001)).toEqual({ page: 932, isGuess: true });
    expect(findPage('x-mac-japanese')).toEqual({ page: 932, isGuess: true });
    expect(findPage(708)).toEqual({ page: 28596, isGuess: true });
  });
  it('says nothing of names and numbers that nobody has', () => {
    expect(['x-unknown', 'unicode', '', 'cp99999', 12345, 0, -1].map((asked) => findPage(asked))).toEqual(Array(7).fill(undefined));
  });
});

describe('a page number in the type of a property', () => {
  // Bit 0x1000 marks a list there, unless it is part of a page number ([MS-OXCFXICS] 2.2.4.1.1).
  it('never reads as a list in another page', () => {
    const known = Array.from({ length: 0x8000 }, (_, page) => page).filter(isKnownPage);
    expect(known.filter((page) => (page & 0x1000) !== 0 && isKnownPage(page & 0xfff))).toEqual([]);
  });
  it('of ASCII bytes is widened without a table', () => {
    expect(utf16Text(widenAscii(bytesOf('4142'))!)).toBe('AB');
    expect(widenAscii(bytesOf('41ff'))).toBeUndefined();
  });
});
