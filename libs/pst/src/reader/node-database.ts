import { PstCorrupt, SLBLOCK, XBLOCK, type FileForm } from '../format/index.js';
import { PAGE_TYPE } from '../shared/index.js';
import { BTree, type TreePage } from './b-tree.js';
import { checkBlock, decodeBlock, isInternal, storedBytes } from './decode-block.js';
import { blockEntry, nodeEntry, readId, type BlockRef, type NodeRef } from './entries.js';
import { headerAnyway } from './header-anyway.js';
import { readHeader, type Header } from './header.js';
import type { Salvage } from './salvage.js';
import { Strictness } from './strictness.js';
import type { WindowCache } from './window-cache.js';

/** A subnode; its nid means something only inside its owner. [MS-PST] 2.2.2.8.3.3.1.1. */
export type SubnodeRef = { readonly nid: number; readonly bidData: number; readonly bidSub: number };

/** The data of a node: its blocks in order and their bytes in all. */
export type DataTree = { readonly blocks: readonly BlockRef[]; readonly bytes: number };

const EMPTY: DataTree = { blocks: [], bytes: 0 };

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const MOST_REMEMBERED = 256;

const remember = <T>(map: Map<number, T>, bid: number, value: T): void => {
  if (map.size >= MOST_REMEMBERED) map.delete(map.keys().next().value as number);
  map.set(bid, value);
};

/** The NDB layer: nodes, blocks, data trees, subnode trees. [MS-PST] 2.2. Everything read is checked first; nothing is allocated from a
 *  count that the bytes at hand do not bear out. */
export class NodeDatabase {
  private readonly nbt: BTree;
  private readonly bbt: BTree;
  private readonly trees = new Map<number, DataTree>();
  private readonly subtrees = new Map<number, ReadonlyMap<number, SubnodeRef>>();
  readonly form: FileForm;
  /** Set when every block of the file has been checked already, so that reading need not do it again. */
  blocksChecked = false;

  private constructor(
    private readonly cache: WindowCache,
    readonly header: Header,
    readonly strictness: Strictness,
    /** What answers where the trees do not; only when a store is to be recovered. */
    private readonly salvaged?: Salvage,
  ) {
    this.form = header.form;
    this.nbt = new BTree(cache, header.form, header.nbt, PAGE_TYPE.nbt, header.bidNextP, strictness);
    this.bbt = new BTree(cache, header.form, header.bbt, PAGE_TYPE.bbt, header.bidNextP, strictness);
  }

  /** Reads and judges the header; the trees are read when they are asked for. With `recover` the whole file is read first, for what the trees
   *  may not lead to any more. */
  static async open(cache: WindowCache, strictness: Strictness, recover = false): Promise<NodeDatabase> {
    if (recover) {
      const { header, found } = await headerAnyway(cache, strictness);
      return new NodeDatabase(cache, header, strictness, found);
    }
    const head = await cache.read(0, Math.min(564, cache.size));
    return new NodeDatabase(cache, readHeader(head, cache.size, strictness), strictness);
  }

  /** Bytes of the file. */
  get size(): number {
    return this.cache.size;
  }

  /** Most bytes an object of this file can have: blocks of 4k-page stores may be compressed, at most about 1032 to 1. */
  get mostBytes(): number {
    return this.form.pageBytes > 512 ? Math.min(this.size * 1032, 0xffff_ffff) : this.size;
  }

  /** The node with this id, or undefined. */
  async node(nid: number): Promise<NodeRef | undefined> {
    const find = async (): Promise<NodeRef | undefined> => {
      const found = await this.nbt.find(nid);
      return found === undefined ? undefined : nodeEntry(found.page.view, found.at, this.form);
    };
    if (this.salvaged === undefined) return find();
    return (await this.strictness.survive('NBT', find, undefined)) ?? this.salvaged.nodes.get(nid);
  }

  /** All nodes in nid order, behind them those that only a recovery found. */
  async *nodes(onPage?: (page: TreePage) => void): AsyncGenerator<NodeRef> {
    const seen = new Set<number>();
    for await (const page of this.nbt.leaves(onPage)) {
      for (let i = 0; i < page.count; i++) {
        const node = nodeEntry(page.view, i * page.entryBytes, this.form);
        if (this.salvaged !== undefined) seen.add(node.nid);
        yield node;
      }
    }
    if (this.salvaged === undefined) return;
    for (const node of [...this.salvaged.nodes.values()].toSorted((a, b) => a.nid - b.nid)) if (!seen.has(node.nid)) yield node;
  }

  /** All blocks in bid order. An entry that points outside the file is a flaw and left out. */
  async *allBlocks(onPage?: (page: TreePage) => void): AsyncGenerator<BlockRef> {
    for await (const refs of this.blockPages(onPage)) yield* refs;
  }

