import { assert } from '@pstream/kernel';

import { MAX_BLOCK_BYTES, MAX_HEAP_ITEM_BYTES, NID_TYPE, copyBytes, makeNid, put16, put32 } from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { GrowingBytes, GrowingU32 } from '../growing.js';
import type { Blocks } from '../ndb/blocks.js';
import { BTH_HEADER_BYTES, putBthHeader, writeBth } from './bth.js';
import { TCOLDESC_BYTES, type Columns } from '../../shared/columns.js';
import { HEAP_CLIENT, Heap } from './heap.js';
import { FIRST_SUBNODE_INDEX, Subnodes } from './subnodes.js';

/** TCINFO without columns. [MS-PST] 2.3.4.1. */
const TCINFO_BYTES = 22;
/** Key: row id; data: row position. [MS-PST] 2.3.4.3. */
const ROW_INDEX_SHAPE = { keyBytes: 4, dataBytes: 4 } as const;

/** A table as its node refers to it. */
export type WrittenTable = { readonly bidData: number; readonly bidSub: number; readonly bytes: number; readonly lastValueIndex: number };

/** Builds a table context row by row. [MS-PST] 2.3.4. Heap blocks and blocks of the row matrix are written as they fill, so that a table
 *  of any length keeps two open blocks, heap block 0, its row ids and the bids of its blocks in memory. */
export class Table {
  #columns: Columns;
  readonly #heap: Heap;
  readonly #rows: GrowingBytes;
  readonly #rowIds = new GrowingU32();
  readonly #rowBlocks = new GrowingU32();
  /** Data bids and sizes of cells that are too long for the heap, in pairs. */
  readonly #longCells = new GrowingU32();
  #rowAt = 0;
  #headerHid = 0;
  #infoHid = 0;

  constructor(columns: Columns, initialBytes: number) {
    this.#columns = columns;
    this.#heap = new Heap(HEAP_CLIENT.table, initialBytes);
    this.#rows = new GrowingBytes(0);
    this.#begin();
  }

  /** Starts again with other columns, keeping the memory. */
  reset(columns: Columns): void {
    this.#columns = columns;
    this.#heap.reset(HEAP_CLIENT.table);
    this.#rows.data.fill(0);
    this.#rows.clear();
    this.#rowIds.clear();
    this.#rowBlocks.clear();
    this.#longCells.clear();
    this.#begin();
  }

  /** Rows up to now. */
  get rowCount(): number {
    return this.#rowIds.length;
  }

  /** Heap blocks up to now. */
  get heapBlocks(): number {
    return this.#heap.blocks;
  }

  /** Cells up to now that have a subnode of their own. */
  get longCellCount(): number {
    return this.#longCells.length / 2;
  }

  /** Row ids in the order of the rows. */
  rowIdAt(row: number): number {
    return this.#rowIds.at(row);
  }

