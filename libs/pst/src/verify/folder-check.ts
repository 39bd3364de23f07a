import { PT } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import type { NodeRef } from '../reader/entries.js';
import type { NodeDatabase } from '../reader/node-database.js';
import { PropertyContext } from '../reader/property-context.js';
import { ROW_ID, TableContext } from '../reader/table-context.js';
import { NID, NID_TYPE, nidType, siblingNid } from '../shared/index.js';
import { COLUMNS } from '../shared/template-columns.js';
import type { Columns } from '../shared/columns.js';
import type { NameMap } from '../reader/names.js';
import { judgeContext } from './context-check.js';
import type { NodeTable } from './node-table.js';

const ID = { displayName: 0x3001, contentCount: 0x3602, unreadCount: 0x3603, subfolders: 0x360a, containerClass: 0x3613 } as const;

/** Columns of a hierarchy row that repeat the folder's own properties. [MS-PST] 2.4.4.4. */
const REPEATED = new Set<number>([ID.displayName, ID.contentCount, ID.unreadCount, ID.subfolders, ID.containerClass]);

/** Rows found for a folder while its messages were checked. */
export type FolderTally = { rows: number; unread: number };

const openPc = async (ndb: NodeDatabase, nid: number): Promise<PropertyContext> => {
  const node = await ndb.node(nid);
  if (node === undefined) throw new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid });
  return PropertyContext.open(ndb, node.bidData, node.bidSub, nid);
};

const openTable = async (ndb: NodeDatabase, nid: number): Promise<TableContext> => {
  const node = await ndb.node(nid);
  if (node === undefined) throw new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid });
  return TableContext.open(ndb, node.bidData, node.bidSub, nid);
};

/** True if both are there and equal, or neither has bytes. */
export const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? (a?.length ?? 0) === (b?.length ?? 0) : Buffer.compare(a, b) === 0;

/** A row's own id must be that of the index, and exist. [MS-PST] 2.3.4.4.1. */
export const judgeRowId = ({ strictness }: NodeDatabase, table: TableContext, row: DataView, nid: number): void => {
  const column = table.columns.find(({ id }) => id === ROW_ID);
  if (column === undefined) return;
  const actual = table.has(row, column) ? row.getUint32(column.ibData, true) : 'missing';
  if (actual !== nid) strictness.flaw(new PstCorrupt('row-id', 'PidTagLtpRowId', { nid, expected: nid, actual }));
};

/** Judges one folder: its properties, its counts against the rows found, its hierarchy table against its child folders. */
export const checkFolder = async (
  ndb: NodeDatabase,
  names: NameMap,
  folder: NodeRef,
  children: readonly number[],
  tally: FolderTally,
): Promise<void> => {
  const { strictness } = ndb;
  const { nid } = folder;
  const pc = await PropertyContext.open(ndb, folder.bidData, folder.bidSub, nid);
  await judgeContext(ndb, pc, nid, names);
  const compare = (field: string, expected: number, actual: number | undefined): void => {
    if (actual !== expected) strictness.flaw(new PstCorrupt('folder-count', field, { nid, expected, actual: actual ?? 'missing' }));
  };
  if (!pc.records.has(ID.displayName)) strictness.flaw(new PstCorrupt('property-missing', 'PidTagDisplayName', { nid }));
  compare('PidTagContentCount', tally.rows, pc.integer(ID.contentCount));
  compare('PidTagContentUnreadCount', tally.unread, pc.integer(ID.unreadCount));
  const subfolders = pc.records.get(ID.subfolders);
  const table = await openTable(ndb, siblingNid(nid, NID_TYPE.hierarchyTable));
  const left = new Set(children);
  let rows = 0;
  for await (const { rowId, position } of table.rowIndex()) {
    rows++;
    if (!left.delete(rowId)) {
      strictness.flaw(
        new PstCorrupt('row-without-object', 'TCROWID/dwRowID', { nid: siblingNid(nid, NID_TYPE.hierarchyTable), actual: rowId }),
      );
      continue;
    }
    await strictness.survive(`folder 0x${rowId.toString(16)}`, () => compareHierarchyRow(ndb, table, position, rowId), undefined);
  }
  for (const missing of left)
    strictness.flaw(
      new PstCorrupt('object-without-row', 'TCROWID/dwRowID', { nid: siblingNid(nid, NID_TYPE.hierarchyTable), actual: missing }),
    );
  compare('PidTagSubfolders', rows > 0 ? 1 : 0, subfolders?.type === PT.Boolean ? subfolders.dwValueHnid & 0xff : undefined);
};

const compareHierarchyRow = async (ndb: NodeDatabase, table: TableContext, position: number, child: number): Promise<void> => {
  const { strictness } = ndb;
  const row = await table.row(position);
  judgeRowId(ndb, table, row, child);
  const pc = await openPc(ndb, child);
  for (const column of table.columns) {
    if (!REPEATED.has(column.id)) continue;
    const record = pc.records.get(column.id);
    const cell = table.has(row, column) ? await table.stored(row, column) : undefined;
    const own = record?.type === column.type ? await pc.stored(record) : undefined;
    // a folder may lack a property that its row has; a row lacks none that its folder has
    if (own !== undefined && !sameBytes(cell, own))
      strictness.flaw(new PstCorrupt('row-differs', 'TC/hierarchy', { nid: child, tag: column.tag }));
  }
};