  /** The same, a leaf page of the BBT at a time. */
  async *blockPages(onPage?: (page: TreePage) => void): AsyncGenerator<readonly BlockRef[]> {
    for await (const page of this.bbt.leaves(onPage)) {
      const refs: BlockRef[] = [];
      for (let i = 0; i < page.count; i++) {
        const ref = blockEntry(page.view, i * page.entryBytes, this.form);
        try {
          this.judge(ref);
        } catch (error) {
          if (this.strictness.strict || !(error instanceof PstCorrupt)) throw error;
          this.strictness.record(error);
          continue;
        }
        refs.push(ref);
      }
      yield refs;
    }
  }

  /** Where the block with this id is. Throws PstCorrupt 'pst.block-missing' if the BBT does not have it. */
  async blockRef(bid: number): Promise<BlockRef> {
    // A block that was found by its own trailer is where it is, whatever the tree says.
    const salvaged = this.salvaged?.blocks.get(bid - (bid % 2));
    if (salvaged !== undefined) {
      this.judge(salvaged);
      return salvaged;
    }
    const found = await this.bbt.find(bid - (bid % 2));
    if (found === undefined) throw new PstCorrupt('block-missing', 'BBTENTRY/BREF', { bid });
    const ref = blockEntry(found.page.view, found.at, this.form);
    this.judge(ref);
    return ref;
  }

  /** The checked, decoded data of a block: fresh bytes, or written to `into` at `at`. */
  async block(ref: BlockRef, into?: Uint8Array, at?: number): Promise<Uint8Array> {
    const length = storedBytes(ref, this.form);
    const raw = this.cache.peek(ref.ib, length) ?? (await this.cache.read(ref.ib, length));
    if (!this.blocksChecked) checkBlock(raw, ref, this.form, this.strictness);
    return decodeBlock(raw, ref, this.header.bCryptMethod, into, at);
  }

  /** The blocks of a data tree. [MS-PST] 2.2.2.8.3.2. bid 0 is an empty one. The last few are remembered. */
  async dataTree(bid: number): Promise<DataTree> {
    if (bid === 0) return EMPTY;
    const known = this.trees.get(bid);
    if (known !== undefined) return known;
    const tree = await this.readTree(bid);
    remember(this.trees, bid, tree);
    return tree;
  }

  private async readTree(bid: number): Promise<DataTree> {
    const root = await this.blockRef(bid);
    if (!isInternal(bid)) return { blocks: [root], bytes: root.size };
    const blocks: BlockRef[] = [];
    let bytes = 0;
    const leavesOf = async (ref: BlockRef, level: number | undefined): Promise<void> => {
      const { children, total, cLevel } = this.xblock(await this.block(ref), ref);
      if (level !== undefined && cLevel !== level)
        throw new PstCorrupt('unexpected-value', 'XBLOCK/cLevel', { bid: ref.bid, expected: level, actual: cLevel });
      const before = bytes;
      for (const child of children) {
        if (isInternal(child) !== (cLevel === 2)) throw new PstCorrupt('wrong-block-kind', 'XBLOCK/rgbid', { bid: ref.bid, actual: child });
        const inner = await this.blockRef(child);
        if (cLevel === 2) {
          await leavesOf(inner, 1);
          continue;
        }
        blocks.push(inner);
        bytes += inner.size;
        if (bytes > this.mostBytes) throw new PstCorrupt('object-larger-than-file', 'XBLOCK/rgbid', { bid });
      }
      const held = bytes - before;
      this.strictness.expect(
        held === total,
        () => new PstCorrupt('size-mismatch', 'XBLOCK/lcbTotal', { bid: ref.bid, expected: total, actual: held }),
      );
    };
    await leavesOf(root, undefined);
    return { blocks, bytes };
  }

  private xblock(data: Uint8Array, ref: BlockRef): { children: number[]; total: number; cLevel: number } {
    const { bid } = ref;
    if (data.length < XBLOCK.size) throw new PstCorrupt('truncated', 'XBLOCK', { bid, expected: XBLOCK.size, actual: data.length });
    const { btype, cLevel, cEnt, lcbTotal } = XBLOCK.decode(data);
    if (btype !== 1 || (cLevel !== 1 && cLevel !== 2))
      throw new PstCorrupt('wrong-block-kind', 'XBLOCK/btype', { bid, expected: 1, actual: btype });
    const id = this.form.wide ? 8 : 4;
    if (XBLOCK.size + cEnt * id > data.length) throw new PstCorrupt('count-too-large', 'XBLOCK/cEnt', { bid, actual: cEnt });
    this.strictness.expect(
      cEnt > 0 && XBLOCK.size + cEnt * id === data.length,
      () => new PstCorrupt('size-mismatch', 'XBLOCK/cEnt', { bid, expected: (data.length - XBLOCK.size) / id, actual: cEnt }),
    );
    const view = viewOf(data);
    return {
      children: Array.from({ length: cEnt }, (_, i) => readId(view, XBLOCK.size + i * id, this.form.wide)),
      total: lcbTotal,
      cLevel,
    };
  }

