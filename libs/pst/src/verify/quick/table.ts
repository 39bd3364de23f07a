import { fixedSize } from '@pstream/mapi';
import { TCINFO, TCOLDESC } from '../../format/index.js';
import { CLIENT } from '../../reader/heap.js';
import type { NodeDatabase } from '../../reader/node-database.js';
import { columnsOf, widthOf, type Column } from '../../reader/table-context.js';
import { get16, get32, doubt, type QuickStore } from './store.js';
import type { QuickBag } from './bag.js';
import type { QuickHeap } from './heap.js';

/** A column as the quick check needs it: `varies` if the cell refers to the heap. */
type Cell = Column & { readonly width: number; readonly varies: boolean };

/** Tables of messages come in few shapes. */
const MOST_SHAPES = 16;

/** A table of recipients or attachments whose rows lie in the heap. [MS-PST] 2.3.4. */
export class QuickTable {
  private shapes: { readonly bytes: Uint8Array; readonly columns: readonly Cell[] }[] = [];
  columns: readonly Cell[] = [];
  rows = 0;
  private rowBytes = 0;
  private bitmapAt = 0;
  private index: Uint8Array = new Uint8Array(0);
  private indexAt = 0;
  private matrix: Uint8Array = new Uint8Array(0);
  private matrixAt = 0;

  constructor(
    private readonly ndb: NodeDatabase,
    private readonly heap: QuickHeap,
  ) {}

  /** Opens the table and judges its columns and its row index: rows must stand in the order of their ids. */
  open(store: QuickStore, bidData: number, nid: number): void {
    const { heap } = this;
    heap.open(store, bidData, CLIENT.table);
    heap.item(heap.root);
    const { buffer, from, length } = heap;
    const cCols = buffer[from + TCINFO.offset.cCols] as number;
    const described = cCols * TCOLDESC.size;
    if (length !== TCINFO.size + described || buffer[from] !== CLIENT.table) doubt();
    const four = get16(buffer, from + TCINFO.offset.TCI_4b);
    const two = get16(buffer, from + TCINFO.offset.TCI_2b);
    this.bitmapAt = get16(buffer, from + TCINFO.offset.TCI_1b);
    this.rowBytes = get16(buffer, from + TCINFO.offset.TCI_bm);
    if (four > two || two > this.bitmapAt || this.bitmapAt + Math.ceil(cCols / 8) > this.rowBytes) doubt();
    const hidRowIndex = get32(buffer, from + TCINFO.offset.hidRowIndex);
    const hnidRows = get32(buffer, from + TCINFO.offset.hnidRows);
    this.columns = this.shape(buffer.subarray(from, from + length), nid);
    this.rows = 0;
    const levels = heap.bth(hidRowIndex, 4, 4);
    if (levels < 0) return;
    if (levels > 0 || heap.length === 0 || heap.length % 8 !== 0) doubt();
    this.index = heap.buffer;
    this.indexAt = heap.from;
    const rows = heap.length / 8;
    for (let i = 0; i < rows; i++) {
      if (get32(this.index, this.indexAt + 8 * i + 4) !== i) doubt();
      if (i > 0 && this.rowId(i) <= this.rowId(i - 1)) doubt();
    }
    heap.item(hnidRows);
    if (rows > Math.floor(heap.length / this.rowBytes)) doubt();
    this.matrix = heap.buffer;
    this.matrixAt = heap.from;
    this.rows = rows;
  }

  /** Columns of a TCINFO that was met before, or judges them. */
  private shape(info: Uint8Array, nid: number): readonly Cell[] {
    for (const { bytes, columns } of this.shapes) if (sameShape(bytes, info)) return columns;
    const columns = columnsOf(this.ndb, info, info[TCINFO.offset.cCols] as number, this.bitmapAt, this.rowBytes, nid).map(
      (column): Cell => {
        const width = widthOf(column.type);
        return { ...column, width, varies: width === 4 && fixedSize(column.type) !== 4 };
      },
    );
    if (this.shapes.length === MOST_SHAPES) this.shapes.shift();
    this.shapes.push({ bytes: Uint8Array.from(info), columns });
    return columns;
  }

  rowId(row: number): number {
    return get32(this.index, this.indexAt + 8 * row);
  }

  /** A cell found last. */
  buffer: Uint8Array = EMPTY;
  from = 0;
  length = 0;

  /** Finds a cell; false if the row has none in this column. Cells in subnodes are doubted. */
  cell(row: number, { iBit, ibData, width, varies }: Cell): boolean {
    const at = this.matrixAt + row * this.rowBytes;
    if (((this.matrix[at + this.bitmapAt + (iBit >>> 3)] as number) & (0x80 >>> (iBit & 7))) === 0) return false;
    if (!varies) {
      this.buffer = this.matrix;
      this.from = at + ibData;
      this.length = width;
      return true;
    }
    const hnid = get32(this.matrix, at + ibData);
    if (hnid === 0) {
      this.buffer = EMPTY;
      this.from = 0;
      this.length = 0;
      return true;
    }
    this.heap.item(hnid);
    this.buffer = this.heap.buffer;
    this.from = this.heap.from;
    this.length = this.heap.length;
    return true;
  }

  /** Puts the cells of a row into a bag, without the table's own. */
  fill(row: number, bag: QuickBag): void {
    bag.reset();
    for (const column of this.columns) {
      const { id } = column;
      if (id === ROW_ID || id === ROW_VERSION || !this.cell(row, column)) continue;
      bag.add(id, column.type, this.buffer, this.from, this.length);
    }
  }

  /** Doubts a row whose cells are not the properties they repeat, or whose own id is not that of the index. */
  compare(row: number, bag: QuickBag, repeated: ReadonlySet<number>): void {
    for (const column of this.columns) {
      const { id } = column;
      if (id === ROW_ID) {
        if (!this.cell(row, column) || get32(this.buffer, this.from) !== this.rowId(row)) doubt();
      } else if (repeated.has(id)) {
        const i = bag.findTyped(id, column.type);
        const there = this.cell(row, column);
        const length = there ? this.length : 0;
        if (i < 0 ? length > 0 : !sameValue(bag, i, this.buffer, this.from, length)) doubt();
      }
    }
  }
}

const EMPTY = new Uint8Array(0);
/** [MS-PST] 2.3.4.4.1. */
const ROW_ID = 0x67f2;
const ROW_VERSION = 0x67f3;

/** True if a value in a bag has these bytes. A value in a subnode is doubted. */
export const sameValue = (bag: QuickBag, i: number, buffer: Uint8Array, from: number, length: number): boolean => {
  if (bag.subnodes[i] !== -1) doubt();
  if (bag.lengths[i] !== length) return false;
  const own = bag.buffers[i] as Uint8Array;
  const start = bag.starts[i] as number;
  for (let k = 0; k < length; k++) if (own[start + k] !== buffer[from + k]) return false;
  return true;
};

/** True if two TCINFOs say the same of the columns. The references to index and rows between are of one table. */
const sameShape = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < TCINFO.offset.hidRowIndex; i++) if (a[i] !== b[i]) return false;
  for (let i = TCINFO.size; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};
