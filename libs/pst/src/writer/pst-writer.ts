import { Fault, assert } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';

import { digestOf, keepItem, type DropReason, type KeptItem, type LeafCrcs, type Oversize } from '../fidelity/index.js';
import { FIRST_AMAP_OFFSET, MAX_BLOCK_BYTES, NID_TYPE } from '../shared/index.js';
import { StateReader, StateWriter } from './checkpoint-codec.js';
import { PropertyContexts } from './ltp/property-context.js';
import type { WrittenValues } from './ltp/subnodes.js';
import { Closing } from './messaging/closing.js';
import { Folders, type FolderSpec } from './messaging/folders.js';
import { Messages } from './messaging/messages.js';
import { MAX_NAMES, NameMap } from './messaging/name-map.js';
import { Nodes } from './messaging/nodes.js';
import { Blocks, blockDiskBytes } from './ndb/blocks.js';
import { BlockBTree, NodeBTree, PageBids } from './ndb/btree.js';
import { Extents, type PartTarget } from './ndb/extents.js';
import { headerExtent } from './ndb/header.js';
import { Placement, regionStart } from './ndb/regions.js';
import { btreeBound, fileBound, itemBound } from './size-bound.js';

/** How to make a part. */
export type PstWriterOptions = {
  /** 16 bytes, different for each part: Outlook refuses to open two stores with one key. */
  readonly recordKey: Uint8Array;
  /** Name of the store as Outlook shows it. */
  readonly displayName: string;
  /** ISO 8601; part of the options for the record, no byte of the file depends on the clock. */
  readonly createdAt: string;
  /** Encoding of data blocks; 'permute' is Outlook's own default and costs a table look-up a byte. */
  readonly encoding?: 'none' | 'permute';
  /** Regions of 253,952 bytes in an extent; 32 by default. */
  readonly regionsPerExtent?: number;
};

/** What became of an item. */
export type ItemReceipt = {
  /** See `itemDigest`. */
  readonly digest: Uint8Array;
  /** Properties left out, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Values of 2 GiB - 1 or more, which a PST cannot hold; attachment data is beside the part where the target keeps it. */
  readonly oversize?: readonly Oversize[];
};

/** What a sealed part holds. */
export type SealReceipt = { readonly bytes: number; readonly items: number; readonly folders: number; readonly extents: number };

const CHECKPOINT_VERSION = 1;
const DEFAULT_REGIONS_PER_EXTENT = 32;
/** Values this long are written one by one with pauses to hand over extents, so that memory holds no queue of them. */
const LONG_VALUE_BYTES = 0x1_0000;
/** Messages nest at most this deep. */
const MAX_DEPTH = 100;
/** Attachments of one message; a subnode tree reaches 173,400. */
const MAX_ATTACHMENTS = 170_000;
/** Templates, store, queues, fixed folders. */
const FIXED_NODES_BYTES = 24_576;
const FIXED_NODES = 48;
/** Names that must be free for a part to go on. */
const NAME_RESERVE = 1024;
/** First indexes in rgnid. [MS-PST] 2.2.2.6. */
const RGNID_START = 0x400;
const RGNID_SEARCH_START = 0x4000;

/** Writes a Unicode PST in one pass: everything goes out in file order, only header and DList come last. [MS-PST] throughout.
 *  The same calls give the same bytes. Calls must not overlap; after an error the writer is dead, resume from the checkpoints. */
export class PstWriter {
  readonly #target: PartTarget;
  readonly #options: Required<PstWriterOptions>;
  readonly #extents: Extents;
  readonly #blocks: Blocks;
  readonly #contexts: PropertyContexts;
  readonly #names = new NameMap();
  readonly #nodes = new Nodes();
  readonly #folders = new Folders();
  readonly #messages: Messages;
  #checkpoints = 0;
  #state: 'open' | 'busy' | 'sealed' | 'broken' = 'open';
  /** A table is near a limit of the format: the part takes no more. */
  #full = false;