/** Template tables and the columns they must have. [MS-PST] 2.4.4.4.1 and following. */
const TEMPLATES: readonly (readonly [number, Columns])[] = [
  [NID.hierarchyTemplate, COLUMNS.hierarchy],
  [NID.contentsTemplate, COLUMNS.contents],
  [NID.associatedTemplate, COLUMNS.associated],
  [NID.searchContentsTemplate, COLUMNS.searchContents],
  [NID.attachmentTable, COLUMNS.attachment],
  [NID.recipientTable, COLUMNS.recipient],
];

/** Replica and conversation columns that stores of Outlook 2003 and 2007 lack. */
const LATER = new Set([0x0e30, 0x0e33, 0x0e34, 0x0e38, 0x0e3c, 0x0e3d, 0x1097, 0x3008, 0x3013, 0x65c6, 0x6635, 0x6636]);

/** The tables that new folders and messages are copied from must be there, have their columns, and be empty. [MS-PST] 2.4.6. */
export const checkTemplates = async (ndb: NodeDatabase): Promise<void> => {
  const { strictness } = ndb;
  for (const [nid, columns] of TEMPLATES) {
    const read = async (): Promise<void> => {
      const table = await openTable(ndb, nid);
      const rows = await table.countRows();
      if (rows !== 0) strictness.flaw(new PstCorrupt('template-not-empty', 'TCINFO/hidRowIndex', { nid, expected: 0, actual: rows }));
      const there = new Set(table.columns.map(({ tag }) => tag));
      for (const tag of columns.tags) {
        if (!there.has(tag) && !LATER.has(tag >>> 16)) strictness.flaw(new PstCorrupt('column-missing', 'TCOLDESC/tag', { nid, tag }));
      }
    };
    await strictness.survive('template', read, undefined);
  }
};

/** PidTagValidFolderMask and the entry ids its bits stand for; IPM subtree, deleted items and search root must be there. [MS-PST] 2.4.3. */
const VALID_FOLDER_MASK = 0x35df;
const STORE_FOLDERS = [
  [0x35e0, 0x01, true],
  [0x35e2, 0x04, false],
  [0x35e3, 0x08, true],
  [0x35e4, 0x10, false],
  [0x35e5, 0x20, false],
  [0x35e6, 0x40, false],
  [0x35e7, 0x80, true],
] as const;

/** Entry ids of the message store must carry its own record key and name folders that exist. [MS-PST] 2.4.3.2. */
export const checkStore = async (ndb: NodeDatabase, names: NameMap): Promise<void> => {
  const { strictness } = ndb;
  const nid = NID.messageStore;
  const pc = await openPc(ndb, nid);
  const key = await pc.value(0x0ff9, PT.Binary);
  strictness.expect(
    key?.length === 16 && key.some((byte) => byte !== 0),
    () => new PstCorrupt('record-key', 'PidTagRecordKey', { nid, expected: 16, actual: key?.length ?? 'missing' }),
  );
  await judgeContext(ndb, pc, nid, names);
  const mask = pc.integer(VALID_FOLDER_MASK);
  for (const [id, bit, required] of STORE_FOLDERS) {
    const tag = id * 0x1_0000 + PT.Binary;
    const there = pc.records.has(id);
    if (mask !== undefined && there !== ((mask & bit) !== 0))
      strictness.flaw(new PstCorrupt('folder-mask', 'PidTagValidFolderMask', { nid, tag, actual: mask }));
    if (!there && !required) continue;
    const entryId = await pc.value(id, PT.Binary);
    const wrong = (actual: number | string): void => strictness.flaw(new PstCorrupt('entry-id', 'EntryID', { nid, tag, actual }));
    if (entryId?.length !== 24) wrong(entryId?.length ?? 'missing');
    else if (key !== undefined && !sameBytes(entryId.subarray(4, 20), key)) wrong('another store');
    else {
      const target = new DataView(entryId.buffer, entryId.byteOffset).getUint32(20, true);
      const isFolder = nidType(target) === NID_TYPE.folder || nidType(target) === NID_TYPE.searchFolder;
      if (!isFolder || (await ndb.node(target)) === undefined) wrong(target);
    }
  }
};

/** Child folders, search folders included, by parent. */
export const childrenByParent = ({ folders, searchFolders }: NodeTable): Map<number, number[]> => {
  const out = new Map<number, number[]>();
  for (const { nid, nidParent } of [...folders, ...searchFolders]) {
    if (nid === NID.rootFolder) continue;
    const known = out.get(nidParent);
    if (known === undefined) out.set(nidParent, [nid]);
    else known.push(nid);
  }
  return out;
};
