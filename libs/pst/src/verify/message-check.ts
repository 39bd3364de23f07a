import { PT } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import type { MessageReader } from '../reader/message.js';
import type { NodeDatabase, SubnodeRef } from '../reader/node-database.js';
import type { PropertyContext, PropertyRecord } from '../reader/property-context.js';
import { TableContext } from '../reader/table-context.js';
import { isInline } from '../reader/values.js';
import { NID, NID_TYPE, nidType } from '../shared/index.js';
import { judgeRecords } from './context-check.js';
import { judgeRowId, sameBytes } from './folder-check.js';

const ID = {
  messageClass: 0x001a,
  messageFlags: 0x0e07,
  messageSize: 0x0e08,
  attachSize: 0x0e20,
  creationTime: 0x3007,
  lastModificationTime: 0x3008,
  searchKey: 0x300b,
  attachData: 0x3701,
  attachMethod: 0x3705,
  renderingPosition: 0x370b,
} as const;

/** Properties that a message must have. */
export const REQUIRED = [ID.messageClass, ID.messageFlags, ID.messageSize, ID.creationTime, ID.lastModificationTime, ID.searchKey];
/** Bit of PidTagMessageFlags. */
export const HAS_ATTACHMENT = 0x10;
/** Sizes are signed 32-bit numbers. */
export const MOST_SIZE = 0x7fff_ffff;
const MAX_DEPTH = 64;
/** Properties that an attachment must have. */
export const REQUIRED_OF_ATTACHMENTS = [ID.attachSize, ID.attachMethod, ID.renderingPosition];
/** Subnodes a message may have besides those its properties and tables use. [MS-PST] 2.4.5. */
export const TABLES = new Set<number>([
  NID.attachmentTable,
  NID.recipientTable,
  NID.changeHistoryTable,
  NID.replicationTable,
  NID.changeTrackingTable,
]);
/** Columns of the attachment table that repeat the attachment's properties. [MS-PST] 2.4.6.1. */
export const ATTACHMENT_COLUMNS = new Set<number>([ID.attachSize, 0x3704, ID.attachMethod, ID.renderingPosition]);

/** Bytes of a node's data and of all its subnodes, recursively: what PidTagMessageSize counts. */
export const deepBytes = async (ndb: NodeDatabase, node: { bidData: number; bidSub: number }, depth = 0): Promise<number> => {
  if (depth > 2 * MAX_DEPTH) throw new PstCorrupt('nested-too-deep', 'SLENTRY/bidSub', { bid: node.bidSub });
  let bytes = (await ndb.dataTree(node.bidData)).bytes;
  if (node.bidSub === 0) return bytes;
  for (const sub of (await ndb.subnodes(node.bidSub)).values()) bytes += await deepBytes(ndb, sub, depth + 1);
  return bytes;
};

/** Judges a message as an object: required properties, size, flags, every subnode used and every table row true to its object. */
export const checkMessage = async (ndb: NodeDatabase, reader: MessageReader, node: SubnodeRef, depth = 0): Promise<void> => {
  const { strictness } = ndb;
  const { pc } = reader;
  const { nid } = node;
  for (const id of REQUIRED) {
    // an embedded message needs no search key
    if (!pc.records.has(id) && (depth === 0 || id !== ID.searchKey))
      strictness.flaw(new PstCorrupt('property-missing', 'PC', { nid, tag: id * 0x1_0000 }));
  }
  const size = Math.min(await deepBytes(ndb, node), MOST_SIZE);
  const told = pc.integer(ID.messageSize);
  if (told !== undefined && told !== size)
    strictness.flaw(new PstCorrupt('size-mismatch', 'PidTagMessageSize', { nid, expected: size, actual: told }));
  await judgeRecords(ndb, pc, nid);

  const attachments = new Set(reader.attachmentNids());
  const used = new Set<number>([...usedBy(pc), ...TABLES, ...attachments]);
  for (const sub of pc.subnodes.keys())
    if (!used.has(sub)) strictness.flaw(new PstCorrupt('subnode-unreferenced', 'SLENTRY/nid', { nid, actual: sub }));
  const flagged = ((pc.integer(ID.messageFlags) ?? 0) & HAS_ATTACHMENT) !== 0;
  if (flagged !== attachments.size > 0)
    strictness.flaw(new PstCorrupt('attachment-flag', 'PidTagMessageFlags', { nid, expected: attachments.size, actual: Number(flagged) }));
  await checkAttachmentTable(ndb, reader, nid, attachments);
  for (const attachment of attachments) {
    await strictness.survive(`message 0x${nid.toString(16)}`, () => checkAttachment(ndb, reader, attachment, depth), undefined);
  }
};

