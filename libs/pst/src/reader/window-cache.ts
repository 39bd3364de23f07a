import { Fault } from '@pstream/kernel';
import type { ByteSource } from './source.js';

/** Read-ahead over a byte source: whole windows, the least recently used ones dropped. Small reads are answered from memory
 *  without waiting (`peek`); a run of neighbouring misses makes the next read longer. Holds at most `maxBytes` and one read. */
export class WindowCache {
  private readonly windows = new Map<number, Uint8Array>();
  private readonly loading = new Map<number, Promise<void>>();
  private held = 0;
  private nextMiss = -1;
  private ahead = 1;
  private hotIndex = -1;
  private hot: Uint8Array | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly windowBytes = 256 * 1024,
    private readonly maxBytes = 32 * 1024 * 1024,
    private readonly signal?: AbortSignal,
  ) {}

  get size(): number {
    return this.source.size;
  }

  /** The bytes if one cached window has them all: a view, valid as long as it is kept. */
  peek(ib: number, length: number): Uint8Array | undefined {
    const index = Math.floor(ib / this.windowBytes);
    const at = ib - index * this.windowBytes;
    if (index !== this.hotIndex) {
      const window = this.windows.get(index);
      if (window === undefined) return undefined;
      this.windows.delete(index);
      this.windows.set(index, window);
      this.hotIndex = index;
      this.hot = window;
    }
    return at + length <= (this.hot as Uint8Array).length ? (this.hot as Uint8Array).subarray(at, at + length) : undefined;
  }

  /** The bytes, from memory or from the source. The caller has checked that they lie within the file. */
  async read(ib: number, length: number): Promise<Uint8Array> {
    const hit = this.peek(ib, length);
    if (hit !== undefined) return hit;
    const first = Math.floor(ib / this.windowBytes);
    const last = Math.floor((ib + length - 1) / this.windowBytes);
    if (first === last) {
      return (await this.window(first)).subarray(ib - first * this.windowBytes, ib - first * this.windowBytes + length);
    }
    const out = new Uint8Array(length);
    for (let index = first; index <= last; index++) {
      const window = await this.window(index);
      const start = index * this.windowBytes;
      const from = Math.max(ib, start);
      const to = Math.min(ib + length, start + window.length);
      out.set(window.subarray(from - start, to - start), from - ib);
    }
    return out;
  }

  private async window(index: number): Promise<Uint8Array> {
    for (;;) {
      const window = this.windows.get(index);
      if (window !== undefined) return window;
      const busy = this.loading.get(index);
      if (busy === undefined) return this.load(index);
      await busy;
    }
  }

  private async load(index: number): Promise<Uint8Array> {
    this.signal?.throwIfAborted();
    this.ahead = index === this.nextMiss ? Math.min(this.ahead * 2, 16) : 1;
    let count = 1;
    while (count < this.ahead && !this.windows.has(index + count) && !this.loading.has(index + count)) count++;
    const start = index * this.windowBytes;
    const length = Math.min(count * this.windowBytes, this.source.size - start);
    count = Math.ceil(length / this.windowBytes);
    this.nextMiss = index + count;
    const reading = this.source.read(start, length).then((bytes) => {
      if (bytes.length !== length) throw new Fault('pst.short-read', { retry: 'now', facts: { offset: start, wanted: length, got: bytes.length } });
      for (let k = 0; k < count; k++) this.keep(index + k, bytes.subarray(k * this.windowBytes, (k + 1) * this.windowBytes));
    });
    for (let k = 0; k < count; k++) this.loading.set(index + k, reading);
    try {
      await reading;
    } finally {
      for (let k = 0; k < count; k++) this.loading.delete(index + k);
    }
    return this.windows.get(index) as Uint8Array;
  }

  private keep(index: number, bytes: Uint8Array): void {
    // a slice of its own, so that dropping one window of a long read frees its memory
    const window = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.windows.set(index, window);
    this.held += window.length;
    for (const [oldest, dropped] of this.windows) {
      if (this.held <= this.maxBytes || oldest === index) break;
      this.windows.delete(oldest);
      this.held -= dropped.length;
    }
  }
}
