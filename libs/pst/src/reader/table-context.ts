import { PT, fixedSize } from '@pstream/mapi';
import { PstCorrupt, TCINFO, TCOLDESC } from '../format/index.js';
import { Bth } from './bth.js';
import { CLIENT, Heap } from './heap.js';
import type { BlockRef } from './entries.js';
import type { DataTree, NodeDatabase, SubnodeRef } from './node-database.js';

/** A column. [MS-PST] 2.3.4.2. Offsets and sizes in bytes. */
export type Column = {
  readonly tag: number;
  readonly id: number;
  readonly type: number;
  readonly ibData: number;
  readonly cbData: number;
  readonly iBit: number;
};

/** An entry of the row index: row id (a nid in folder and attachment tables) and position in the row matrix. */
export type RowRef = { readonly rowId: number; readonly position: number };

/** PidTagLtpRowId and PidTagLtpRowVer: the table's own columns. [MS-PST] 2.3.4.4.1. */
export const ROW_ID = 0x67f2;
export const ROW_VERSION = 0x67f3;

/** Blocks a table keeps in memory. Rows are walked in order, and so are their values, so few are needed. */
const KEPT = { heap: 32, matrix: 8 } as const;

/** Table context. [MS-PST] 2.3.4. Rows are read as they are asked for, so that a table of a million rows can be walked. */
export class TableContext {
  /** First row position of every matrix block, and the number of rows at the end. */
  private starts: number[] = [0];
  private matrix: DataTree | undefined;
  private inHeap: Uint8Array | undefined;
  private readonly kept = new Map<number, Uint8Array>();

  private constructor(
    private readonly ndb: NodeDatabase,
    readonly heap: Heap,
    readonly subnodes: ReadonlyMap<number, SubnodeRef>,
    readonly columns: readonly Column[],
    readonly rowBytes: number,
    readonly bitmapAt: number,
    private readonly hidRowIndex: number,
    private readonly nid: number,
  ) {}

  /** Opens the table in a data tree with its subnodes. `nid` is only for messages. */
  static async open(ndb: NodeDatabase, bidData: number, bidSub: number, nid: number): Promise<TableContext> {
    const heap = await Heap.open(ndb, bidData, CLIENT.table, nid, KEPT.heap);
    const subnodes = await ndb.subnodes(bidSub);
    const info = await heap.item(heap.hidUserRoot);
    if (info.length < TCINFO.size) throw new PstCorrupt('truncated', 'TCINFO', { nid, expected: TCINFO.size, actual: info.length });
    const { bType, cCols, TCI_4b, TCI_2b, TCI_1b, TCI_bm, hidRowIndex, hnidRows } = TCINFO.decode(info);
    if (bType !== 0x7c) throw new PstCorrupt('unexpected-value', 'TCINFO/bType', { nid, expected: 0x7c, actual: bType });
    if (info.length < TCINFO.size + cCols * TCOLDESC.size) throw new PstCorrupt('count-too-large', 'TCINFO/cCols', { nid, actual: cCols });
    if (TCI_4b > TCI_2b || TCI_2b > TCI_1b || TCI_1b + Math.ceil(cCols / 8) > TCI_bm)
      throw new PstCorrupt('column-groups', 'TCINFO/rgib', { nid, actual: TCI_bm });
    if (ndb.strictness.picky && info.length !== TCINFO.size + cCols * TCOLDESC.size) {
      ndb.strictness.flaw(
        new PstCorrupt('size-mismatch', 'TCINFO/cCols', { nid, expected: TCINFO.size + cCols * TCOLDESC.size, actual: info.length }),
      );
    }
    const columns = columnsOf(ndb, info, cCols, TCI_1b, TCI_bm, nid);
    const table = new TableContext(ndb, heap, subnodes, columns, TCI_bm, TCI_1b, hidRowIndex, nid);
    await table.placeRows(hnidRows);
    return table;
  }

  private async placeRows(hnidRows: number): Promise<void> {
    if (hnidRows === 0) return;
    if ((hnidRows & 0x1f) === 0) {
      this.inHeap = await this.heap.item(hnidRows);
      this.starts = [0, Math.floor(this.inHeap.length / this.rowBytes)];
      return;
    }
    const sub = this.subnodes.get(hnidRows);
    if (sub === undefined) throw new PstCorrupt('subnode-missing', 'TCINFO/hnidRows', { nid: this.nid, actual: hnidRows });
    this.matrix = await this.ndb.dataTree(sub.bidData);
    let rows = 0;
    this.starts = [0];
    const { strictness, form } = this.ndb;
    const most = Math.floor(form.maxBlockBytes / this.rowBytes);
    this.matrix.blocks.forEach(({ size, bid }, i, { length }) => {
      const held = Math.floor(size / this.rowBytes);
      this.starts.push((rows += held));
      if (strictness.picky && i < length - 1 && held !== most) {
        strictness.flaw(new PstCorrupt('size-mismatch', 'TC/rowMatrix', { nid: this.nid, bid, expected: most, actual: held }));
      }
    });
  }