  /** Upper bound of the bytes that `finish` will add to the file, without what alignment and map pages take. */
  get closingBytes(): number {
    const rows = this.#rowIds.length;
    const index = 8.1 * rows + (rows > 447 ? 2 * MAX_BLOCK_BYTES : 64);
    const lists = 8.1 * (this.#heap.blocks + this.#rowBlocks.length + rows / 800) + 26 * this.longCellCount;
    return Math.ceil(this.#heap.openBytes + this.#rows.length + index * 1.2 + lists + 1024);
  }

  /** Begins a row; ids ascend within a table. */
  beginRow(rowId: number, version: number, blocks: Blocks): void {
    const { rowBytes, end1 } = this.#columns;
    const rows = this.#rows;
    if (rows.length + rowBytes > MAX_BLOCK_BYTES) {
      rows.room(MAX_BLOCK_BYTES - rows.length);
      this.#rowBlocks.push(blocks.writeData(rows.data, 0, MAX_BLOCK_BYTES));
      rows.data.fill(0);
      rows.clear();
    }
    rows.room(rowBytes);
    this.#rowAt = rows.length;
    rows.length += rowBytes;
    put32(rows.data, this.#rowAt, rowId);
    put32(rows.data, this.#rowAt + 4, version);
    rows.data[this.#rowAt + end1] = 0xc0; // existence bits 0 and 1
    this.#rowIds.push(rowId);
  }

  /** Sets the cell of a column (by position) in the row begun last. `value` as a property stores it. */
  setCell(position: number, value: Uint8Array, blocks: Blocks): void {
    const columns = this.#columns;
    const at = this.#rowAt + (columns.offsets[position] as number);
    const rows = this.#rows.data;
    if (columns.references[position] === 0) copyBytes(value, 0, value.length, rows, at);
    else if (value.length > MAX_HEAP_ITEM_BYTES) {
      this.#longCells.push(blocks.writeValue(value));
      this.#longCells.push(value.length);
      put32(rows, at, makeNid(NID_TYPE.ltp, FIRST_SUBNODE_INDEX - 1 + this.longCellCount));
    } else if (value.length > 0) put32(rows, at, this.#heap.add(value));
    const bit = columns.bits[position] as number;
    const byte = this.#rowAt + columns.end1 + (bit >>> 3);
    rows[byte] = (rows[byte] as number) | (0x80 >>> (bit & 7));
  }

  /** Ends a row: heap blocks that are full leave memory. A table that is finished at once can do without. */
  endRow(blocks: Blocks): void {
    this.#heap.flush(blocks);
  }

  /** Writes the rest: row index, matrix, TCINFO. */
  finish(blocks: Blocks): WrittenTable {
    const heap = this.#heap;
    const columns = this.#columns;
    const rowIds = this.#rowIds;
    const root = writeBth(
      heap,
      ROW_INDEX_SHAPE,
      rowIds.length,
      (i, to, at) => {
        put32(to, at, rowIds.at(i)); // dwRowID
        put32(to, at + 4, i); // dwRowIndex
      },
      (i) => rowIds.at(i),
      () => heap.flush(blocks),
    );
    const subnodes = new Subnodes();
    for (let i = 0; i < this.#longCells.length; i += 2) subnodes.addTree(this.#longCells.at(i), this.#longCells.at(i + 1));
    const matrix = this.#finishRows(blocks, subnodes);
    putBthHeader(heap.bytesOf(0), this.#headerAt, ROW_INDEX_SHAPE, root);
    const info = heap.bytesOf(0);
    const at = this.#infoAt;
    info[at] = HEAP_CLIENT.table; // bType
    info[at + 1] = columns.tags.length; // cCols
    put16(info, at + 2, columns.end4); // rgib[TCI_4b]
    put16(info, at + 4, columns.end2); // rgib[TCI_2b]
    put16(info, at + 6, columns.end1); // rgib[TCI_1b]
    put16(info, at + 8, columns.rowBytes); // rgib[TCI_bm]
    put32(info, at + 10, this.#headerHid); // hidRowIndex
    put32(info, at + 14, matrix); // hnidRows; hidIndex 0
    info.set(columns.descriptors, at + TCINFO_BYTES); // rgTCOLDESC
    const bytes = heap.bytes + subnodes.bytes;
    const bidData = heap.finish(blocks, this.#infoHid);
    return { bidData, bidSub: subnodes.finish(blocks), bytes, lastValueIndex: subnodes.lastValueIndex };
  }

  save(out: StateWriter): void {
    this.#heap.save(out);
    this.#rows.save(out);
    this.#rowIds.save(out);
    this.#rowBlocks.save(out);
    this.#longCells.save(out);
  }

  load(from: StateReader): void {
    this.#heap.load(from);
    this.#rows.load(from);
    this.#rowIds.load(from);
    this.#rowBlocks.load(from);
    this.#longCells.load(from);
  }

  #headerAt = 0;
  #infoAt = 0;

  /** The items that are patched at the end come first, so that they are in block 0. */
  #begin(): void {
    this.#headerHid = this.#heap.make(BTH_HEADER_BYTES);
    this.#headerAt = this.#heap.itemAt;
    this.#infoHid = this.#heap.make(TCINFO_BYTES + TCOLDESC_BYTES * this.#columns.tags.length);
    this.#infoAt = this.#heap.itemAt;
  }

  /** Returns hnidRows. */
  #finishRows(blocks: Blocks, subnodes: Subnodes): number {
    const rows = this.#rows;
    const rowBlocks = this.#rowBlocks;
    if (rows.length === 0) {
      assert(rowBlocks.length === 0, 'a row block is written only when a row follows');
      return 0;
    }
    if (rowBlocks.length === 0 && rows.length <= MAX_HEAP_ITEM_BYTES) {
      const hid = this.#heap.make(rows.length);
      copyBytes(rows.data, 0, rows.length, this.#heap.bytesOf(this.#heap.itemBlock), this.#heap.itemAt);
      return hid;
    }
    const bids = new Uint32Array(rowBlocks.length + 1);
    bids.set(rowBlocks.data.subarray(0, rowBlocks.length));
    bids[rowBlocks.length] = blocks.writeData(rows.data, 0, rows.length);
    return subnodes.addTree(blocks.dataTree(bids, bids.length), blocks.treeBytes(bids, bids.length));
  }
}
