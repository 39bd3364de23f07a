import { HEADER, HEADER_ANSI, PstCorrupt } from '../format/index.js';
import { CRYPT } from '../shared/index.js';
import { formOf } from './header.js';
import { Strictness } from './strictness.js';

/** Bytes from the start of a file that `storeHead` needs. */
export const HEAD_BYTES = HEADER.size;

/** wMagicClient, which says whose store it is. [MS-PST] 2.2.2.6 knows the first; that of an OST is as measured. */
const CLIENTS = new Map<string, StoreHead['kind']>([
  ['SM', 'pst'],
  ['SO', 'ost'],
]);

/** What the first bytes of a store say. `closed` is false where the last program that wrote to it did not close it; sizes in bytes. */
export type StoreHead = {
  readonly kind: 'pst' | 'ost';
  readonly form: 'unicode' | 'ansi' | 'unicode-4k';
  readonly encoding: 'none' | 'permute' | 'cyclic' | 'unknown';
  readonly bytes: number;
  readonly closed: boolean;
};

/** Reads the first bytes of a file. Undefined for what is no store of messages; a code such as 'pst.truncated' for a store that cannot be read. */
export const storeHead = (head: Uint8Array): StoreHead | { readonly damaged: string } | undefined => {
  if (Buffer.from(head.subarray(0, 4)).toString('latin1') !== '!BDN') return undefined;
  const client = Buffer.from(head.subarray(8, 10)).toString('latin1');
  const kind = CLIENTS.get(client);
  // An address book has the same magic, and no messages.
  if (kind === undefined) return client === 'AB' ? undefined : { damaged: 'pst.unexpected-value' };
  try {
    const { form } = formOf(head, new Strictness('lenient'));
    const { root, bCryptMethod } = form.wide ? HEADER.decode(head) : HEADER_ANSI.decode(head);
    const encoding = Object.entries(CRYPT).find(([, method]) => method === bCryptMethod)?.[0] as StoreHead['encoding'] | undefined;
    return { kind, form: form.name, encoding: encoding ?? 'unknown', bytes: Number(root.ibFileEof), closed: root.fAMapValid !== 0 };
  } catch (error) {
    if (error instanceof PstCorrupt) return { damaged: error.code };
    throw error;
  }
};
