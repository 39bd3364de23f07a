import { join } from 'node:path';
import { assert } from '@pstream/kernel';
import type { LogRecord } from '../transport.js';
import { damagedFault, storageFault } from './faults.js';
import type { LogFiles } from './files.js';
import type { Log, ReadBatch } from './log.js';
import { HEAD_BYTES, isIntact, readBody, readHead, storedBytes, type Prepared } from './record.js';
import { findBehindDamage, scan } from './scan.js';
import { Segment, segmentBase, segmentName } from './segment.js';
import { SegmentWriter } from './segment-writer.js';

/** What a clean shutdown leaves behind, so that the next start need not read the last segment. */
export type Tail = { readonly base: bigint; readonly bytes: number; readonly end: bigint };

export type PartitionLogOptions = {
  readonly files: LogFiles;
  readonly dir: string;
  readonly topic: string;
  readonly partition: number;
  /** A segment is closed when it has grown to this many bytes. */
  readonly segmentBytes: number;
  /** From the last clean shutdown, if there was one. */
  readonly tail?: Tail | undefined;
};

type Waiting = {
  readonly records: readonly Prepared[];
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
};

// Sends that wait for the disk are written together up to this size.
const MAX_WRITE_BYTES = 16 * 1024 * 1024;
// Read beyond the asked-for values, for the heads of small records.
const READ_SLACK_BYTES = 16 * 1024;
// Handles kept open for segments that are no longer written.
const OPEN_CLOSED_SEGMENTS = 4;

/** A durable partition: segment files that are only ever appended to. Appends that come together share one write and one
 *  fdatasync. Reads go to the files on demand; values are views into what was read. */
export class PartitionLog implements Log {
  private readonly options: PartitionLogOptions;
  private readonly segments: Segment[];
  private readonly writer: SegmentWriter;
  private waiting: Waiting[] = [];
  // Cleared in the same step in which the queue was found empty, so that no append falls between two flushes.
  private busy = false;
  private flushing: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();
  private cursor: { readonly offset: bigint; readonly segment: Segment; readonly position: number } | undefined;
  private readonly recent: Segment[] = [];

  private constructor(options: PartitionLogOptions, segments: Segment[]) {
    this.options = options;
    this.segments = segments;
    this.writer = new SegmentWriter(options.files, options.dir, options.segmentBytes, segments);
  }

  /** Opens a partition; what a crash left unfinished at the end of the last segment is cut off.
   *  A damaged record before the end stays where it is and is reported when it is read. */
  static async open(options: PartitionLogOptions): Promise<PartitionLog> {
    const { files, dir } = options;
    await files.makeDir(dir);
    const bases = (await files.list(dir))
      .map(segmentBase)
      .filter((base) => base !== undefined)
      .sort((a, b) => (a < b ? -1 : 1));
    const segments: Segment[] = [];
    for (const [i, base] of bases.entries()) {
      const path = join(dir, segmentName(base));
      const next = bases[i + 1];
      const file = await files.open(path);
      try {
        const size = await file.size();
        if (next !== undefined) {
          segments.push(new Segment(files, path, base, size, next, false));
        } else if (options.tail?.base === base && options.tail.bytes === size) {
          segments.push(new Segment(files, path, base, size, options.tail.end, false));
        } else {
          const segment = new Segment(files, path, base, 0, base, true);
          let from = { position: 0, offset: base };
          for (;;) {
            const stopped = await scan(file, from, size, (head, position) => segment.note(head.offset, position));
            segment.size = stopped.bytes;
            segment.end = stopped.end;
            if (stopped.bytes === size) break;
            const behind = await findBehindDamage(file, stopped, size);
            if (behind === undefined) {
              await file.truncate(stopped.bytes);
              await file.datasync();
              break;
            }
            segment.note(behind.offset, behind.position, 'always');
            from = behind;
          }
          segments.push(segment);
        }
      } finally {
        await file.close();
      }
    }
    return new PartitionLog(options, segments);
  }

  get start(): bigint {
    return this.segments[0]?.base ?? 0n;
  }

  get end(): bigint {
    return this.segments.at(-1)?.end ?? 0n;
  }

  /** What `open` may take as `tail` after `close`. */
  get tail(): Tail | undefined {
    const last = this.segments.at(-1);
    return last === undefined ? undefined : { base: last.base, bytes: last.size, end: last.end };
  }

