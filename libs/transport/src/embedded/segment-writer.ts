import { join } from 'node:path';
import { isFull } from './faults.js';
import type { LogFile, LogFiles } from './files.js';
import { frame, storedBytes, type Prepared } from './record.js';
import { scan } from './scan.js';
import { Segment, segmentName } from './segment.js';

/** Appends to the last segment of a partition and begins the next one. One call at a time. */
export class SegmentWriter {
  private readonly files: LogFiles;
  private readonly dir: string;
  private readonly segmentBytes: number;
  private readonly segments: Segment[];
  private file: LogFile | undefined;
  // After a failed fdatasync nobody knows which pages are on the disk, and a second fdatasync may say "done" about
  // pages that the kernel has given up. Such a file is never written again.
  private poisoned = false;
  // Set while a new segment is wanted and not there yet. Its name says where the one before ends, so once a file of
  // that name may exist nothing is appended to the one before.
  private rolling = false;

  /** `segments` is shared with the readers: new ones are added to it. */
  constructor(files: LogFiles, dir: string, segmentBytes: number, segments: Segment[]) {
    this.files = files;
    this.dir = dir;
    this.segmentBytes = segmentBytes;
    this.segments = segments;
  }

  /** Resolves when the records are on the disk. If it throws, nothing of them will ever be seen. */
  async write(records: readonly Prepared[], bytes: number): Promise<void> {
    if (this.poisoned) await this.recover();
    const segment = await this.segmentFor(bytes);
    const file = (this.file ??= await this.files.open(segment.path));
    const offset = segment.end;
    try {
      await file.write(frame(records, offset, offset), segment.size);
    } catch (error) {
      if (isFull(error)) await this.cutBack(file, segment);
      else this.poisoned = true;
      throw error;
    }
    try {
      await file.datasync();
    } catch (error) {
      this.poisoned = true;
      throw error;
    }
    let position = segment.size;
    for (const [i, record] of records.entries()) {
      segment.note(offset + BigInt(i), position);
      position += storedBytes(record);
    }
    segment.size = position;
    segment.end = offset + BigInt(records.length);
  }

  async close(): Promise<void> {
    const file = this.file;
    this.file = undefined;
    await file?.close();
  }

  private async segmentFor(bytes: number): Promise<Segment> {
    const last = this.segments.at(-1);
    if (last !== undefined && !this.rolling && (last.size === 0 || last.size + bytes <= this.segmentBytes)) return last;
    return this.begin(last?.end ?? 0n);
  }

  private async begin(base: bigint): Promise<Segment> {
    this.rolling = true;
    await this.close();
    const path = join(this.dir, segmentName(base));
    const file = await this.files.open(path, 'create');
    try {
      // What an attempt that failed half-way may have left there was never confirmed.
      await file.truncate(0);
      await this.files.syncDir(this.dir);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.file = file;
    this.rolling = false;
    const segment = new Segment(this.files, path, base, 0, base, true);
    this.segments.push(segment);
    return segment;
  }

  private async cutBack(file: LogFile, segment: Segment): Promise<void> {
    try {
      await file.truncate(segment.size);
    } catch {
      this.poisoned = true;
    }
  }

  /** Opens the file anew, cuts off what was never confirmed, reads all the rest back, and goes on in a new file. */
  private async recover(): Promise<void> {
    await this.close().catch(() => undefined);
    const segment = this.segments.at(-1);
    if (segment !== undefined) {
      const file = await this.files.open(segment.path);
      try {
        await file.truncate(segment.size);
        await file.datasync();
        const found = await scan(file, { position: 0, offset: segment.base }, segment.size, () => undefined);
        if (found.end !== segment.end) throw new Error(`only ${found.bytes} of ${segment.size} bytes could be read back`);
      } finally {
        await file.close();
      }
      if (segment.size > 0) await this.begin(segment.end);
    }
    this.poisoned = false;
  }
}