  private constructor(target: PartTarget, options: PstWriterOptions) {
    assert(options.recordKey.length === 16, 'recordKey must have 16 bytes');
    this.#target = target;
    this.#options = { encoding: 'none', regionsPerExtent: DEFAULT_REGIONS_PER_EXTENT, ...options };
    this.#extents = new Extents(this.#options.regionsPerExtent);
    this.#blocks = new Blocks(this.#extents, this.#options.encoding === 'permute');
    this.#contexts = new PropertyContexts(this.#blocks);
    this.#messages = new Messages(this.#blocks, this.#names, this.#contexts);
  }

  /** Begins a part. */
  static create(target: PartTarget, options: PstWriterOptions): PstWriter {
    return new PstWriter(target, options);
  }

  /** Goes on where the last of the checkpoints was taken; `checkpoints` are all since
   *  creation or since the last full one, in order, and at least one.
   *  Extents handed over before it are not staged again. Faults: 'checkpoint.damaged', 'checkpoint.gap', 'checkpoint.version' (never). */
  static resume(target: PartTarget, checkpoints: readonly Uint8Array[]): PstWriter {
    let writer: PstWriter | undefined;
    checkpoints.forEach((checkpoint, i) => {
      const from = new StateReader(checkpoint);
      const version = from.int();
      if (version !== CHECKPOINT_VERSION) throw new Fault('checkpoint.version', { retry: 'never', facts: { version } });
      const number = from.int();
      if (number !== i) throw new Fault('checkpoint.gap', { retry: 'never', facts: { expected: i, actual: number } });
      const options = loadOptions(from);
      writer ??= new PstWriter(target, options);
      writer.#load(from);
    });
    assert(writer !== undefined, 'resume needs a checkpoint');
    return writer;
  }

  /** Number of items added. */
  get itemCount(): number {
    return this.#nodes.messages.count + this.#nodes.associated.count;
  }

  /** Whether items can be added and checkpoints taken: it is neither sealed nor broken. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** File offset where the extents end that have been handed over. */
  get stagedEnd(): number {
    return this.#extents.index === 1 ? 0 : this.#extents.start;
  }

  /** Upper bound of the file's size in bytes if it were sealed now. */
  get size(): number {
    return this.#bound(0);
  }

  /** Upper bound of the finished file's size in bytes if this item were added now; Infinity when the part can take no more items. */
  boundAfter(item: MapiItem): number {
    return this.#full ? Infinity : this.#bound(itemBound(item));
  }

