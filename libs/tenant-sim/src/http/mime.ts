import { ID, PT, type Attachment, type MapiItem, type Property } from '@pstream/mapi';
import { bytesAt, charsetOf, numberOf, textOf, timeOf } from './property-values.js';

/** A header word: as it is where it is printable ASCII, else in encoded words of at most 75 characters. RFC 2047. */
const word = (text: string): string => {
  if (/^[ -~]*$/.test(text)) return text;
  const words: string[] = [];
  let piece = '';
  for (const letter of text) {
    if (Buffer.byteLength(piece + letter) > 42) {
      words.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...words, piece].map((each) => `=?utf-8?B?${Buffer.from(each).toString('base64')}?=`).join('\r\n ');
};

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

/** The item as an RFC 5322 message: header fields, bodies, inline pictures, invitation, attachments, embedded messages. Everything else is
 *  lost, as with the service; so is a body that is there as RTF only. The content of an S/MIME message is sent as it is. */
export const mimeOf = (item: MapiItem, depth = 0): string => {
  const headers = headersOf(item);
  const secured = securedContent(item);
  if (secured !== undefined) return `${headers.join('\r\n')}\r\n${secured}`;
  const cids = item.attachments.map((each) => textOf(each.properties, ID.AttachContentId));
  const inline = item.attachments.filter((_, index) => cids[index] !== undefined);
  const files = item.attachments.filter((_, index) => cids[index] === undefined);
  const related = relatedBody(item, inline, depth);
  const content =
    files.length === 0
      ? related
      : multipart('mixed', `=_simulated_m${depth}`, [related, ...files.map((attachment) => attachmentPart(attachment, depth))]);
  return `${headers.join('\r\n')}\r\n${content}`;
};

const headersOf = (item: MapiItem): readonly string[] => {
  const { properties } = item;
  const texts = (name: string, id: number): string[] => {
    const value = textOf(properties, id);
    return value === undefined ? [] : [`${name}: ${value.replaceAll(/\s+/g, '\r\n ')}`];
  };
  const importance = numberOf(properties, ID.Importance) ?? 1;
  return [
    `From: ${address(textOf(properties, ID.SentRepresentingName) ?? textOf(properties, ID.SenderName), textOf(properties, 0x5d02) ?? textOf(properties, ID.SenderEmailAddress))}`,
    ...recipientHeaders(item),
    `Subject: ${word(textOf(properties, ID.Subject) ?? '')}`,
    `Date: ${rfcDate(timeOf(properties, ID.ClientSubmitTime) ?? timeOf(properties, ID.MessageDeliveryTime) ?? timeOf(properties, ID.CreationTime) ?? '1970-01-01T00:00:00.000Z')}`,
    ...texts('Message-ID', ID.InternetMessageId),
    ...texts('References', 0x1039),
    ...texts('In-Reply-To', 0x1042),
    ...(importance === 1 ? [] : [`Importance: ${importance === 2 ? 'high' : 'low'}`]),
    'MIME-Version: 1.0',
  ];
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

const relatedBody = (item: MapiItem, inline: readonly Attachment[], depth: number): string => {
  const body = bodyPart(item, depth);
  if (inline.length === 0) return body;
  return multipart('related', `=_simulated_r${depth}`, [body, ...inline.map((attachment) => attachmentPart(attachment, depth))]);
};

const bodyPart = ({ properties }: MapiItem, depth: number): string => {
  const html = bytesAt(properties, ID.Html, PT.Binary);
  const text = textOf(properties, ID.Body);
  const encoded = (type: string, bytes: Uint8Array): string =>
    part([`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64'], folded(bytes));
  const charset = charsetOf(numberOf(properties, ID.InternetCodepage) ?? 65001);
  const forms = [
    ...(text === undefined && html !== undefined ? [] : [encoded('text/plain; charset="utf-8"', Buffer.from(text ?? ''))]),
    ...(html === undefined ? [] : [encoded(`text/html; charset="${charset}"`, html)]),
    ...calendarPart(properties).map(({ type, text: calendar }) => encoded(type, Buffer.from(calendar))),
  ];
  return forms.length === 1 ? forms[0]! : multipart('alternative', `=_simulated_a${depth}`, forms);
};

/** The invitation of a meeting message. RFC 5546. */
const calendarPart = (properties: readonly Property[]): readonly { readonly type: string; readonly text: string }[] => {
  const messageClass = textOf(properties, ID.MessageClass) ?? '';
  const start = timeOf(properties, ['appointment', 0x820d]);
  const end = timeOf(properties, ['appointment', 0x820e]);
  if (!/^IPM\.Schedule\./i.test(messageClass) || start === undefined || end === undefined) return [];
  const method = /Canceled$/i.test(messageClass) ? 'CANCEL' : /Resp\./i.test(messageClass) ? 'REPLY' : 'REQUEST';
  const basic = (iso: string): string => iso.replaceAll(/[-:]|\.\d+/g, '');
  const uid = bytesAt(properties, ['meeting', 0x0003], PT.Binary)?.toString('hex').toUpperCase() ?? '';
  const lines = [
    'BEGIN:VCALENDAR',
    `METHOD:${method}`,
    'VERSION:2.0',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTART:${basic(start)}`,
    `DTEND:${basic(end)}`,
  ];
  return [{ type: `text/calendar; charset="utf-8"; method=${method}`, text: [...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n') }];
};

/** The entity that is the one attachment of an S/MIME message. [MS-OXOSMIME] 2.1. */
const securedContent = ({ properties, attachments }: MapiItem): string | undefined => {
  const [only] = attachments;
  if (!/^IPM\.Note\.SMIME/i.test(textOf(properties, ID.MessageClass) ?? '') || only === undefined || attachments.length !== 1)
    return undefined;
  const data = bytesAt(only.properties, ID.AttachData, PT.Binary) ?? Buffer.alloc(0);
  if (textOf(only.properties, ID.AttachMimeTag) === 'multipart/signed') return data.toString('latin1');
  const headers = [
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
    'Content-Transfer-Encoding: base64',
  ];
  return part([...headers, 'Content-Disposition: attachment; filename="smime.p7m"'], folded(data));
};

const attachmentPart = (attachment: Attachment, depth: number): string => {
  if (attachment.embedded !== undefined) return part(['Content-Type: message/rfc822'], mimeOf(attachment.embedded, depth + 1));
  const { properties } = attachment;
  const name = word(textOf(properties, ID.AttachLongFilename) ?? textOf(properties, ID.AttachFilename) ?? 'attachment');
  const contentId = textOf(properties, ID.AttachContentId);
  return part(
    [
      `Content-Type: ${textOf(properties, ID.AttachMimeTag) ?? 'application/octet-stream'};\r\n name="${name}"`,
      `Content-Disposition: ${contentId === undefined ? 'attachment' : 'inline'};\r\n filename="${name}"`,
      ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
      'Content-Transfer-Encoding: base64',
    ],
    folded(bytesAt(properties, ID.AttachData, PT.Binary) ?? new Uint8Array(0)),
  );
};
