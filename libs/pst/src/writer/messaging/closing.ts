import { createHash } from 'node:crypto';

import { ID, MULTIPLE, PT, makeTag, utf16 } from '@pstream/mapi';

import { DropTally, KeptBag, int32, storedValue } from '../../fidelity/index.js';
import { NID, NID_TYPE, put32, siblingNid } from '../../shared/index.js';
import { BTH_HEADER_BYTES, putBthHeader } from '../ltp/bth.js';
import type { Columns } from '../../shared/columns.js';
import { HEAP_CLIENT, Heap } from '../ltp/heap.js';
import type { PropertyContexts, PropertyList } from '../ltp/property-context.js';
import { Subnodes } from '../ltp/subnodes.js';
import { Table } from '../ltp/table-context.js';
import type { Blocks } from '../ndb/blocks.js';
import { LISTED_FOLDERS, defaultFolder } from './default-folders.js';
import { entryIdOf } from './entry-id.js';
import { OpenFolder } from './folder.js';
import type { Folders } from './folders.js';
import { setCells, type Messages } from './messages.js';
import type { NameMap } from './name-map.js';
import type { Nodes } from './nodes.js';
import { ResolvedBag } from './property-lists.js';
import { COLUMNS } from '../../shared/template-columns.js';

const NAME_TAG = makeTag(ID.DisplayName, PT.String);
const CONTENT_COUNT_TAG = makeTag(ID.ContentCount, PT.Integer32);
const UNREAD_COUNT_TAG = makeTag(ID.ContentUnreadCount, PT.Integer32);
const SUBFOLDERS_TAG = makeTag(ID.Subfolders, PT.Boolean);
const CLASS_TAG = makeTag(ID.ContainerClass, PT.String);
/** Search criteria state of a search folder that is not running. [MS-PST] 2.4.8.6.3. */
const SEARCH_FLAGS_TAG = makeTag(0x660b, PT.Integer32);
const RECEIVE_FOLDER_TAG = makeTag(0x6605, PT.Integer32);
const MESSAGE_CLASS_TAG = makeTag(ID.MessageClass, PT.String);

const ZERO = int32(0);
const TRUE = Uint8Array.of(1);
const FALSE = Uint8Array.of(0);
const ROW_VERSION = 1;

/** Bits of PidTagValidFolderMask that every store has: IPM subtree, Deleted Items, finder. [MS-PST] 2.4.3.1. */
const BASE_VALID_MASK = 0x01 | 0x08 | 0x80;

/** What the closing step works on. */
export type ClosingParts = {
  readonly blocks: Blocks;
  readonly contexts: PropertyContexts;
  readonly names: NameMap;
  readonly nodes: Nodes;
  readonly folders: Folders;
  readonly messages: Messages;
  readonly recordKey: Uint8Array;
  readonly displayName: string;
};

/** Properties in ascending order from a list of tag and value. */
const listOf = (...pairs: readonly (readonly [number, Uint8Array])[]): PropertyList => {
  const sorted = pairs.toSorted((a, b) => a[0] - b[0]);
  return { tags: sorted.map(([tag]) => tag), values: sorted.map(([, value]) => value) };
};

const childRow = (child: OpenFolder, hasChildren: boolean): [number, Uint8Array][] => {
  const row: [number, Uint8Array][] = [
    [NAME_TAG, utf16(child.facts.name)],
    [CONTENT_COUNT_TAG, int32(child.itemCount)],
    [UNREAD_COUNT_TAG, int32(child.unread)],
    [SUBFOLDERS_TAG, hasChildren ? TRUE : FALSE],
  ];
  if (child.facts.containerClass !== '') row.push([CLASS_TAG, utf16(child.facts.containerClass)]);
  return row;
};

const fixedFolder = (nid: number, parentNid: number, name: string, containerClass: string): OpenFolder =>
  new OpenFolder({ nid, parentNid, name, containerClass, wellKnownName: undefined, bag: new KeptBag() });

/** Writes what comes last: folders, templates, the store, queues, the search folder, the name-to-id map. [MS-PST] 2.4 and 2.7.1.
 *  `between` is called after each piece, to hand over extents that are complete. */