  /** Makes sure that a folder is there. Does nothing when the key is known. */
  ensureFolder(spec: FolderSpec): void {
    assert(this.#state === 'open', `ensureFolder: the writer is ${this.#state}`);
    this.#folders.ensure(spec);
  }

  /** Adds an item to a folder. Faults: 'item.nested-too-deep', 'item.too-many-attachments' (never; nothing was written). */
  async addItem(folderKey: string, item: MapiItem): Promise<ItemReceipt> {
    assert(this.#state === 'open', `addItem: the writer is ${this.#state}`);
    const folder = this.#folders.get(folderKey);
    assert(folder !== undefined, 'addItem: the folder is not known');
    checkShape(item, 0);
    const { kept, tally } = keepItem(item, this.#target.beside !== undefined);
    const crcs: LeafCrcs = new Map();
    const digest = digestOf(kept, crcs);
    this.#state = 'busy';
    try {
      for (const payload of tally.beside ?? []) await this.#target.beside?.(payload);
      const written = await this.#writeLongValues(kept, crcs);
      const message = this.#messages.write(kept, tally, { written, crcs });
      const { nid: parent } = folder.facts;
      this.#folders.change(folder, () => {
        if (item.associated) {
          const nid = this.#nodes.associated.add(message.bidData, message.bidSub, parent);
          folder.addAssociatedRow(nid, message.properties, this.#blocks);
        } else {
          const nid = this.#nodes.messages.add(message.bidData, message.bidSub, parent);
          folder.addRow(nid, message.properties, this.#blocks);
        }
      });
      if (folder.isFull || this.#names.count > MAX_NAMES - NAME_RESERVE) this.#full = true;
      if (this.#extents.waiting) await this.#extents.drain(this.#target);
      this.#state = 'open';
    } finally {
      if (this.#state === 'busy') this.#state = 'broken';
    }
    const { dropped, oversize } = tally;
    return oversize.length === 0 ? { digest, dropped } : { digest, dropped, oversize };
  }

  /** The state since the previous checkpoint (or creation): what was added to the indexes, what is open, and the bytes of the open extent
   *  that are new. Together, in order, they restore the writer. With `full` it is the whole state and begins a new chain, which keeps the
   *  chain of a large part short: some bytes a block and message, and the open extent. */
  checkpoint(options: { readonly full?: boolean } = {}): Uint8Array {
    assert(this.#state === 'open', `checkpoint: the writer is ${this.#state}`);
    const out = new StateWriter(options.full === true);
    if (out.full) this.#checkpoints = 0;
    out.int(CHECKPOINT_VERSION);
    out.int(this.#checkpoints++);
    saveOptions(this.#options, out);
    this.#extents.save(out);
    this.#blocks.save(out);
    this.#names.save(out);
    this.#nodes.save(out);
    this.#folders.save(out);
    out.int(this.#messages.maxAttachmentIndex);
    out.int(this.#messages.maxValueIndex);
    out.int(this.#full ? 1 : 0);
    return out.finish();
  }

  /** Writes folders, tables, store and B-trees, hands over the last extents and, at the very end, extent 0. */
  async seal(): Promise<SealReceipt> {
    assert(this.#state === 'open', `seal: the writer is ${this.#state}`);
    this.#state = 'busy';
    try {
      const drain = async (): Promise<void> => {
        if (this.#extents.waiting) await this.#extents.drain(this.#target);
      };
      const items = this.itemCount;
      const closing = new Closing({
        blocks: this.#blocks,
        contexts: this.#contexts,
        names: this.#names,
        nodes: this.#nodes,
        folders: this.#folders,
        messages: this.#messages,
        recordKey: this.#options.recordKey,
        displayName: this.#options.displayName,
      });
      const folders = await closing.run(drain);
      const pageBids = new PageBids();
      const nodeTree = new NodeBTree(this.#extents, pageBids);
      this.#nodes.emit(nodeTree);
      const nbt = nodeTree.finish();
      await drain();
      const blockTree = new BlockBTree(this.#extents, pageBids);
      this.#emitBlocks(blockTree);
      const bbt = blockTree.finish();
      const extents = this.#extents.index + 1;
      this.#extents.close();
      await drain();
      const regions = this.#extents.region + 1;
      const header = headerExtent({
        permute: this.#options.encoding === 'permute',
        regions,
        freeBytes: this.#extents.freeBytes,
        nbt,
        bbt,
        bidNextP: pageBids.next,
        bidNextB: this.#blocks.nextBid,
        rgnid: this.#rgnid(),
      });
      await this.#target.stage(0, header);
      this.#state = 'sealed';
      return { bytes: regionStart(regions), items, folders, extents };
    } finally {
      if (this.#state === 'busy') this.#state = 'broken';
    }
  }

  #load(from: StateReader): void {
    this.#checkpoints++;
    this.#extents.load(from);
    this.#blocks.load(from);
    this.#names.load(from);
    this.#nodes.load(from);
    this.#folders.load(from);
    this.#messages.maxAttachmentIndex = from.int();
    this.#messages.maxValueIndex = from.int();
    this.#full = from.int() === 1;
  }

  #bound(more: number): number {
    const closing = this.#folders.closingBytes + this.#names.closingBytes + FIXED_NODES_BYTES;
    const closingBlocks = 8 * this.#folders.count + 2 * FIXED_NODES + closing / 1024;
    const nodes = this.#nodes.count + 4 * this.#folders.count + FIXED_NODES;
    // alignment of the closing blocks: 80 bytes each at most
    const bytes = closing + 80 * closingBlocks + btreeBound(this.#blocks.count + closingBlocks, nodes) + more;
    return fileBound(this.#extents.regionEnd, this.#extents.roomInRegion, bytes);
  }

  /** Writes long values ahead of everything else, with a pause wherever an extent is complete. */
  async #writeLongValues(item: KeptItem, crcs: LeafCrcs): Promise<WrittenValues | undefined> {
    const long: Uint8Array[] = [];
    collectLong(item, long);
    if (long.length === 0) return undefined;
    const written: WrittenValues = new Map();
    for (const value of long) {
      const known = crcs.get(value);
      const bids = new Uint32Array(Math.ceil(value.length / MAX_BLOCK_BYTES));
      for (let i = 0; i < bids.length; i++) {
        const at = i * MAX_BLOCK_BYTES;
        bids[i] = this.#blocks.writeData(value, at, Math.min(MAX_BLOCK_BYTES, value.length - at), known?.[i]);
        if (this.#extents.waiting) await this.#extents.drain(this.#target);
      }
      const bid = this.#blocks.dataTree(bids, bids.length);
      const earlier = written.get(value);
      if (earlier === undefined) written.set(value, [bid]);
      else earlier.push(bid);
    }
    return written;
  }

  #emitBlocks(tree: BlockBTree): void {
    const placement = new Placement();
    for (let i = 0; i < this.#blocks.count; i++) {
      const cb = this.#blocks.sizeAt(i);
      const disk = blockDiskBytes(cb);
      if (!placement.fits(disk)) placement.turn();
      tree.add(this.#blocks.bidAt(i), placement.next, cb);
      placement.next += disk;
    }
  }

  #rgnid(): Uint32Array {
    const out = new Uint32Array(32).fill(RGNID_START);
    for (const type of [NID_TYPE.folder, NID_TYPE.hierarchyTable, NID_TYPE.contentsTable, NID_TYPE.associatedTable]) {
      out[type] = this.#folders.lastIndex;
    }
    for (const type of [NID_TYPE.searchFolder, NID_TYPE.searchUpdateQueue, NID_TYPE.searchCriteria, NID_TYPE.searchContentsTable]) {
      out[type] = RGNID_SEARCH_START;
    }
    out[NID_TYPE.message] = this.#nodes.messages.lastIndex;
    out[NID_TYPE.associatedMessage] = this.#nodes.associated.lastIndex;
    out[NID_TYPE.attachment] = this.#messages.maxAttachmentIndex;
    out[NID_TYPE.ltp] = this.#messages.maxValueIndex;
    return out;
  }
}

const collectLong = (item: KeptItem, into: Uint8Array[]): void => {
  for (const value of item.bag.values) if (value.length >= LONG_VALUE_BYTES) into.push(value);
  for (const value of item.bag.namedValues) if (value.length >= LONG_VALUE_BYTES) into.push(value);
  for (const { bag, embedded } of item.attachments) {
    for (const value of bag.values) if (value.length >= LONG_VALUE_BYTES) into.push(value);
    for (const value of bag.namedValues) if (value.length >= LONG_VALUE_BYTES) into.push(value);
    if (embedded !== undefined) collectLong(embedded, into);
  }
};

const checkShape = (item: MapiItem, depth: number): void => {
  if (depth > MAX_DEPTH) throw new Fault('item.nested-too-deep', { retry: 'never', facts: { limit: MAX_DEPTH } });
  const attachments = item.attachments.length;
  if (attachments > MAX_ATTACHMENTS)
    throw new Fault('item.too-many-attachments', { retry: 'never', facts: { attachments, limit: MAX_ATTACHMENTS } });
  for (const { embedded } of item.attachments) if (embedded !== undefined) checkShape(embedded, depth + 1);
};

const saveOptions = (options: Required<PstWriterOptions>, out: StateWriter): void => {
  out.bytes(options.recordKey);
  out.text(options.displayName);
  out.text(options.createdAt);
  out.text(options.encoding);
  out.int(options.regionsPerExtent);
};

const loadOptions = (from: StateReader): PstWriterOptions => ({
  recordKey: Uint8Array.from(from.bytes()),
  displayName: from.text(),
  createdAt: from.text(),
  encoding: from.text() === 'permute' ? 'permute' : 'none',
  regionsPerExtent: from.int(),
});

/** Bytes of extent 0. */
export const HEADER_EXTENT_BYTES = FIRST_AMAP_OFFSET;