  append(records: readonly Prepared[]): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ records, bytes: records.reduce((sum, record) => sum + storedBytes(record), 0), done, failed });
      if (!this.busy) this.flushing = this.flush();
    });
  }

  async read(from: bigint, maxBytes: number): Promise<ReadBatch> {
    const offset = from > this.start ? from : this.start;
    const segment = this.segmentOf(offset);
    if (segment === undefined || offset >= segment.end) return { records: [], next: offset };
    try {
      const position =
        this.cursor?.segment === segment && this.cursor.offset === offset ? this.cursor.position : await segment.locate(offset);
      return await this.readAt(segment, offset, position, maxBytes);
    } catch (error) {
      throw storageFault(error, this.where(segment));
    } finally {
      await this.keepOpen(segment);
    }
  }

  frees(before: bigint): boolean {
    const second = this.segments[1];
    return second !== undefined && second.base <= before;
  }

  async trim(before: bigint): Promise<void> {
    let removed = false;
    while (this.frees(before)) {
      const segment = this.segments.shift()!;
      await segment.retire();
      try {
        await this.options.files.remove(segment.path);
      } catch (error) {
        throw storageFault(error, this.where(segment));
      }
      removed = true;
    }
    if (removed) await this.options.files.syncDir(this.options.dir);
  }

  bytesFrom(offset: bigint): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytesFrom(offset), 0);
  }

  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.flushing;
    await this.writer.close();
    await Promise.all(this.segments.map((segment) => segment.retire()));
  }

  private async flush(): Promise<void> {
    this.busy = true;
    // Sends of the same turn of the event loop join the first write.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      let bytes = 0;
      let count = 0;
      while (count < this.waiting.length && (count === 0 || bytes + this.waiting[count]!.bytes <= MAX_WRITE_BYTES))
        bytes += this.waiting[count++]!.bytes;
      const group = this.waiting.splice(0, count);
      try {
        await this.writer.write(
          group.flatMap(({ records }) => records),
          bytes,
        );
      } catch (error) {
        const fault = storageFault(error, { topic: this.options.topic, partition: this.options.partition });
        for (const { failed } of group) failed(fault);
        continue;
      }
      for (const { done } of group) done();
      for (const listener of this.listeners) listener();
    }
    this.busy = false;
  }

  private async readAt(segment: Segment, offset: bigint, position: number, maxBytes: number): Promise<ReadBatch> {
    let window = Math.min(Math.max(maxBytes, HEAD_BYTES) + READ_SLACK_BYTES, segment.size - position);
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(window);
      const got = await segment.reading((file) => file.read(buffer, position));
      const records: LogRecord[] = [];
      let at = 0;
      let bytes = 0;
      let next = offset;
      while (next < segment.end) {
        const head = readHead(buffer.subarray(0, got), at);
        if (head === undefined && records.length > 0) break;
        if (head === undefined || head.offset !== next || position + at + head.bytes > segment.size) {
          if (records.length > 0) break;
          throw damagedFault(segment.name, position + at, next);
        }
        if (at + head.bytes > got) {
          if (records.length > 0) break;
          // The first record is larger than the window: once more with room for all of it.
          assert(head.bytes > window, 'a file became shorter while it was read');
          window = head.bytes;
          break;
        }
        if (!isIntact(buffer, head)) {
          if (records.length > 0) break;
          throw damagedFault(segment.name, position + at, next);
        }
        const body = readBody(buffer, head);
        if (records.length > 0 && bytes + body.value.length > maxBytes) break;
        records.push({ topic: this.options.topic, partition: this.options.partition, offset: next, ...body });
        bytes += body.value.length;
        at += head.bytes;
        next += 1n;
      }
      if (records.length === 0) continue;
      this.cursor = { offset: next, segment, position: position + at };
      return { records, next };
    }
  }

  private segmentOf(offset: bigint): Segment | undefined {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle]!.base <= offset) low = middle + 1;
      else high = middle;
    }
    return this.segments[low - 1];
  }

  private async keepOpen(segment: Segment): Promise<void> {
    const known = this.recent.indexOf(segment);
    if (known >= 0) this.recent.splice(known, 1);
    this.recent.push(segment);
    while (this.recent.length > OPEN_CLOSED_SEGMENTS) await this.recent.shift()!.rest();
  }

  private where(segment: Segment): { topic: string; partition: number; file: string } {
    return { topic: this.options.topic, partition: this.options.partition, file: segment.name };
  }
}
