import { ID, isoOfFiletime, PT, type Attachment, type MapiItem, type Property } from '@pstream/mapi';

const value = (properties: readonly Property[], id: number, type: number): Buffer | undefined => {
  const found = properties.find((each) => each.id === id && each.type === type);
  return found === undefined ? undefined : Buffer.from(found.value.buffer, found.value.byteOffset, found.value.length);
};

/** A text property, or undefined. */
export const textOf = (properties: readonly Property[], id: number): string | undefined =>
  value(properties, id, PT.String)?.toString('utf16le');

/** A 32-bit property, or undefined. */
export const numberOf = (properties: readonly Property[], id: number): number | undefined =>
  value(properties, id, PT.Integer32)?.readInt32LE();

/** A time property as ISO 8601, or undefined. */
export const timeOf = (properties: readonly Property[], id: number): string | undefined => {
  const bytes = value(properties, id, PT.Time);
  return bytes === undefined ? undefined : isoOfFiletime(bytes);
};

const word = (text: string): string => (/^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`);

const address = (name: string | undefined, mail: string | undefined): string =>
  (name === undefined ? '' : `${word(name).replace(/^([ -~]*)$/, '"$1"')} `) + `<${mail ?? ''}>`;

const folded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n');

const part = (headers: readonly string[], body: string): string => `${headers.join('\r\n')}\r\n\r\n${body}`;

const multipart = (kind: string, boundary: string, parts: readonly string[]): string =>
  part(
    [`Content-Type: multipart/${kind}; boundary="${boundary}"`],
    `${parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('')}--${boundary}--\r\n`,
  );

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time as RFC 5322 wants it. */
const rfcDate = (iso: string): string => {
  const date = new Date(iso);
  const [day, month] = [DAYS[date.getUTCDay()], MONTHS[date.getUTCMonth()]];
  return `${day}, ${String(date.getUTCDate()).padStart(2, '0')} ${month} ${date.getUTCFullYear()} ${iso.slice(11, 19)} +0000`;
};

/** The item as an RFC 5322 message: header fields, the native body, attachments, embedded messages. Everything else is lost, as with the service. */
export const mimeOf = (item: MapiItem, depth = 0): string => {
  const { properties } = item;
  const headers = [
    `From: ${address(textOf(properties, ID.SentRepresentingName) ?? textOf(properties, ID.SenderName), textOf(properties, 0x5d02) ?? textOf(properties, ID.SenderEmailAddress))}`,
    ...recipientHeaders(item),
    `Subject: ${word(textOf(properties, ID.Subject) ?? '')}`,
    `Date: ${rfcDate(timeOf(properties, ID.ClientSubmitTime) ?? timeOf(properties, ID.MessageDeliveryTime) ?? timeOf(properties, ID.CreationTime) ?? '1970-01-01T00:00:00.000Z')}`,
    ...(textOf(properties, ID.InternetMessageId) === undefined ? [] : [`Message-ID: ${textOf(properties, ID.InternetMessageId)}`]),
    'MIME-Version: 1.0',
  ];
  const body = bodyPart(item);
  const attachments = item.attachments.map((attachment) => attachmentPart(attachment, depth));
  const content = attachments.length === 0 ? body : multipart('mixed', `=_simulated_${depth}`, [body, ...attachments]);
  return `${headers.join('\r\n')}\r\n${content}`;
};

const recipientHeaders = (item: MapiItem): readonly string[] =>
  (
    [
      ['To', 1],
      ['Cc', 2],
    ] as const
  ).flatMap(([name, type]) => {
    const list = item.recipients
      .filter((each) => numberOf(each.properties, ID.RecipientType) === type)
      .map((each) =>
        address(
          textOf(each.properties, ID.DisplayName),
          textOf(each.properties, ID.SmtpAddress) ?? textOf(each.properties, ID.EmailAddress),
        ),
      );
    return list.length === 0 ? [] : [`${name}: ${list.join(',\r\n ')}`];
  });

const bodyPart = (item: MapiItem): string => {
  const html = value(item.properties, ID.Html, PT.Binary);
  const codepage = numberOf(item.properties, ID.InternetCodepage) ?? 65001;
  const charset = codepage === 65001 ? 'utf-8' : codepage === 932 ? 'shift_jis' : codepage === 28591 ? 'iso-8859-1' : `windows-${codepage}`;
  if (html !== undefined) return part([`Content-Type: text/html; charset="${charset}"`, 'Content-Transfer-Encoding: base64'], folded(html));
  const text = textOf(item.properties, ID.Body) ?? '';
  return part(['Content-Type: text/plain; charset="utf-8"', 'Content-Transfer-Encoding: base64'], folded(Buffer.from(text)));
};

const attachmentPart = (attachment: Attachment, depth: number): string => {
  if (attachment.embedded !== undefined) return part(['Content-Type: message/rfc822'], mimeOf(attachment.embedded, depth + 1));
  const { properties } = attachment;
  const name = word(textOf(properties, ID.AttachLongFilename) ?? textOf(properties, ID.AttachFilename) ?? 'attachment');
  const contentId = textOf(properties, ID.AttachContentId);
  return part(
    [
      `Content-Type: ${textOf(properties, ID.AttachMimeTag) ?? 'application/octet-stream'}; name="${name}"`,
      `Content-Disposition: ${contentId === undefined ? 'attachment' : 'inline'}; filename="${name}"`,
      ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
      'Content-Transfer-Encoding: base64',
    ],
    folded(value(properties, ID.AttachData, PT.Binary) ?? new Uint8Array(0)),
  );
};
