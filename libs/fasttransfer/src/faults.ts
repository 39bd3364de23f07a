import { Fault, type Facts } from '@pstream/kernel';

/** What can be wrong with an export stream; the fault's code is `fasttransfer.<condition>`. */
export type Condition =
  /** The inner stream ends inside an element or an open subobject. */
  | 'truncated'
  /** The file ends inside an outer record, or before the first TransferBuffer. */
  | 'truncated-record'
  /** The server put its truncation text at the end. */
  | 'server-truncated'
  | 'bad-base64'
  | 'unknown-opcode'
  /** A record of a whole-mailbox move (opcodes 11 to 17). */
  | 'unsupported-opcode'
  | 'bad-record-length'
  | 'record-order'
  | 'unsupported-method'
  | 'unsupported-interface'
  | 'unknown-type'
  | 'bad-name-kind'
  | 'odd-utf16'
  /** A marker of folder copies or synchronization. */
  | 'unknown-marker'
  /** An item's marker where the grammar has none. */
  | 'unexpected-marker'
  /** A property where the grammar has none, or one that belongs to no item. */
  | 'unexpected-property'
  | 'too-deep'
  /** FXErrorInfo: the server failed while it wrote the item. */
  | 'server-error';

const ADVICE: Partial<Record<Condition, string>> = {
  truncated: 'Export the item again; if it stays short, report it as failed with its raw bytes.',
  'truncated-record': 'Export the item again; if it stays short, report it as failed with its raw bytes.',
  'server-truncated': 'Export again with growing pauses; after eight hours Microsoft asks for a support case.',
  'server-error': 'The server could not write the item; export it by MIME, or report it.',
};

const RETRIED: ReadonlySet<Condition> = new Set(['truncated', 'truncated-record', 'server-truncated']);

/** Where an element begins: byte offsets into the joined stream and into the file, and the property read before it (tag as 0x0037001f). */
export type Place = { readonly streamOffset: number | null; readonly fileOffset: number; readonly lastTag: string | null };

/** Makes the Fault `fasttransfer.<condition>`; truncations may be retried now, everything else never. Facts carry the place, and no content. */
export const damaged = (condition: Condition, place: Place, facts: Facts = {}): Fault =>
  new Fault(`fasttransfer.${condition}`, {
    retry: RETRIED.has(condition) ? 'now' : 'never',
    facts: { ...place, ...facts },
    ...(ADVICE[condition] === undefined ? {} : { advice: ADVICE[condition] }),
  });
