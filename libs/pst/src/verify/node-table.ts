import { PstCorrupt } from '../format/index.js';
import type { Header } from '../reader/header.js';
import type { NodeRef } from '../reader/entries.js';
import type { NodeDatabase } from '../reader/node-database.js';
import type { Strictness } from '../reader/strictness.js';
import { NID, NID_TYPE, nidIndex, nidType, siblingNid } from '../shared/index.js';
import { isInternal } from '../reader/decode-block.js';
import type { BlockTable } from './block-table.js';

/** Nodes a store needs to be opened without repair, and how they are called in problems. [MS-PST] 2.7.1. */
const MANDATORY: readonly number[] = [
  NID.messageStore,
  NID.nameToIdMap,
  NID.rootFolder,
  siblingNid(NID.rootFolder, NID_TYPE.hierarchyTable),
  siblingNid(NID.rootFolder, NID_TYPE.contentsTable),
  siblingNid(NID.rootFolder, NID_TYPE.associatedTable),
  NID.searchManagementQueue,
  NID.searchActivityList,
  NID.hierarchyTemplate,
  NID.contentsTemplate,
  NID.associatedTemplate,
  NID.searchContentsTemplate,
  NID.attachmentTable,
  NID.recipientTable,
];

/** First index that is not reserved for fixed nodes. [MS-PST] 2.2.2.6 rgnid. */
const FIRST_FREE_INDEX = 0x400;

const hasParent = (type: number): boolean =>
  type === NID_TYPE.folder || type === NID_TYPE.searchFolder || type === NID_TYPE.message || type === NID_TYPE.associatedMessage;

/** The node B-tree, sorted by kind. Messages are in nid order, which is the order in which they were written. */
export type NodeTable = {
  readonly folders: readonly NodeRef[];
  readonly searchFolders: readonly NodeRef[];
  readonly messages: readonly NodeRef[];
  readonly associated: readonly NodeRef[];
  readonly tables: ReadonlySet<number>;
};

/** Reads the whole NBT, counts its references to blocks and judges parents and counters. */
export const loadNodes = async (ndb: NodeDatabase, blocks: BlockTable, onPage: (ib: number) => void): Promise<NodeTable> => {
  const { strictness, header } = ndb;
  const folders: NodeRef[] = [];
  const searchFolders: NodeRef[] = [];
  const messages: NodeRef[] = [];
  const associated: NodeRef[] = [];
  const tables = new Set<number>();
  const seen = new Set<number>(MANDATORY);
  for await (const node of ndb.nodes((page) => onPage(page.ib))) {
    seen.delete(node.nid);
    judgeNode(node, header, blocks, strictness);
    const type = nidType(node.nid);
    if (type === NID_TYPE.folder) folders.push(node);
    else if (type === NID_TYPE.searchFolder) searchFolders.push(node);
    else if (type === NID_TYPE.message) messages.push(node);
    else if (type === NID_TYPE.associatedMessage) associated.push(node);
    else if (type >= NID_TYPE.hierarchyTable && type <= NID_TYPE.associatedTable) tables.add(node.nid);
  }
  for (const nid of seen) strictness.flaw(new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid }));
  judgeParents({ folders, searchFolders, messages, associated, tables }, strictness);
  return { folders, searchFolders, messages, associated, tables };
};

const judgeNode = (node: NodeRef, header: Header, blocks: BlockTable, strictness: Strictness): void => {
  const { nid, bidData, bidSub, nidParent } = node;
  const type = nidType(nid);
  for (const [field, bid] of [
    ['bidData', bidData],
    ['bidSub', bidSub],
  ] as const) {
    if (!blocks.refer(bid)) strictness.flaw(new PstCorrupt('block-missing', `NBTENTRY/${field}`, { nid, bid }));
  }
  if (bidSub !== 0 && !isInternal(bidSub)) strictness.flaw(new PstCorrupt('wrong-block-kind', 'NBTENTRY/bidSub', { nid, bid: bidSub }));
  const highest = header.rgnid[type] as number;
  const index = nidIndex(nid);
  if (type !== NID_TYPE.internal && index >= FIRST_FREE_INDEX && index > highest) {
    strictness.flaw(new PstCorrupt('counter-too-low', 'HEADER/rgnid', { nid, expected: index, actual: highest }));
  }
  if (!hasParent(type) && nidParent !== 0)
    strictness.flaw(new PstCorrupt('unexpected-parent', 'NBTENTRY/nidParent', { nid, expected: 0, actual: nidParent }));
  if (hasParent(type) && bidData === 0) strictness.flaw(new PstCorrupt('node-without-data', 'NBTENTRY/bidData', { nid }));
};

const judgeParents = (nodes: NodeTable, strictness: Strictness): void => {
  const parents = new Map(nodes.folders.map(({ nid, nidParent }) => [nid, nidParent]));
  for (const { nid, nidParent } of [...nodes.folders, ...nodes.searchFolders, ...nodes.messages, ...nodes.associated]) {
    if (nid === NID.rootFolder ? nidParent !== nid : !parents.has(nidParent)) {
      strictness.flaw(new PstCorrupt('parent-not-a-folder', 'NBTENTRY/nidParent', { nid, actual: nidParent }));
    }
  }
  for (const { nid } of nodes.folders) {
    const seen = new Set<number>();
    let at: number | undefined = nid;
    while (at !== undefined && at !== NID.rootFolder && !seen.has(at)) {
      seen.add(at);
      at = parents.get(at);
    }
    if (at !== NID.rootFolder) strictness.flaw(new PstCorrupt('folder-cycle', 'NBTENTRY/nidParent', { nid }));
    for (const type of [NID_TYPE.hierarchyTable, NID_TYPE.contentsTable, NID_TYPE.associatedTable]) {
      const table = siblingNid(nid, type);
      if (!nodes.tables.has(table)) strictness.flaw(new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid: table }));
    }
  }
};