export class Closing {
  readonly #parts: ClosingParts;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  /** Writes everything; returns the number of folders, the fixed ones included. */
  async run(between: () => Promise<void>): Promise<number> {
    const { folders } = this.#parts;
    const own = [...folders.all()];
    const all = [
      fixedFolder(NID.rootFolder, NID.rootFolder, '', ''),
      fixedFolder(NID.ipmSubtree, NID.rootFolder, 'Top of Personal Folders', ''),
      fixedFolder(NID.searchRoot, NID.rootFolder, 'Search Root', ''),
      ...(own.some((folder) => folder.facts.nid === NID.deletedItems)
        ? []
        : [fixedFolder(NID.deletedItems, NID.ipmSubtree, 'Deleted Items', 'IPF.Note')]),
      ...own,
    ];
    const children = new Map<number, OpenFolder[]>();
    for (const folder of all) {
      const { nid, parentNid } = folder.facts;
      if (nid === NID.rootFolder) continue;
      const siblings = children.get(parentNid);
      if (siblings === undefined) children.set(parentNid, [folder]);
      else siblings.push(folder);
    }
    const search = fixedFolder(NID.spamSearchFolder, NID.rootFolder, 'SPAM Search Folder 2', '');
    children.get(NID.rootFolder)?.push(search);
    for (const folder of all) {
      this.#folder(folder, children, own);
      await between();
    }
    this.#templates();
    this.#searchFolder(search);
    this.#queues(own);
    this.#store(own);
    await between();
    this.#properties(NID.nameToIdMap, this.#parts.names.toProperties(), 0);
    await between();
    return all.length;
  }

  #folder(folder: OpenFolder, children: ReadonlyMap<number, OpenFolder[]>, own: readonly OpenFolder[]): void {
    const { nid, parentNid, bag } = folder.facts;
    const kids = (children.get(nid) ?? []).toSorted((a, b) => a.facts.nid - b.facts.nid);
    const hierarchy = new Table(COLUMNS.hierarchy, 512);
    for (const kid of kids) {
      hierarchy.beginRow(kid.facts.nid, ROW_VERSION, this.#parts.blocks);
      const row = listOf(...childRow(kid, children.has(kid.facts.nid)));
      setCells(hierarchy, COLUMNS.hierarchy, row.tags, row.values, this.#parts.blocks);
    }
    this.#table(siblingNid(nid, NID_TYPE.hierarchyTable), hierarchy);
    this.#table(siblingNid(nid, NID_TYPE.contentsTable), folder.contents ?? new Table(COLUMNS.contents, 512));
    this.#table(siblingNid(nid, NID_TYPE.associatedTable), folder.associated ?? new Table(COLUMNS.associated, 512));
    const kept = new KeptBag();
    bag.tags.forEach((tag, i) => kept.put(tag, bag.values[i] as Uint8Array));
    kept.names.push(...bag.names);
    kept.namedTypes.push(...bag.namedTypes);
    kept.namedValues.push(...bag.namedValues);
    for (const [tag, value] of childRow(folder, kids.length > 0)) kept.put(tag, value);
    if (nid === NID.rootFolder || folder.facts.wellKnownName === 'inbox') {
      for (const { facts } of own) {
        const property = defaultFolder(facts.wellKnownName)?.folderProperty;
        if (property !== undefined) kept.put(makeTag(property, PT.Binary), this.#entryId(facts.nid));
      }
      const listed = this.#listedFolders(own);
      if (listed !== undefined) kept.put(makeTag(ID.AdditionalRenEntryIds, PT.Binary | MULTIPLE), listed);
    }
    this.#properties(nid, new ResolvedBag(kept, this.#parts.names, new DropTally()), parentNid);
  }

  /** The list of entry ids that has no property for each, as it is stored; undefined if none of its folders is there. */
  #listedFolders(own: readonly OpenFolder[]): Uint8Array | undefined {
    const values: Uint8Array[] = Array.from({ length: LISTED_FOLDERS }, () => new Uint8Array(0));
    for (const { facts } of own) {
      const index = defaultFolder(facts.wellKnownName)?.listIndex;
      if (index !== undefined) values[index] = this.#entryId(facts.nid);
    }
    if (values.every(({ length }) => length === 0)) return undefined;
    const { id, type } = { id: ID.AdditionalRenEntryIds, type: PT.Binary | MULTIPLE };
    return storedValue({ id, type, value: new Uint8Array(0), values }) ?? undefined;
  }

  /** Template tables and the other tables without rows. */
  #templates(): void {
    const tables: readonly (readonly [number, Columns])[] = [
      [NID.hierarchyTemplate, COLUMNS.hierarchy],
      [NID.contentsTemplate, COLUMNS.contents],
      [NID.associatedTemplate, COLUMNS.associated],
      [NID.searchContentsTemplate, COLUMNS.searchContents],
      [NID.outgoingQueueTable, COLUMNS.outgoingQueue],
      [NID.attachmentTable, COLUMNS.attachment],
      [NID.recipientTable, COLUMNS.recipient],
      [NID.changeHistoryTable, COLUMNS.changeHistory],
      [NID.replicationTable, COLUMNS.replication],
      [NID.changeTrackingTable, COLUMNS.changeTracking],
    ];
    for (const [nid, columns] of tables) this.#table(nid, new Table(columns, 512));
  }

