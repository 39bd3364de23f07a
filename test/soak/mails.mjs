// Mail-like items of 75 KB on average, the same for the same number: mostly text and HTML, two in five with files, now and then an
// embedded message, an appointment with named properties, a hidden item, a file that needs a data tree of two levels.
import { createCipheriv } from 'node:crypto';
import { filetimeOf, ID, PROPERTY_SET, PT, utf16 } from '@pstream/mapi';

const POOL_BYTES = 32 << 20;
const pool = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(POOL_BYTES));
const LARGEST_BYTES = 20 << 20;
const HTML_CODE_PAGE = 65_001;

/** Numbers from 0 to below 1, the same for the same seed. */
const numbers = (seed) => {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
};

const text = (id, value) => ({ id, type: PT.String, value: utf16(value) });
const integer = (id, value) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return { id, type: PT.Integer32, value: bytes };
};
const time = (id, minutes) => ({ id, type: PT.Time, value: filetimeOf(new Date(1_600_000_000_000 + 60_000 * minutes).toISOString()) });
const slice = (next, bytes) => {
  const at = Math.floor(next() * (POOL_BYTES - bytes));
  return pool.subarray(at, at + bytes);
};
const words = (next, bytes) =>
  slice(next, Math.ceil(bytes / 4))
    .toString('hex')
    .replaceAll(/(.{7})./g, '$1 ')
    .slice(0, bytes / 2);

const person = (type, number) => ({
  properties: [
    integer(ID.RecipientType, type),
    text(ID.DisplayName, `Person ${number}`),
    text(ID.AddressType, 'SMTP'),
    text(ID.EmailAddress, `person${number}@example.org`),
  ],
});

const file = (next, bytes, number) => ({
  properties: [
    integer(ID.AttachMethod, 1),
    text(ID.AttachLongFilename, `file ${number}.bin`),
    { id: ID.AttachData, type: PT.Binary, value: slice(next, bytes) },
  ],
});

const mail = (number, next, depth) => {
  const properties = [
    text(ID.MessageClass, 'IPM.Note'),
    text(ID.Subject, `Mail ${number}: ${words(next, 60)}`),
    time(ID.ClientSubmitTime, number),
    time(ID.MessageDeliveryTime, number),
    time(ID.CreationTime, number),
    time(ID.LastModificationTime, number),
    integer(ID.MessageFlags, number % 5 === 0 ? 0 : 1),
    text(ID.SenderName, `Person ${number % 997}`),
    text(ID.SenderEmailAddress, `person${number % 997}@example.org`),
    text(ID.SenderAddressType, 'SMTP'),
    text(ID.InternetMessageId, `<${number}@example.org>`),
    text(ID.Body, words(next, 500 + 6000 * next())),
    integer(ID.InternetCodepage, HTML_CODE_PAGE),
    { id: ID.Html, type: PT.Binary, value: slice(next, Math.floor(2000 + 36_000 * next() ** 2)) },
    { id: ID.SearchKey, type: PT.Binary, value: slice(next, 16) },
  ];
  if (number % 50 === 1) {
    properties[0] = text(ID.MessageClass, 'IPM.Appointment');
    const name = { set: PROPERTY_SET.appointment, lid: 0x8208 };
    properties.push({ ...text(0x8000, `Room ${number % 9}`), name });
    properties.push({ ...text(0x8001, 'own'), name: { set: PROPERTY_SET.publicStrings, name: `Field ${number % 700}` } });
  }
  const attachments = [];
  if (number % 4000 === 2000) attachments.push(file(next, LARGEST_BYTES, 0));
  else if (next() < 0.4)
    for (let more = 1 + Math.floor(3 * next()); more > 0; more--) attachments.push(file(next, Math.floor(300_000 * next() ** 3), more));
  if (number % 200 === 3 && depth < 2)
    attachments.push({ properties: [integer(ID.AttachMethod, 5)], embedded: mail(number + 7, next, depth + 1) });
  const recipients = Array.from({ length: 1 + Math.floor(8 * next() ** 2) }, (_, i) => person(1 + (i % 3), Math.floor(5000 * next())));
  return { properties, recipients, attachments, associated: false, warnings: [] };
};

/** The item of a number. */
export const itemOf = (number) => {
  const item = mail(number, numbers(number), 0);
  return number % 500 === 4 ? { ...item, associated: true } : item;
};

/** Sixty folders, some in others; the first half of all items go to the first five. */
export const FOLDERS = Array.from({ length: 60 }, (_, i) => ({
  key: `f${i}`,
  parent: i < 12 ? null : `f${i % 12}`,
  name: i === 0 ? 'Inbox' : `Folder ${i}`,
  ...(i === 0 ? { wellKnownName: 'inbox' } : {}),
}));

/** The folder that an item belongs to. */
export const folderOf = (number) => FOLDERS[number % 2 === 0 ? number % 5 : number % FOLDERS.length].key;
