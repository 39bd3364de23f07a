import { ID, MESSAGE_FLAG, PT, makeTag } from '@pstream/mapi';

import type { KeptBag } from '../../fidelity/index.js';
import { hash16 } from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { Table } from '../ltp/table-context.js';
import type { Blocks } from '../ndb/blocks.js';
import { setCells } from './messages.js';
import type { ResolvedBag } from './property-lists.js';
import { COLUMNS } from '../../shared/template-columns.js';
import { upperCase } from './upper-case.js';

const FLAGS_TAG = makeTag(ID.MessageFlags, PT.Integer32);
const TOPIC_TAG = makeTag(ID.ConversationTopic, PT.String);
const INDEX_TAG = makeTag(ID.ConversationIndex, PT.Binary);
const TRACKING_TAG = makeTag(0x3016, PT.Boolean);
const CONVERSATION_ID_TAG = makeTag(ID.ConversationId, PT.Binary);

const column = (tag: number): number => COLUMNS.contents.positionOf(tag);
const STATUS_COLUMN = column(makeTag(ID.MessageStatus, PT.Integer32));
const TO_ME_TAG = makeTag(ID.MessageToMe, PT.Boolean);
const CC_ME_TAG = makeTag(ID.MessageCcMe, PT.Boolean);
const CONVERSATION_ID_COLUMN = column(CONVERSATION_ID_TAG);
const ASSOCIATED_STATUS_COLUMN = COLUMNS.associated.positionOf(makeTag(ID.MessageStatus, PT.Integer32));

const ZERO = new Uint8Array(4);
const FALSE = new Uint8Array(1);
/** PidTagLtpRowVer of every row: nobody has changed it since. */
const ROW_VERSION = 1;

/** Heap blocks a contents table may have before the part has to be cut; a HID reaches 65,536. */
export const MAX_TABLE_HEAP_BLOCKS = 64_000;
/** Long cells before the part has to be cut; a subnode tree reaches 173,400. */
export const MAX_LONG_CELLS = 170_000;

/** A folder as the store has it. */
export type FolderFacts = {
  readonly nid: number;
  readonly parentNid: number;
  readonly name: string;
  readonly containerClass: string;
  readonly wellKnownName: string | undefined;
  readonly bag: KeptBag;
};

/** A folder that is being filled: its facts and its two tables, which come into being with the first item. */
export class OpenFolder {
  readonly facts: FolderFacts;
  unread = 0;
  contents: Table | undefined;
  associated: Table | undefined;

  constructor(facts: FolderFacts) {
    this.facts = facts;
  }

  get itemCount(): number {
    return this.contents?.rowCount ?? 0;
  }

  /** Upper bound of the bytes its tables will add to the file. */
  get closingBytes(): number {
    return (this.contents?.closingBytes ?? 0) + (this.associated?.closingBytes ?? 0);
  }

  /** True when a table is near a limit of the format. */
  get isFull(): boolean {
    const { contents } = this;
    return contents !== undefined && (contents.heapBlocks >= MAX_TABLE_HEAP_BLOCKS || contents.longCellCount >= MAX_LONG_CELLS);
  }

  /** Adds the row of a message; cells are copies of its properties. [MS-PST] 2.4.4.5. */
  addRow(nid: number, message: ResolvedBag, blocks: Blocks): void {
    const table = (this.contents ??= new Table(COLUMNS.contents, 512));
    const flags = message.valueOf(FLAGS_TAG) ?? ZERO;
    if (((flags[0] as number) & MESSAGE_FLAG.read) === 0) this.unread++;
    table.beginRow(nid, ROW_VERSION, blocks);
    setCells(table, COLUMNS.contents, message.tags, message.values, blocks);
    table.setCell(STATUS_COLUMN, ZERO, blocks);
    for (const tag of [TO_ME_TAG, CC_ME_TAG]) if (message.valueOf(tag) === undefined) table.setCell(column(tag), FALSE, blocks);
    if (message.valueOf(CONVERSATION_ID_TAG) === undefined) {
      const id = conversationId(message);
      if (id !== undefined) table.setCell(CONVERSATION_ID_COLUMN, id, blocks);
    }
    table.endRow(blocks);
  }

  /** Adds the row of a hidden item. [MS-PST] 2.4.4.6. */
  addAssociatedRow(nid: number, message: ResolvedBag, blocks: Blocks): void {
    const table = (this.associated ??= new Table(COLUMNS.associated, 512));
    table.beginRow(nid, ROW_VERSION, blocks);
    setCells(table, COLUMNS.associated, message.tags, message.values, blocks);
    table.setCell(ASSOCIATED_STATUS_COLUMN, ZERO, blocks);
    table.endRow(blocks);
  }

  save(out: StateWriter): void {
    out.int(this.unread);
    out.int((this.contents === undefined ? 0 : 1) + (this.associated === undefined ? 0 : 2));
    this.contents?.save(out);
    this.associated?.save(out);
  }

  load(from: StateReader): void {
    this.unread = from.int();
    const tables = from.int();
    if ((tables & 1) !== 0) (this.contents ??= new Table(COLUMNS.contents, 512)).load(from);
    if ((tables & 2) !== 0) (this.associated ??= new Table(COLUMNS.associated, 512)).load(from);
  }
}

/** PidTagConversationId: from a valid index when conversations are tracked, else MD5 of the upper-cased topic. [MS-OXOMSG] 2.2.1.2. */
const conversationId = (message: ResolvedBag): Uint8Array | undefined => {
  const index = message.valueOf(INDEX_TAG);
  if (index !== undefined && index.length >= 22 && index[0] === 1 && message.valueOf(TRACKING_TAG)?.[0] === 1) return index.subarray(6, 22);
  const topic = message.valueOf(TOPIC_TAG);
  if (topic === undefined || topic.length === 0) return undefined;
  return hash16('md5', upperCase(topic));
};
