import { ID, RECIPIENT_TYPE, utf16, type Recipient } from '@pstream/mapi';
import { Bag } from './bag.js';
import { arrayOf, objectOf, textOf } from './fields.js';
import type { JsonObject } from './plain-item.js';

/** Somebody with an SMTP address; the name is the address where there is none. */
export type Person = { readonly name: string; readonly address: string };

// [MS-OXCDATA] 2.2.5.1: provider of one-off entry ids; version 0, Unicode, MIME preferred.
const ONE_OFF = Buffer.from('00000000812b1fa4bea310199d6e00dd010f540200000190', 'hex');

/** A one-off entry id in its Unicode form: an address that is in no directory. */
export const oneOff = ({ name, address }: Person): Uint8Array =>
  Buffer.concat([ONE_OFF, ...[name, 'SMTP', address].map((part) => utf16(`${part}\u0000`))]);

/** A recipient row; `flags` is PidTagRecipientFlags ([MS-OXOCAL] 2.2.4.10.1: 1 sendable, 2 organiser). */
export const recipient = (who: Person, type: number = RECIPIENT_TYPE.to, flags = 1): Recipient => ({
  properties: new Bag()
    .int(ID.RecipientType, type)
    .int(ID.ObjectType, 6)
    .binary(ID.EntryId, oneOff(who))
    .text(ID.DisplayName, who.name)
    .text(ID.AddressType, 'SMTP')
    .text(ID.EmailAddress, who.address)
    .int(ID.DisplayType, 0)
    .text(ID.SmtpAddress, who.address)
    .text(0x5ff6, who.name)
    .int(0x5ffd, flags)
    .close(),
});

/** Whoever sent the message, and for whom. */
export const putSender = (bag: Bag, sender: Person | undefined, represented: Person | undefined): void => {
  const from = represented ?? sender;
  const by = sender ?? represented;
  if (from === undefined || by === undefined) return;
  bag
    .text(ID.SentRepresentingName, from.name)
    .text(0x0064, 'SMTP')
    .text(0x0065, from.address)
    .binary(0x0041, oneOff(from))
    .text(0x5d02, from.address)
    .text(ID.SenderName, by.name)
    .text(ID.SenderAddressType, 'SMTP')
    .text(ID.SenderEmailAddress, by.address)
    .binary(ID.SenderEntryId, oneOff(by))
    .text(0x5d01, by.address);
};

/** Where answers go: PidTagReplyRecipientEntries, a list of padded entry ids ([MS-OXCDATA] 2.3.3), and their names. */
export const putReplyTo = (bag: Bag, people: readonly Person[]): void => {
  if (people.length === 0) return;
  const entries = people.map((each) => {
    const id = oneOff(each);
    return Buffer.concat([u32(id.length), id, Buffer.alloc(-id.length & 3)]);
  });
  const list = Buffer.concat(entries);
  bag.binary(0x004f, Buffer.concat([u32(people.length), u32(list.length), list])).text(0x0050, people.map(({ name }) => name).join('; '));
};

/** The person of a Graph recipient, or undefined where it names nobody. */
export const personOf = (object: JsonObject): Person | undefined => {
  const email = objectOf(object, 'emailAddress');
  const address = textOf(email, 'address');
  const name = textOf(email, 'name') ?? address;
  return name === null ? undefined : { name, address: address ?? name };
};

/** The people of a list of Graph recipients. */
export const peopleOf = (object: JsonObject, field: string): readonly Person[] =>
  arrayOf(object, field).flatMap((each) => personOf(each) ?? []);

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
