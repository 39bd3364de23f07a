import { ID, MULTIPLE, PT, fixedSize, makeTag, tagType } from '@pstream/mapi';

import { put16, put32 } from './little-endian.js';

const ROW_ID = makeTag(ID.LtpRowId, PT.Integer32);
const ROW_VER = makeTag(ID.LtpRowVer, PT.Integer32);

/** A table has at most this many columns: cCols is one byte. [MS-PST] 2.3.4.1. */
export const MAX_COLUMNS = 255;

/** Columns that take a heap or node id of 4 bytes instead of the value: everything variable, and GUIDs. [MS-PST] 2.3.4.4.2. */
const isReference = (type: number): boolean => {
  const size = (type & MULTIPLE) === 0 ? fixedSize(type) : undefined;
  return size === undefined || size > 8;
};

/** TCOLDESC. [MS-PST] 2.3.4.2. */
export const TCOLDESC_BYTES = 8;

const cellBytes = (type: number): number => (isReference(type) ? 4 : (fixedSize(type) as number));

/** Where the cells of a table's rows are. [MS-PST] 2.3.4.1 and 2.3.4.4.1. */
export class Columns {
  /** Tags, ascending, with the row id and version among them. */
  readonly tags: readonly number[];
  /** Offset of each column's cell in the row, and its existence bit. */
  readonly offsets: Uint16Array;
  readonly bits: Uint8Array;
  /** 1 for each column whose cells hold a heap or node id instead of the value. */
  readonly references: Uint8Array;
  /** The TCOLDESC of all columns, as they stand in every table's TCINFO. */
  readonly descriptors: Uint8Array;
  readonly end4: number;
  readonly end2: number;
  readonly end1: number;
  readonly rowBytes: number;
  readonly #positions: ReadonlyMap<number, number>;

  /** `tags` in any order, without PidTagLtpRowId and PidTagLtpRowVer. */
  constructor(tags: Iterable<number>) {
    this.tags = [...new Set([...tags, ROW_ID, ROW_VER])].sort((a, b) => a - b);
    this.offsets = new Uint16Array(this.tags.length);
    this.bits = new Uint8Array(this.tags.length);
    this.#positions = new Map(this.tags.map((tag, i) => [tag, i]));
    // row id and version come first, in place and in the bitmap; 8-byte cells before 4-byte ones, so that all are aligned
    let bit = 2;
    this.tags.forEach((tag, i) => {
      this.bits[i] = tag === ROW_ID ? 0 : tag === ROW_VER ? 1 : bit++;
    });
    let at = 8;
    const place = (bytes: number): number => {
      this.tags.forEach((tag, i) => {
        if (tag === ROW_ID || tag === ROW_VER || cellBytes(tagType(tag)) !== bytes) return;
        this.offsets[i] = at;
        at += bytes;
      });
      return at;
    };
    this.offsets[this.positionOf(ROW_VER)] = 4;
    place(8);
    this.end4 = place(4);
    this.end2 = place(2);
    this.end1 = place(1);
    this.rowBytes = this.end1 + Math.ceil(this.tags.length / 8);
    this.references = Uint8Array.from(this.tags, (tag) => (isReference(tagType(tag)) ? 1 : 0));
    this.descriptors = new Uint8Array(TCOLDESC_BYTES * this.tags.length);
    this.tags.forEach((tag, i) => {
      const to = TCOLDESC_BYTES * i;
      put32(this.descriptors, to, tag); // tag
      put16(this.descriptors, to + 4, this.offsets[i] as number); // ibData
      this.descriptors[to + 6] = cellBytes(tagType(tag)); // cbData
      this.descriptors[to + 7] = this.bits[i] as number; // iBit
    });
  }

  /** Position of a column, or -1. */
  positionOf(tag: number): number {
    return this.#positions.get(tag) ?? -1;
  }
}
