// Node decodes these pages but does not encode them: the tables are the decoder's, turned round.
const LABELS: Readonly<Record<number, string>> = {
  932: 'shift_jis',
  1250: 'windows-1250',
  1251: 'windows-1251',
  1252: 'windows-1252',
  1256: 'windows-1256',
  20866: 'koi8-r',
  28592: 'iso-8859-2',
};

const tables = new Map<number, ReadonlyMap<string, readonly number[]>>();

const tableOf = (page: number): ReadonlyMap<string, readonly number[]> => {
  const known = tables.get(page);
  if (known !== undefined) return known;
  const table = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(LABELS[page], { fatal: true });
  const learn = (...bytes: number[]): boolean => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if (Array.from(text).length !== 1) return false;
      if (!table.has(text)) table.set(text, bytes);
      return true;
    } catch {
      return false;
    }
  };
  for (let first = 0; first < 256; first++) {
    if (learn(first) || page !== 932) continue;
    for (let second = 0x40; second < 0xfd; second++) learn(first, second);
  }
  tables.set(page, table);
  return table;
};

const QUESTION_MARK = 0x3f;

/** Text in a code page; what the page lacks becomes `?`. Pages: UTF-8 (65001), Latin-1 (28591), ASCII (20127) and those of the languages here. */
export const encodePage = (text: string, page: number): Uint8Array => {
  if (page === 65001) return Buffer.from(text, 'utf8');
  if (page === 28591 || page === 20127) {
    const limit = page === 28591 ? 0xff : 0x7f;
    return Uint8Array.from(
      Array.from(text).map((letter) => ((letter.codePointAt(0) ?? 0) <= limit ? (letter.codePointAt(0) ?? 0) : QUESTION_MARK)),
    );
  }
  const table = tableOf(page);
  return Uint8Array.from(Array.from(text).flatMap((letter) => table.get(letter) ?? [QUESTION_MARK]));
};