  /** Rows the matrix has room for; padding at its end may count. */
  get rowsInMatrix(): number {
    return this.starts.at(-1) ?? 0;
  }

  /** The blocks of the row matrix, if it is in a subnode. */
  get matrixBlocks(): readonly BlockRef[] {
    return this.matrix?.blocks ?? [];
  }

  /** The row index in row id order. */
  async *rowIndex(): AsyncGenerator<RowRef> {
    const { wide } = this.ndb.form;
    const index = await this.openIndex();
    for (let i = 0; i < index.leafCount; i++) {
      const leaf = await index.leaf(i);
      for (let at = 0; at < leaf.byteLength; at += index.recordBytes) {
        yield { rowId: leaf.getUint32(at, true), position: wide ? leaf.getUint32(at + 4, true) : leaf.getUint16(at + 4, true) };
      }
    }
  }

  /** All positions of rows, ascending: the order of the row matrix. For tables that are small. */
  async positions(): Promise<number[]> {
    const out: number[] = [];
    for await (const { position } of this.rowIndex()) out.push(position);
    return out.toSorted((a, b) => a - b);
  }

  /** Number of rows in the row index. */
  async countRows(): Promise<number> {
    let count = 0;
    const index = await this.openIndex();
    for (let i = 0; i < index.leafCount; i++) count += (await index.leaf(i)).byteLength / index.recordBytes;
    return count;
  }

  /** The row index: leaf records of row id and position. */
  openIndex(): Promise<Bth> {
    return Bth.open(this.heap, this.ndb.strictness, this.hidRowIndex, 4, this.ndb.form.wide ? 4 : 2);
  }

  /** The bytes of the row at a position. */
  async row(position: number): Promise<DataView> {
    if (position >= this.rowsInMatrix)
      throw new PstCorrupt('row-out-of-matrix', 'TCROWID/dwRowIndex', { nid: this.nid, expected: this.rowsInMatrix, actual: position });
    const index = this.blockOf(position);
    return this.rowIn(this.inHeap ?? this.kept.get(index) ?? (await this.loadMatrix(index)), index, position);
  }

  /** The same if its block is in memory. */
  peekRow(position: number): DataView | undefined {
    if (position >= this.rowsInMatrix) return undefined;
    const index = this.blockOf(position);
    const bytes = this.inHeap ?? this.kept.get(index);
    return bytes === undefined ? undefined : this.rowIn(bytes, index, position);
  }

  private rowIn(bytes: Uint8Array, index: number, position: number): DataView {
    const at = (position - (this.starts[index] as number)) * this.rowBytes;
    return new DataView(bytes.buffer, bytes.byteOffset + at, this.rowBytes);
  }

  private blockOf(position: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] as number) <= position) low = middle;
      else high = middle;
    }
    return low;
  }

  private async loadMatrix(index: number): Promise<Uint8Array> {
    const bytes = await this.ndb.block((this.matrix as DataTree).blocks[index] as BlockRef);
    if (this.kept.size >= KEPT.matrix) this.kept.delete(this.kept.keys().next().value as number);
    this.kept.set(index, bytes);
    return bytes;
  }

  /** True if the row has a value in the column. */
  has(row: DataView, column: Column): boolean {
    return (row.getUint8(this.bitmapAt + (column.iBit >>> 3)) & (0x80 >>> (column.iBit & 7))) !== 0;
  }

  /** The stored bytes of an existing cell if they are in memory: a view. */
  peek(row: DataView, column: Column): Uint8Array | undefined {
    const size = widthOf(column.type);
    if (size !== 4 || FOUR.has(column.type)) return new Uint8Array(row.buffer, row.byteOffset + column.ibData, size);
    const hnid = row.getUint32(column.ibData, true);
    return hnid === 0 ? NOTHING : (hnid & 0x1f) === 0 ? this.heap.peek(hnid) : undefined;
  }

  /** The stored bytes of an existing cell. Fixed types up to 8 bytes lie in the row; the rest in the heap or a subnode. */
  async stored(row: DataView, column: Column, spend: (bytes: number) => void = free): Promise<Uint8Array> {
    const ready = this.peek(row, column);
    if (ready !== undefined) {
      spend(ready.length);
      return ready;
    }
    const hnid = row.getUint32(column.ibData, true);
    if ((hnid & 0x1f) === 0) {
      const item = await this.heap.item(hnid);
      spend(item.length);
      return item;
    }
    const sub = this.subnodes.get(hnid);
    if (sub === undefined) throw new PstCorrupt('subnode-missing', 'TC/cell', { nid: this.nid, tag: column.tag, actual: hnid });
    const tree = await this.ndb.dataTree(sub.bidData);
    spend(tree.bytes);
    return this.ndb.data(tree);
  }
}

