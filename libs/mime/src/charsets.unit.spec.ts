import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import { fromMime, htmlOf, look, textAt } from './mime.fixture.js';

const HEAD = 'From: a@example.com\r\nTo: b@example.com\r\nDate: Thu, 6 Jun 2024 10:46:09 +0000\r\n';
const message = (head: string, ...body: (string | readonly number[])[]): Promise<MapiItem> =>
  fromMime(
    Buffer.concat([
      Buffer.from(`${HEAD}${head}\r\n\r\n`, 'latin1'),
      ...body.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece))),
    ]),
  );
const bodyOf = ({ properties }: MapiItem): string | undefined => textAt(properties, ID.Body)?.trimEnd();
const subjectOf = ({ properties }: MapiItem): string | undefined => textAt(properties, ID.Subject);
const namesOf = ({ attachments }: MapiItem): (string | undefined)[] =>
  attachments.map(({ properties }) => textAt(properties, ID.AttachLongFilename));

describe('the text of a message', () => {
  it.each([
    ['ibm850', [0x94], 'ö'],
    ['cp-850', [0x94], 'ö'],
    ['cp437', [0x94], 'ö'],
    ['utf-7', [...Buffer.from('+APY-')], 'ö'],
    ['iso-2022-kr', [0x1b, 0x24, 0x29, 0x43, 0x0e, 0x47, 0x51, 0x0f], '한'],
    ['hz-gb-2312', [...Buffer.from('~{VPND~}')], '中文'],
    ['euc-kr', [0x81, 0x41], '갂'],
    ['ks_c_5601-1987', [0xb0, 0xa1], '가'],
    ['iso-8859-1', [0x80], '€'],
    ['iso-8859-2', [0x8a], 'Š'],
    ['gb2312', [0x81, 0x40], '丂'],
    ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], '日'],
    ['utf-16le', [0xe5, 0x65], '日'],
  ])('in %s is read by its own table', async (charset, bytes, text) => {
    const item = await message(`Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: 8bit`, bytes);
    expect([bodyOf(item), item.warnings]).toEqual([text, []]);
  });

  it.each([
    ['UTF-8 if it is that', 'text/plain', [0x46, 0xc3, 0xb6], 'Fö', 0],
    ['1252 if not, and marked', 'text/plain', [0x46, 0xf6], 'Fö', 1],
  ])('without a charset is %s', async (_name, type, bytes, text, marks) => {
    const item = await message(`Content-Type: ${type}\r\nContent-Transfer-Encoding: 8bit`, bytes);
    expect([bodyOf(item), item.warnings.length]).toEqual([text, marks]);
  });

  it('without a charset is in the page that the HTML names', async () => {
    const item = await message(
      'Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit',
      '<meta charset="windows-1251"><p>',
      [0xcf, 0xf0],
      '</p>',
    );
    expect(htmlOf(item)).toContain('<p>Пр</p>');
    expect(item.warnings).toEqual([]);
  });

  it.each([
    ['us-ascii', [0x46, 0xf6], 'Fö'],
    ['utf-8', [0x46, 0xf6], 'Fö'],
    ['x-unknown', [0x46, 0xf6], 'Fö'],
    ['x-unknown', [0x46, 0xc3, 0xb6], 'Fö'],
    ['us-ascii', [0x46, 0xc3, 0xb6], 'Fö'],
  ])('that %s does not explain is read by what does, and marked', async (charset, bytes, text) => {
    const item = await message(`Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: 8bit`, bytes);
    expect([bodyOf(item), item.warnings]).toEqual([text, ['mime.code-page-guessed']]);
  });

  it('with one broken character among good ones loses that alone', async () => {
    const item = await message(
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit',
      [0xe6, 0x97, 0xa5, 0xff, 0xe6, 0x9c, 0xac],
    );
    expect([bodyOf(item), item.warnings.length]).toEqual(['日\uFFFD本', 1]);
  });

  it('is the same through base64 and quoted-printable', async () => {
    const head = (encoding: string): string => `Content-Type: text/plain; charset="cp437"\r\nContent-Transfer-Encoding: ${encoding}`;
    expect(bodyOf(await message(head('base64'), Buffer.from([0x46, 0x94]).toString('base64')))).toBe('Fö');
    expect(bodyOf(await message(head('quoted-printable'), 'F=94 a=\r\nb'))).toBe('Fö ab');
  });
});