  /** All bytes of a data tree in one array. */
  async data(tree: DataTree): Promise<Uint8Array> {
    if (tree.blocks.length === 1) return this.block(tree.blocks[0] as BlockRef);
    const out = new Uint8Array(tree.bytes);
    let at = 0;
    for (const ref of tree.blocks) {
      const length = storedBytes(ref, this.form);
      const raw = this.cache.peek(ref.ib, length);
      if (raw === undefined) await this.block(ref, out, at);
      else {
        if (!this.blocksChecked) checkBlock(raw, ref, this.form, this.strictness);
        decodeBlock(raw, ref, this.header.bCryptMethod, out, at);
      }
      at += ref.size;
    }
    return out;
  }

  /** The subnodes of a node by nid. [MS-PST] 2.2.2.8.3.3. bid 0 is none. The last few are remembered. */
  async subnodes(bid: number): Promise<ReadonlyMap<number, SubnodeRef>> {
    const known = this.subtrees.get(bid);
    if (known !== undefined) return known;
    const out = new Map<number, SubnodeRef>();
    if (bid === 0) return out;
    await this.addSubnodes(bid, 1, out);
    remember(this.subtrees, bid, out);
    return out;
  }

  private async addSubnodes(bid: number, depth: number, out: Map<number, SubnodeRef>): Promise<void> {
    if (!isInternal(bid)) throw new PstCorrupt('wrong-block-kind', 'NBTENTRY/bidSub', { bid });
    const data = await this.block(await this.blockRef(bid));
    if (data.length < this.form.subnodeEntriesAt) throw new PstCorrupt('truncated', 'SLBLOCK', { bid, actual: data.length });
    const { btype, cLevel, cEnt } = SLBLOCK.decode(data);
    if (btype !== 2 || cLevel > depth) throw new PstCorrupt('wrong-block-kind', 'SLBLOCK/btype', { bid, expected: 2, actual: btype });
    const entry = cLevel === 0 ? this.form.subnodeEntryBytes : this.form.subnodeIndexBytes;
    const start = this.form.subnodeEntriesAt;
    if (start + cEnt * entry > data.length) throw new PstCorrupt('count-too-large', 'SLBLOCK/cEnt', { bid, actual: cEnt });
    this.strictness.expect(
      start + cEnt * entry === data.length,
      () => new PstCorrupt('size-mismatch', 'SLBLOCK/cEnt', { bid, actual: cEnt }),
    );
    const view = viewOf(data);
    const { wide } = this.form;
    const id = wide ? 8 : 4;
    let last = -1;
    for (let i = 0; i < cEnt; i++) {
      const at = start + i * entry;
      const nid = view.getUint32(at, true);
      if (nid <= last) this.strictness.flaw(new PstCorrupt('keys-out-of-order', 'SLENTRY/nid', { bid, nid }));
      last = nid;
      const child = readId(view, at + id, wide);
      if (cLevel === 1) await this.addSubnodes(child, 0, out);
      else if (out.has(nid)) this.strictness.flaw(new PstCorrupt('node-twice', 'SLENTRY/nid', { bid, nid }));
      else out.set(nid, { nid, bidData: child, bidSub: readId(view, at + 2 * id, wide) });
    }
  }

  private judge(ref: BlockRef): void {
    const { bid, ib, cb } = ref;
    if (ib % this.form.blockAlignment !== 0) throw new PstCorrupt('block-out-of-bounds', 'BBTENTRY/BREF/ib', { bid, ib });
    if (ib + storedBytes(ref, this.form) > this.size) throw new PstCorrupt('block-out-of-bounds', 'BBTENTRY/cb', { bid, ib, actual: cb });
    if (cb === 0 && this.strictness.picky) this.strictness.flaw(new PstCorrupt('size-mismatch', 'BBTENTRY/cb', { bid, ib, actual: cb }));
    if (cb > this.form.maxBlockBytes)
      throw new PstCorrupt('size-mismatch', 'BBTENTRY/cb', { bid, ib, expected: this.form.maxBlockBytes, actual: cb });
    this.strictness.expect(
      bid < this.header.bidNextB,
      () => new PstCorrupt('id-not-below-next', 'HEADER/bidNextB', { bid, actual: this.header.bidNextB }),
    );
  }
}
