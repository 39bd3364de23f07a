import { basename } from 'node:path';
import { damagedFault } from './faults.js';
import type { LogFile, LogFiles } from './files.js';
import { scan } from './scan.js';
import type { Framed } from './record.js';

// A position is remembered for about every so many bytes; looking a record up walks over less than this.
const INDEX_EVERY_BYTES = 64 * 1024;

/** Name of the segment that begins at an offset: sorts like the offsets. */
export const segmentName = (base: bigint): string => `${String(base).padStart(20, '0')}.log`;

/** The offset that a segment's name says, or undefined for another file. */
export const segmentBase = (name: string): bigint | undefined => (/^\d{20}\.log$/.test(name) ? BigInt(name.slice(0, 20)) : undefined);

/** One file of a partition as its readers see it: what is on the disk, where each record is, and a handle while needed. */
export class Segment {
  readonly base: bigint;
  readonly path: string;
  /** Bytes that are safely on the disk; nothing is read beyond. */
  size: number;
  /** Offset after the last record. */
  end: bigint;
  private readonly files: LogFiles;
  private readonly offsets: bigint[] = [];
  private readonly positions: number[] = [];
  private indexed: Promise<void> | undefined;
  private handle: Promise<LogFile> | undefined;
  private readers = 0;
  private retired = false;

  /** `indexed` is false when the records are still to be looked at, which happens when first needed. */
  constructor(files: LogFiles, path: string, base: bigint, size: number, end: bigint, indexed: boolean) {
    this.files = files;
    this.path = path;
    this.base = base;
    this.size = size;
    this.end = end;
    this.indexed = indexed ? Promise.resolve() : undefined;
  }

  /** The file's name, for messages. */
  get name(): string {
    return basename(this.path);
  }

  /** Remembers where a record is. Records are told in ascending order. `always` is for the first one behind damage,
   *  which cannot be reached by walking. */
  note(offset: bigint, position: number, always?: 'always'): void {
    const last = this.positions.at(-1);
    if (always === undefined && last !== undefined && position - last < INDEX_EVERY_BYTES) return;
    this.offsets.push(offset);
    this.positions.push(position);
  }

  /** Position of a record. Throws Fault 'transport.damaged' if the records before it cannot be followed. */
  async locate(offset: bigint): Promise<number> {
    if (offset <= this.base) return 0;
    if (offset >= this.end) return this.size;
    this.indexed ??= this.index();
    await this.indexed;
    const entry = this.floor(offset);
    let found: number | undefined;
    const look = (head: Framed, position: number): void => {
      if (head.offset === offset) found = position;
    };
    const until = this.positions[entry + 1] ?? this.size;
    const stopped = await this.reading((file) =>
      scan(file, { position: this.positions[entry] ?? 0, offset: this.offsets[entry] ?? this.base }, until, look, 'heads'),
    );
    if (found === undefined && stopped.end === offset && stopped.bytes === until) return until;
    if (found === undefined) throw damagedFault(this.name, stopped.bytes, stopped.end);
    return found;
  }

  /** Bytes from a record to the end, within the distance of two index entries; proportional where nothing is indexed. */
  bytesFrom(offset: bigint): number {
    if (offset <= this.base) return this.size;
    if (offset >= this.end) return 0;
    const entry = this.floor(offset);
    const from = this.offsets[entry] ?? this.base;
    const at = this.positions[entry] ?? 0;
    const to = this.offsets[entry + 1] ?? this.end;
    const until = this.positions[entry + 1] ?? this.size;
    return Math.round(this.size - at - ((until - at) * Number(offset - from)) / Math.max(Number(to - from), 1));
  }

  /** Runs with an open handle, which is kept for the next reader until `rest`. */
  async reading<T>(work: (file: LogFile) => Promise<T>): Promise<T> {
    this.readers++;
    try {
      this.handle ??= this.files.open(this.path);
      let file: LogFile;
      try {
        file = await this.handle;
      } catch (error) {
        this.handle = undefined;
        throw error;
      }
      return await work(file);
    } finally {
      this.readers--;
      if (this.retired) await this.rest();
    }
  }

  /** Closes the handle unless somebody reads. */
  async rest(): Promise<void> {
    if (this.readers > 0 || this.handle === undefined) return;
    const handle = this.handle;
    this.handle = undefined;
    await (await handle).close();
  }

  /** Closes the handle now or after the last reader. */
  async retire(): Promise<void> {
    this.retired = true;
    await this.rest();
  }

  /** Looks at what was there when it began. Records appended meanwhile are noted by their writer and come behind. */
  private async index(): Promise<void> {
    const { size } = this;
    const offsets: bigint[] = [];
    const positions: number[] = [];
    const look = (head: Framed, position: number): void => {
      const last = positions.at(-1);
      if (last !== undefined && position - last < INDEX_EVERY_BYTES) return;
      offsets.push(head.offset);
      positions.push(position);
    };
    const stopped = await this.reading((file) => scan(file, { position: 0, offset: this.base }, size, look, 'heads'));
    if (stopped.bytes < size) throw damagedFault(this.name, stopped.bytes, stopped.end);
    // The writer may have noted records of its own since, or before; all of them lie behind what was scanned.
    const behind = this.positions.findIndex((position) => position >= size);
    const keep = behind < 0 ? this.positions.length : behind;
    this.offsets.splice(0, keep, ...offsets);
    this.positions.splice(0, keep, ...positions);
  }

  /** Index of the last entry at or below an offset, or -1. */
  private floor(offset: bigint): number {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.offsets[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
