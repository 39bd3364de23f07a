import { ID, PT, type Attachment, type MapiItem } from '@pstream/mapi';
import { fileAttachment } from './attachments.js';
import { Bag, type Key } from './bag.js';
import { putBodies } from './bodies.js';
import { putExtended } from './extended.js';
import { arrayOf, objectOf, textOf, textsOf } from './fields.js';
import { oneOff } from './people.js';
import type { JsonObject, PlainItem } from './plain-item.js';
import { putCommon } from './state.js';

/** Texts of a Graph contact and where MAPI keeps them ([MS-OXOCNTC] 2.2.1). */
const TEXTS: readonly (readonly [string, Key])[] = [
  ['displayName', ID.DisplayName],
  ['givenName', 0x3a06],
  ['surname', 0x3a11],
  ['middleName', 0x3a44],
  ['nickName', 0x3a4f],
  ['initials', 0x3a0a],
  ['title', 0x3a45],
  ['generation', 0x3a05],
  ['companyName', 0x3a16],
  ['department', 0x3a18],
  ['jobTitle', 0x3a17],
  ['officeLocation', 0x3a19],
  ['profession', 0x3a46],
  ['assistantName', 0x3a30],
  ['manager', 0x3a4e],
  ['spouseName', 0x3a48],
  ['businessHomePage', 0x3a51],
  ['mobilePhone', 0x3a1c],
  ['fileAs', ['address', 0x8005]],
  ['yomiGivenName', ['address', 0x802c]],
  ['yomiSurname', ['address', 0x802d]],
  ['yomiCompanyName', ['address', 0x802e]],
];

/** Street, city, state, postal code, country, and the whole address. */
const ADDRESSES: readonly (readonly [string, readonly Key[], Key])[] = [
  [
    'businessAddress',
    [
      ['address', 0x8045],
      ['address', 0x8046],
      ['address', 0x8047],
      ['address', 0x8048],
      ['address', 0x8049],
    ],
    ['address', 0x801b],
  ],
  ['homeAddress', [0x3a5d, 0x3a59, 0x3a5c, 0x3a5b, 0x3a5a], ['address', 0x801a]],
  ['otherAddress', [0x3a63, 0x3a5f, 0x3a62, 0x3a61, 0x3a60], ['address', 0x801c]],
];
const ADDRESS_PARTS = ['street', 'city', 'state', 'postalCode', 'countryOrRegion'];

/** A contact from its JSON. */
export const contactItem = ({ kind, itemType, item, resource, photo }: PlainItem): MapiItem => {
  const bag = new Bag();
  putCommon(bag, itemType, item, resource);
  bag.text(ID.Subject, textOf(resource, 'displayName')).int(ID.MessageFlags, 1);
  for (const [field, key] of TEXTS) bag.text(key, textOf(resource, field));
  for (const [field, keys, whole] of ADDRESSES) putAddress(bag, objectOf(resource, field), keys, whole);
  const [business, business2] = textsOf(resource, 'businessPhones');
  const [home, home2] = textsOf(resource, 'homePhones');
  bag.text(0x3a08, business).text(0x3a1b, business2).text(0x3a09, home).text(0x3a2f, home2);
  bag.text(['address', 0x8062], textsOf(resource, 'imAddresses')[0]).texts(0x3a58, textsOf(resource, 'children'));
  bag.time(0x3a42, textOf(resource, 'birthday'));
  putEmails(bag, arrayOf(resource, 'emailAddresses').slice(0, 3));
  putBodies(bag, { text: textOf(resource, 'personalNotes') ?? undefined });
  putExtended(bag, item, kind, itemType);
  bag.flag(['address', 0x8015], photo !== undefined);
  return {
    properties: bag.close(),
    recipients: [],
    attachments: photo === undefined ? [] : [pictureOf(photo)],
    associated: false,
    warnings: [],
  };
};

const putAddress = (bag: Bag, address: JsonObject, keys: readonly Key[], whole: Key): void => {
  const parts = ADDRESS_PARTS.map((part) => textOf(address, part));
  parts.forEach((part, index) => bag.text(keys[index]!, part));
  const [street, city, state, postalCode, country] = parts;
  bag.text(
    whole,
    [street, [city, state, postalCode].filter((part) => typeof part === 'string').join(' '), country]
      .filter((part) => typeof part === 'string' && part !== '')
      .join('\r\n'),
  );
};

/** The three e-mail addresses lie 16 numbers apart. [MS-OXOCNTC] 2.2.1.2. */
const putEmails = (bag: Bag, emails: readonly JsonObject[]): void => {
  emails.forEach((email, index) => {
    const address = textOf(email, 'address');
    if (address === null) return;
    const name = textOf(email, 'name') ?? address;
    const at = (lid: number): Key => ['address', lid + 16 * index];
    bag
      .text(at(0x8080), name)
      .text(at(0x8082), 'SMTP')
      .text(at(0x8083), address)
      .text(at(0x8084), name)
      .binary(at(0x8085), oneOff({ name, address }));
  });
};

/** [MS-OXOCNTC] 2.2.1.8: the picture is an attachment that says so. */
const pictureOf = (photo: Uint8Array): Attachment => {
  const isPng = photo[0] === 0x89;
  const name = isPng ? 'ContactPicture.png' : 'ContactPicture.jpg';
  const { properties } = fileAttachment({ name, mimeType: isPng ? 'image/png' : 'image/jpeg', content: photo }, 0);
  return { properties: [...properties, { id: 0x7fff, type: PT.Boolean, value: Uint8Array.of(1) }] };
};