describe('a header field', () => {
  it('with raw bytes is UTF-8, or what the charset of the text says, or 1252', async () => {
    expect(subjectOf(await message('Subject: Fr\xc3\xb6sche', 'x'))).toBe('Frösche');
    expect(subjectOf(await message('Subject: Fr\xf6sche', 'x'))).toBe('Frösche');
    expect(subjectOf(await message('Subject: \xcf\xf0\r\nContent-Type: text/plain; charset=windows-1251', 'x'))).toBe('Пр');
  });

  it.each([
    ['=?ibm850?Q?Fr=94sche?=', 'Frösche'],
    ['=?iso-8859-1?Q?Fr\xf6sche?=', 'Frösche'],
    ['=?utf-8?Q?Fr\xf6sche?=', 'Frösche'],
    ['=?euc-kr?B?gUE=?=', '갂'],
    ['=?iso-2022-kr?B?GyQpQw5HUQ8=?= ok', '한 ok'],
    ['=?utf-8?B?5pc=?=\r\n =?utf-8?B?pQ==?=', '日'],
    ['=?cp437*de?Q?a=94?= =?cp437*de?Q?b_c?=', 'aöb c'],
    ['a =?utf-8?Q?b?= c', 'a b c'],
  ])('with the words %j says %j', async (value, text) => expect(subjectOf(await message(`Subject: ${value}`, 'x'))).toBe(text));

  it('keeps a comma within an encoded name from parting addresses', async () => {
    const { recipients } = await message('Cc: =?ibm850?Q?D=94,_Jo?= <jo@example.com>', 'x');
    expect(recipients.map(({ properties }) => textAt(properties, ID.DisplayName))).toEqual(['b@example.com', 'Dö, Jo']);
  });

  it('in its own words is kept beside them as it came', async () => {
    const { properties } = await message('Subject: =?ibm850?Q?Fr=94sche?=', 'x');
    expect(textAt(properties, ID.TransportMessageHeaders)).toContain('=?ibm850?Q?Fr=94sche?=');
  });
});

describe('a text part with a name', () => {
  const mixed = (...parts: readonly string[]): Promise<MapiItem> =>
    message(
      'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"',
      `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`,
    );
  const hello = 'Content-Type: text/plain; charset=utf-8\r\n\r\nhello';
  const named = (head: string): string =>
    `Content-Type: text/plain; charset=us-ascii; name="notes.txt"\r\n${head}Content-Transfer-Encoding: base64\r\n\r\nc2Vjb25kIGZpbGU=`;

  it.each([
    ['that is shown inline', 'Content-Disposition: inline; filename="notes.txt"\r\n'],
    ['without a disposition', ''],
    ['that is attached', 'Content-Disposition: attachment; filename="notes.txt"\r\n'],
  ])('%s is a file, byte for byte', async (_name, head) => {
    const item = await mixed(hello, named(head));
    expect([bodyOf(item), namesOf(item)]).toEqual(['hello', ['notes.txt']]);
    expect(Buffer.from(look(item.attachments[0]!.properties, ID.AttachData, PT.Binary)!).toString()).toBe('second file');
  });

  it('keeps its bytes, whatever their charset', async () => {
    const item = await mixed(
      hello,
      'Content-Type: text/html; charset=ibm850; name="a.html"\r\nContent-Disposition: inline; filename="a.html"\r\n\r\n<p>\x94</p>',
    );
    expect(Buffer.from(look(item.attachments[0]!.properties, ID.AttachData, PT.Binary)!).toString('latin1')).toBe('<p>\x94</p>');
  });

  it('that is one of several forms is the message, and so is what the others belong to', async () => {
    for (const kind of ['alternative', 'related']) {
      const item = await message(
        `MIME-Version: 1.0\r\nContent-Type: multipart/${kind}; boundary="b"`,
        '--b\r\nContent-Type: text/html; charset=utf-8; name="index.html"\r\n\r\n<p>hi</p>\r\n--b--\r\n',
      );
      expect([htmlOf(item)?.trim(), namesOf(item)]).toEqual(['<p>hi</p>', []]);
    }
  });

  it('has a name in whatever charset', async () => {
    const item = await mixed(
      hello,
      "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=ibm850''Fr%94sche.pdf\r\n\r\nx",
    );
    expect(namesOf(item)).toEqual(['Frösche.pdf']);
  });
});

describe('a message within a message', () => {
  it('is read in its own charsets', async () => {
    const inner = `${HEAD}Subject: =?cp437?Q?=94?=\r\nContent-Type: text/plain; charset=cp437\r\n\r\nF\x94`;
    const item = await message(
      'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"',
      `--b\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--b--\r\n`,
    );
    const { embedded } = item.attachments[0]!;
    expect([subjectOf(embedded!), bodyOf(embedded!)]).toEqual(['ö', 'Fö']);
  });
});

it('text is kept as UTF-16', async () => {
  const { properties } = await message('Subject: \xe2\x82\xac', 'x');
  expect(utf16Text(properties.find(({ id }) => id === ID.Subject)!.value)).toBe('€');
});
