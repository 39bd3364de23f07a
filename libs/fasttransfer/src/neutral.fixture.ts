import { createHash } from 'node:crypto';
import type { MapiItem, Property } from '@pstream/mapi';

/** An item as lines that any implementation can make: a line per property with the digest of its value, and lines around its parts.
 *  Two items have the same lines if and only if they have the same content; warnings are left out. */
export const neutral = (item: MapiItem): readonly string[] => [
  `message ${item.associated ? 'associated' : 'plain'}`,
  ...item.properties.map(line),
  ...item.recipients.flatMap(({ properties }) => ['recipient', ...properties.map(line)]),
  ...item.attachments.flatMap(({ properties, embedded }) => [
    'attachment',
    ...properties.map(line),
    ...(embedded === undefined ? [] : neutral(embedded)),
  ]),
  'end',
];

/** `id type [set lid|name] sha256`; string names as the hex of their UTF-16LE. A list of counted values digests each with its length before it. */
const line = ({ id, type, value, values, name }: Property): string => {
  const hash = createHash('sha256');
  if (values === undefined) hash.update(value);
  for (const one of values ?? []) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(one.length);
    hash.update(length).update(one);
  }
  const called =
    name === undefined ? '-' : `${hex(name.set)} ${name.lid === undefined ? hex(Buffer.from(name.name, 'utf16le')) : name.lid}`;
  return `${id.toString(16).padStart(4, '0')} ${type.toString(16).padStart(4, '0')} ${called} ${hash.digest('hex')}`;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