  /** The search folder that Outlook makes in every store. */
  #searchFolder(search: OpenFolder): void {
    const { nodes } = this.#parts;
    this.#properties(NID.spamSearchFolder, listOf(...childRow(search, false)), NID.rootFolder);
    nodes.add(NID.spamSearchUpdateQueue, 0, 0, 0);
    this.#properties(NID.spamSearchCriteria, listOf([SEARCH_FLAGS_TAG, ZERO]), 0);
    this.#table(NID.spamSearchContentsTable, new Table(COLUMNS.searchContents, 512));
  }

  #queues(own: readonly OpenFolder[]): void {
    const { blocks, nodes } = this.#parts;
    nodes.add(NID.searchManagementQueue, 0, 0, 0);
    nodes.add(NID.searchActivityList, blocks.writeData(int32(NID.spamSearchFolder), 0, 4), 0, 0);
    nodes.add(NID.searchDomain, 0, 0, 0);
    const inbox = own.find((folder) => folder.facts.wellKnownName === 'inbox');
    const receive = new Table(COLUMNS.receiveFolder, 512);
    receive.beginRow(1, ROW_VERSION, blocks);
    const row = listOf([MESSAGE_CLASS_TAG, new Uint8Array(0)], [RECEIVE_FOLDER_TAG, int32(inbox?.facts.nid ?? NID.rootFolder)]);
    setCells(receive, COLUMNS.receiveFolder, row.tags, row.values, blocks);
    this.#table(NID.receiveFolderTable, receive);
    // an empty B-tree of replica ids: no cell of ours refers to one
    const replicas = new Heap(HEAP_CLIENT.replicaMap, 64);
    const root = replicas.make(4);
    const rootAt = replicas.itemAt;
    const header = replicas.make(BTH_HEADER_BYTES);
    putBthHeader(replicas.bytesOf(0), replicas.itemAt, { keyBytes: 16, dataBytes: 4 }, { hid: 0, levels: 0 });
    put32(replicas.bytesOf(0), rootAt, header);
    nodes.add(NID.replicaIdMap, replicas.finish(blocks, root), 0, 0);
  }

  /** The message store object. [MS-PST] 2.4.3. */
  #store(own: readonly OpenFolder[]): void {
    const { recordKey, displayName } = this.#parts;
    const history = new Uint8Array(24);
    history[0] = 1;
    history.set(createHash('sha256').update('replica version history').update(recordKey).digest().subarray(0, 16), 4);
    history[20] = 1;
    let mask = BASE_VALID_MASK;
    const pairs: [number, Uint8Array][] = [
      [makeTag(ID.ReplVersionHistory, PT.Binary), history],
      [makeTag(ID.ReplFlags, PT.Integer32), ZERO],
      [makeTag(ID.RecordKey, PT.Binary), recordKey],
      [NAME_TAG, utf16(displayName)],
      [makeTag(ID.IpmSubtreeEntryId, PT.Binary), this.#entryId(NID.ipmSubtree)],
      [makeTag(ID.IpmWastebasketEntryId, PT.Binary), this.#entryId(NID.deletedItems)],
      [makeTag(ID.FinderEntryId, PT.Binary), this.#entryId(NID.searchRoot)],
      [makeTag(0x6633, PT.Boolean), TRUE],
      [makeTag(0x66fa, PT.Integer32), int32(0x000e_0011)],
      [makeTag(0x67ff, PT.Integer32), ZERO],
    ];
    const seen = new Set<number>();
    for (const { facts } of own) {
      const { storeProperty, validBit } = defaultFolder(facts.wellKnownName) ?? {};
      if (storeProperty === undefined || validBit === undefined || seen.has(storeProperty)) continue;
      seen.add(storeProperty);
      mask |= validBit;
      pairs.push([makeTag(storeProperty, PT.Binary), this.#entryId(facts.nid)]);
    }
    pairs.push([makeTag(ID.ValidFolderMask, PT.Integer32), int32(mask)]);
    this.#properties(NID.messageStore, listOf(...pairs), 0);
  }

  #entryId(nid: number): Uint8Array {
    return entryIdOf(this.#parts.recordKey, nid);
  }

  #properties(nid: number, list: PropertyList, parentNid: number): void {
    const { blocks, contexts, nodes, messages } = this.#parts;
    const subnodes = new Subnodes();
    const bidData = contexts.write(list, subnodes);
    messages.noteValueIndex(subnodes.lastValueIndex);
    nodes.add(nid, bidData, subnodes.finish(blocks), parentNid);
  }

  #table(nid: number, table: Table): void {
    const { bidData, bidSub, lastValueIndex } = table.finish(this.#parts.blocks);
    this.#parts.messages.noteValueIndex(lastValueIndex);
    this.#parts.nodes.add(nid, bidData, bidSub, 0);
  }
}