/** Subnodes that hold values of this property context. */
const usedBy = (pc: PropertyContext): number[] =>
  [...pc.records.values()]
    .filter(({ type, dwValueHnid }) => !isInline(type) && (dwValueHnid & 0x1f) !== 0)
    .map(({ dwValueHnid }) => dwValueHnid);

const checkAttachmentTable = async (
  ndb: NodeDatabase,
  reader: MessageReader,
  nid: number,
  attachments: ReadonlySet<number>,
): Promise<void> => {
  const { strictness } = ndb;
  const sub = reader.pc.subnodes.get(NID.attachmentTable);
  if (sub === undefined) {
    if (attachments.size > 0) strictness.flaw(new PstCorrupt('subnode-missing', 'SLENTRY/nid', { nid, actual: NID.attachmentTable }));
    return;
  }
  const table = await TableContext.open(ndb, sub.bidData, sub.bidSub, sub.nid);
  const left = new Set(attachments);
  for await (const { rowId, position } of table.rowIndex()) {
    if (!left.delete(rowId)) {
      strictness.flaw(new PstCorrupt('row-without-object', 'TCROWID/dwRowID', { nid, actual: rowId }));
      continue;
    }
    const compare = async (): Promise<DataView> =>
      compareRow(ndb, table, position, await reader.attachmentContext(rowId), rowId, ATTACHMENT_COLUMNS);
    await strictness.survive(`message 0x${nid.toString(16)}`, compare, undefined);
  }
  for (const missing of left) strictness.flaw(new PstCorrupt('object-without-row', 'TCROWID/dwRowID', { nid, actual: missing }));
};

/** Compares the cells of a row with the properties they repeat. */
export const compareRow = async (
  ndb: NodeDatabase,
  table: TableContext,
  position: number,
  pc: PropertyContext,
  nid: number,
  columns: ReadonlySet<number>,
): Promise<DataView> => {
  const row = await table.row(position);
  judgeRowId(ndb, table, row, nid);
  for (const column of table.columns) {
    if (!columns.has(column.id)) continue;
    const record = pc.records.get(column.id);
    const own = record?.type === column.type ? await pc.stored(record) : undefined;
    const cell = table.has(row, column) ? await table.stored(row, column) : undefined;
    if (!sameBytes(cell, own)) ndb.strictness.flaw(new PstCorrupt('row-differs', 'TC/cell', { nid, tag: column.tag }));
  }
  return row;
};

/** Bytes a value counts for in PidTagAttachSize: its own, or for an object what its record says. */
const valueBytes = async (pc: PropertyContext, record: PropertyRecord): Promise<number> => {
  if (record.type === PT.Object) return (await pc.object(record)).bytes;
  return (await pc.tree(record))?.bytes ?? (await pc.stored(record)).length;
};

const checkAttachment = async (ndb: NodeDatabase, owner: MessageReader, nid: number, depth: number): Promise<void> => {
  const { strictness } = ndb;
  const pc = await owner.attachmentContext(nid);
  await judgeRecords(ndb, pc, nid);
  for (const id of REQUIRED_OF_ATTACHMENTS) {
    if (!pc.records.has(id)) strictness.flaw(new PstCorrupt('property-missing', 'PC', { nid, tag: id * 0x1_0000 }));
  }
  let size = 0;
  for (const record of pc.records.values()) size += await valueBytes(pc, record);
  const told = pc.integer(ID.attachSize);
  if (told !== undefined && told !== Math.min(size, MOST_SIZE))
    strictness.flaw(new PstCorrupt('size-mismatch', 'PidTagAttachSize', { nid, expected: size, actual: told }));
  const used = new Set(usedBy(pc));
  const data = pc.records.get(ID.attachData);
  if (data?.type === PT.Object) {
    const object = await pc.object(data);
    used.add(object.nid);
    const inner = pc.subnode(object.nid, data);
    const bytes = await deepBytes(ndb, inner);
    if (object.bytes !== bytes)
      strictness.flaw(new PstCorrupt('size-mismatch', 'PtypObject/ulSize', { nid, expected: bytes, actual: object.bytes }));
    if (nidType(inner.nid) === NID_TYPE.message && depth < MAX_DEPTH)
      await checkMessage(ndb, await owner.embedded(inner), inner, depth + 1);
  }
  for (const sub of pc.subnodes.keys())
    if (!used.has(sub)) strictness.flaw(new PstCorrupt('subnode-unreferenced', 'SLENTRY/nid', { nid, actual: sub }));
};
