import { decodeExportStream, encodeExportStream } from '@pstream/fasttransfer';
import { isFault } from '@pstream/kernel';
import { ID, PT, type MapiItem } from '@pstream/mapi';
import fc from 'fast-check';
import { fromMime, htmlOf, look, textAt } from './mime.fixture.js';

/** A message to be written as MIME, and found again in the item. */
type Mail = {
  readonly subject: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly html: string | undefined;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly inner: readonly Mail[];
};

// One run of white space is what unfolding leaves of several, so words are separated by one.
const words = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 })
  .map((list) =>
    list
      .map((word) => word.replaceAll(/[\s\p{C}]/gu, ''))
      .filter((word) => word !== '')
      .join(' '),
  )
  .filter((text) => text !== '');
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });

const { mail } = fc.letrec<{ mail: Mail }>((tie) => ({
  mail: fc.record({
    subject: words,
    from: words,
    to: fc.array(words, { minLength: 1, maxLength: 3 }),
    text: words,
    html: fc.option(
      words.map((text) => `<p>${text}</p>`),
      { nil: undefined },
    ),
    files: fc.array(fc.record({ name: words, bytes }), { maxLength: 3 }),
    inner: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constant([]), fc.array(tie('mail'), { minLength: 1, maxLength: 2 })),
  }),
}));

const encoded = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const base64 = (content: Uint8Array | string): string => Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
const part = (type: string, content: Uint8Array | string): string =>
  `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(content)}\r\n`;

const written = (mail: Mail, path = 'b'): string => {
  const bodies = [
    part('text/plain; charset=utf-8', mail.text),
    ...(mail.html === undefined ? [] : [part('text/html; charset=utf-8', mail.html)]),
  ];
  const alternative = `Content-Type: multipart/alternative; boundary="${path}.a"\r\n\r\n${bodies.map((body) => `--${path}.a\r\n${body}`).join('')}--${path}.a--\r\n`;
  const parts = [
    alternative,
    ...mail.files.map(({ name, bytes: content }) => part(`application/octet-stream; name="${encoded(name)}"`, content)),
    ...mail.inner.map((inner, n) => `Content-Type: message/rfc822\r\n\r\n${written(inner, `${path}.${n}`)}`),
  ];
  const to = mail.to.map((name, n) => `${encoded(name)} <to${n}@example.com>`).join(',\r\n ');
  return `From: ${encoded(mail.from)} <from@example.com>\r\nTo: ${to}\r\nSubject: ${encoded(mail.subject)}\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${path}"\r\n\r\n${parts.map((one) => `--${path}\r\n${one}\r\n`).join('')}--${path}--\r\n`;
};

const read = (item: MapiItem): Mail => {
  const files = item.attachments.filter(({ embedded }) => embedded === undefined);
  return {
    subject: textAt(item.properties, ID.Subject) ?? '',
    from: textAt(item.properties, ID.SenderName) ?? '',
    to: item.recipients.map(({ properties }) => textAt(properties, ID.DisplayName) ?? ''),
    text: (textAt(item.properties, ID.Body) ?? '').trim(),
    html: htmlOf(item)?.trim(),
    files: files.map(({ properties }) => ({
      name: textAt(properties, ID.AttachLongFilename) ?? '',
      bytes: Uint8Array.from(look(properties, ID.AttachData, PT.Binary) ?? []),
    })),
    inner: item.attachments.flatMap(({ embedded }) => (embedded === undefined ? [] : [read(embedded)])),
  };
};

/** What a stream of the item is read as. */
const throughStream = (item: MapiItem): MapiItem => decodeExportStream(encodeExportStream(item));

describe('a message written as MIME', () => {
  it('is found again in the item that is made of it, and in the stream of that', async () => {
    await fc.assert(
      fc.asyncProperty(mail, async (wanted) => {
        const item = await fromMime(written(wanted));
        expect(read(item)).toEqual(wanted);
        expect(read(throughStream(item))).toEqual(wanted);
      }),
      { numRuns: 80 },
    );
  });

  it('always gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(mail, async (wanted) => {
        const [one, two] = [await fromMime(written(wanted)), await fromMime(written(wanted))];
        expect(Buffer.compare(encodeExportStream(one), encodeExportStream(two))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('that was damaged anywhere is an item or a fault, and never anything else', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(mail, damage, fc.option(fc.nat(), { nil: undefined }), async (wanted, changes, cutAt) => {
        const whole = Buffer.from(written(wanted));
        for (const [at, value] of changes) whole[at % whole.length] = value;
        const given = cutAt === undefined ? whole : whole.subarray(0, cutAt % whole.length);
        try {
          throughStream(await fromMime(given));
        } catch (error) {
          expect(isFault(error) && error.code).toMatch(/^mime\./);
        }
      }),
      { numRuns: 120 },
    );
  });
});
