import { ID, RECIPIENT_TYPE, utf16, type Recipient } from '@pstream/mapi';
import type { Draw } from './draw.js';
import type { Language } from './languages.js';
import { bag, binary, flag, int, named, namedBinaries, text, type Loose } from './props.js';

/** Somebody who writes or is written to. */
export type Person = { readonly name: string; readonly given: string; readonly surname: string; readonly address: string };

/** A person of the language; addresses are under example domains. */
export const person = (language: Language, draw: Draw): Person => {
  const given = draw.pick(language.first);
  const surname = draw.pick(language.last);
  const name = language.code === 'ja' ? `${surname} ${given}` : `${given} ${surname}`;
  return {
    name,
    given,
    surname,
    address: `${language.code}${draw.below(900) + 100}@${draw.pick(['example.com', 'example.org', 'example.net'])}`,
  };
};

// [MS-OXCDATA] 2.2.5.1: provider of one-off entry ids.
const ONE_OFF = Buffer.from('812b1fa4bea310199d6e00dd010f5402', 'hex');

/** A one-off entry id in its Unicode form. */
export const oneOff = (who: Person): Uint8Array =>
  Buffer.concat([
    Buffer.alloc(4),
    ONE_OFF,
    Buffer.from([0, 0, 0x01, 0x90]),
    ...[who.name, 'SMTP', who.address].map((part) => utf16(`${part}\u0000`)),
  ]);

/** PidTagSearchKey of an address. */
export const addressKey = (who: Person): Uint8Array => Buffer.from(`SMTP:${who.address.toUpperCase()}\u0000`, 'latin1');

/** A recipient row. */
export const recipient = (who: Person, type: number = RECIPIENT_TYPE.to): Recipient => ({
  properties: bag([
    int(ID.RecipientType, type),
    int(ID.ObjectType, 6),
    binary(ID.EntryId, oneOff(who)),
    text(ID.DisplayName, who.name),
    text(ID.AddressType, 'SMTP'),
    text(ID.EmailAddress, who.address),
    binary(ID.SearchKey, addressKey(who)),
    int(ID.DisplayType, 0),
    text(ID.SmtpAddress, who.address),
    text(0x5ff6, who.name),
    int(0x5ffd, 1),
  ]),
});

/** Sender and represented sender: the same person. */
export const sender = (who: Person): readonly Loose[] => [
  text(ID.SentRepresentingName, who.name),
  text(0x0064, 'SMTP'),
  text(0x0065, who.address),
  binary(0x0041, oneOff(who)),
  text(ID.SenderName, who.name),
  text(ID.SenderAddressType, 'SMTP'),
  text(ID.SenderEmailAddress, who.address),
  binary(ID.SenderEntryId, oneOff(who)),
  text(0x5d01, who.address),
  text(0x5d02, who.address),
];

/** A contact with its named properties of the address set. */
export const contactProperties = (who: Person, draw: Draw, hasPicture: boolean): readonly Loose[] => [
  text(ID.Subject, who.name),
  text(ID.NormalizedSubject, who.name),
  text(ID.DisplayName, who.name),
  text(0x3a06, who.given),
  text(0x3a11, who.surname),
  text(0x3a16, 'Example Ltd'),
  text(0x3a08, `+49 30 ${1_000_000 + draw.below(9_000_000)}`),
  text(0x3a1c, `+49 170 ${1_000_000 + draw.below(9_000_000)}`),
  text(0x3a17, draw.pick(['CEO', 'CTO', 'PM'])),
  named('address', 0x8005, text(0, `${who.surname}, ${who.given}`)),
  named('address', 0x8006, int(0, -1)),
  named('address', 0x8015, flag(0, hasPicture)),
  named('address', 0x8022, int(0, 0)),
  named('address', 0x8080, text(0, `${who.name} (${who.address})`)),
  named('address', 0x8082, text(0, 'SMTP')),
  named('address', 0x8083, text(0, who.address)),
  named('address', 0x8084, text(0, who.address)),
  named('address', 0x8085, binary(0, oneOff(who))),
];

/** A personal distribution list; members are one-off entries. */
export const listProperties = (name: string, members: readonly Person[]): readonly Loose[] => [
  text(ID.Subject, name),
  text(ID.NormalizedSubject, name),
  text(ID.DisplayName, name),
  named('address', 0x8005, text(0, name)),
  named('address', 0x8053, text(0, name)),
  namedBinaries('address', 0x8054, members.map(oneOff)),
  namedBinaries('address', 0x8055, members.map(wrapped)),
  named('address', 0x804c, int(0, members.length * 0x01010101)),
];

// [MS-OXOCNTC] 2.2.2.4.1: members are wrapped entry ids; type 0 marks a one-off.
const wrapped = (who: Person): Uint8Array => {
  const head = Buffer.alloc(21);
  Buffer.from('c091add351c9cf11a4a900aa0047faa4', 'hex').copy(head, 4);
  return Buffer.concat([head, oneOff(who)]);
};
