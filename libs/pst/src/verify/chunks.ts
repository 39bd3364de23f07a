import { Fault } from '@pstream/kernel';
import type { ByteSource } from '../reader/source.js';
import { canHashInThread, inlineHasher, threadHasher, type Hasher } from './hasher.js';

/** Bytes read at a time. */
const CHUNK_BYTES = 1024 * 1024;
/** The tail of a chunk is repeated in front of the next one, so that every block and page lies in one piece: no block is longer. */
const CARRY_BYTES = 8192;
/** Chunks that are kept behind the one under judgement, for messages that span them. */
const KEPT = 6;
/** Chunks that are read ahead: of a local file, and of one that is far away. */
const AHEAD = { near: 2, far: 6 } as const;
/** Files below this are hashed in place: a thread takes longer to start. */
const THREAD_FROM_BYTES = 32 * CHUNK_BYTES;

type Slot = { readonly bytes: Uint8Array; readonly view: DataView; index: number; reading: Promise<void> | undefined };

/** The file in order through a ring of buffers: read ahead, hashed (in another thread if that pays), the last few chunks at hand for those
 *  who look back. Holds nine chunks of 1 MiB, or thirteen of a file that is far away. */
export class Chunks {
  private readonly slots: Slot[];
  private readonly hasher: Hasher | undefined;
  private readonly ahead: number;
  /** Bytes from the start that have been handed out. */
  end = 0;
  private index = -1;

  constructor(
    private readonly source: ByteSource,
    sha256: boolean,
  ) {
    const threaded = sha256 && source.size >= THREAD_FROM_BYTES && canHashInThread();
    this.ahead = source.windowBytes === undefined ? AHEAD.far : AHEAD.near;
    const most = Math.min(KEPT + this.ahead + 1, Math.ceil(source.size / CHUNK_BYTES));
    const buffers = Array.from({ length: most }, () => new SharedArrayBuffer(CARRY_BYTES + CHUNK_BYTES));
    this.hasher = sha256 ? (threaded ? threadHasher : inlineHasher)(buffers, CARRY_BYTES) : undefined;
    this.slots = buffers.map((buffer) => ({ bytes: new Uint8Array(buffer), view: new DataView(buffer), index: -1, reading: undefined }));
    for (let index = 0; index < Math.min(this.ahead, most); index++) this.read(index);
  }

  /** Moves on to the next chunk; false at the end of the file. */
  async next(): Promise<boolean> {
    const { size } = this.source;
    if (this.end >= size) return false;
    const index = this.index + 1;
    const slot = this.slots[index % this.slots.length] as Slot;
    await slot.reading;
    slot.reading = undefined;
    const start = index * CHUNK_BYTES;
    const length = Math.min(CHUNK_BYTES, size - start);
    if (index > 0) {
      const before = this.slots[(index - 1) % this.slots.length] as Slot;
      slot.bytes.set(before.bytes.subarray(CHUNK_BYTES, CARRY_BYTES + CHUNK_BYTES));
    }
    slot.index = index;
    this.index = index;
    this.end = start + length;
    this.hasher?.filled(length);
    // the chunk that is overwritten next must have been hashed
    await this.hasher?.hashed(KEPT);
    this.read(index + this.ahead);
    return true;
  }

  private read(index: number): void {
    const start = index * CHUNK_BYTES;
    const length = Math.min(CHUNK_BYTES, this.source.size - start);
    if (length <= 0) return;
    const slot = this.slots[index % this.slots.length] as Slot;
    slot.index = -1;
    const into = slot.bytes.subarray(CARRY_BYTES, CARRY_BYTES + length);
    slot.reading = this.fill(start, into);
    // whoever gets there meets the error again
    slot.reading.catch(() => undefined);
  }

  private async fill(offset: number, into: Uint8Array): Promise<void> {
    if (this.source.readInto !== undefined) return this.source.readInto(offset, into);
    const bytes = await this.source.read(offset, into.length);
    if (bytes.length !== into.length)
      throw new Fault('pst.short-read', { retry: 'now', facts: { offset, wanted: into.length, got: bytes.length } });
    into.set(bytes);
  }

  /** What `find` found: the buffer, and where in it. */
  bytes: Uint8Array = NOTHING;
  view: DataView = new DataView(NOTHING.buffer);
  at = 0;

  /** Finds bytes that were handed out and are still held; false if they are not. At most 8 KiB, a block or a page. */
  find(ib: number, length: number): boolean {
    const last = ib + length - 1;
    if (last >= this.end) return false;
    const index = Math.floor(last / CHUNK_BYTES);
    const slot = this.slots[index % this.slots.length] as Slot;
    if (slot.index !== index) return false;
    this.bytes = slot.bytes;
    this.view = slot.view;
    this.at = CARRY_BYTES + ib - index * CHUNK_BYTES;
    return true;
  }

  /** The SHA-256 in hex when all has been handed out, if it was asked for. */
  async sha256(): Promise<string | undefined> {
    return this.hasher?.digest();
  }

  /** Ends the hashing thread. Reads that are under way are waited for, since the source may be closed next. */
  async close(): Promise<void> {
    this.hasher?.close();
    for (const { reading } of this.slots) await reading?.catch(() => undefined);
  }
}

const NOTHING = new Uint8Array(0);