/** Columns by their bytes: the tables of a store come in few shapes. */
const known = new WeakMap<NodeDatabase, Map<string, readonly Column[]>>();
const MOST_KNOWN = 64;

/** Decodes and judges the TCOLDESCs behind a TCINFO, or remembers having done so. */
export const columnsOf = (
  ndb: NodeDatabase,
  info: Uint8Array,
  cCols: number,
  end: number,
  rowBytes: number,
  nid: number,
): readonly Column[] => {
  let shapes = known.get(ndb);
  if (shapes === undefined) known.set(ndb, (shapes = new Map()));
  const described = info.subarray(TCINFO.size, TCINFO.size + cCols * TCOLDESC.size);
  const key = `${end} ${rowBytes} ${Buffer.from(described.buffer, described.byteOffset, described.length).toString('latin1')}`;
  const hit = shapes.get(key);
  if (hit !== undefined) return hit;
  const columns = Array.from({ length: cCols }, (_, i): Column => {
    const { tag, ...rest } = TCOLDESC.decode(described, i * TCOLDESC.size);
    return { tag, id: tag >>> 16, type: tag & 0xffff, ...rest };
  });
  for (const { tag, type, ibData, cbData, iBit } of columns) {
    if (cbData < widthOf(type) || ibData + cbData > end || iBit >= 8 * (rowBytes - end)) {
      throw new PstCorrupt('column-out-of-row', 'TCOLDESC', { nid, tag, actual: ibData });
    }
  }
  if (ndb.strictness.picky) judgeColumns(ndb, columns, rowBytes - end, nid);
  if (shapes.size < MOST_KNOWN) shapes.set(key, columns);
  return columns;
};

/** Bytes a cell of the type takes in its row. [MS-PST] 2.3.4.4.2. */
export const widthOf = (type: number): number => {
  const size = fixedSize(type);
  return size === undefined || size > 8 || (type & 0x1000) !== 0 || type === PT.Guid ? 4 : size;
};

/** What Outlook demands beyond what reading needs. [MS-PST] 2.3.4.1 and 2.3.4.4.1. */
const judgeColumns = (ndb: NodeDatabase, columns: readonly Column[], bitmapBytes: number, nid: number): void => {
  const { strictness } = ndb;
  const expected = Math.ceil(columns.length / 8);
  strictness.expect(
    bitmapBytes === expected,
    () => new PstCorrupt('column-groups', 'TCINFO/TCI_bm', { nid, expected, actual: bitmapBytes }),
  );
  const places = columns.map(({ ibData, cbData }) => [ibData, ibData + cbData] as const).toSorted(([a], [b]) => a - b);
  const overlap = places.findIndex(([from], i) => from < (places[i - 1]?.[1] ?? 0));
  if (overlap >= 0) strictness.flaw(new PstCorrupt('columns-overlap', 'TCOLDESC/ibData', { nid, actual: places[overlap]?.[0] ?? 0 }));
  const bits = new Set(columns.map(({ iBit }) => iBit));
  strictness.expect(
    bits.size === columns.length,
    () => new PstCorrupt('column-bits', 'TCOLDESC/iBit', { nid, expected: columns.length, actual: bits.size }),
  );
  columns.forEach(({ tag }, i) => {
    const before = columns[i - 1]?.tag ?? -1;
    strictness.expect(tag > before, () => new PstCorrupt('columns-out-of-order', 'TCOLDESC/tag', { nid, tag }));
  });
  for (const [id, ibData] of [
    [ROW_ID, 0],
    [ROW_VERSION, 4],
  ] as const) {
    const column = columns.find((c) => c.id === id);
    strictness.expect(
      column?.ibData === ibData && column.iBit === ibData / 4,
      () => new PstCorrupt('row-id-column', 'TCOLDESC', { nid, tag: id * 0x1_0000 + PT.Integer32 }),
    );
  }
};

/** Types of four bytes that lie in the row themselves. */
const FOUR = new Set<number>([PT.Integer32, PT.Floating32, PT.ErrorCode]);
const NOTHING = new Uint8Array(0);
const free = (): void => undefined;
