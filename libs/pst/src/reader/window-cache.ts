import { Fault } from '@pstream/kernel';
import type { ByteSource } from './source.js';

/** Windows that are read side by side when a file is read in order. */
const MOST_AHEAD = 4;

/** Read-ahead over a byte source: whole windows, the least recently used ones dropped. Small reads are answered from memory
 *  without waiting (`peek`); a run of neighbouring misses makes it read several windows at once. Holds `maxBytes` and those. */
export class WindowCache {
  private readonly windows = new Map<number, Uint8Array>();
  private readonly loading = new Map<number, Promise<Uint8Array>>();
  private held = 0;
  private nextMiss = -1;
  private ahead = 1;
  private hotIndex = -1;
  private hot: Uint8Array | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly windowBytes = 1024 * 1024,
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
    const known = this.windows.get(index) ?? this.loading.get(index);
    if (known !== undefined) return known;
    this.ahead = index === this.nextMiss ? Math.min(this.ahead * 2, MOST_AHEAD) : 1;
    this.nextMiss = index + this.ahead;
    const last = Math.floor((this.source.size - 1) / this.windowBytes);
    for (let next = index + 1; next < index + this.ahead && next <= last; next++) {
      // whoever needs this window meets the error again; here nobody waits for it
      if (!this.windows.has(next) && !this.loading.has(next)) this.load(next).catch(() => undefined);
    }
    return this.load(index);
  }

  private load(index: number): Promise<Uint8Array> {
    this.signal?.throwIfAborted();
    const start = index * this.windowBytes;
    const length = Math.min(this.windowBytes, this.source.size - start);
    const reading = this.source.read(start, length).then(
      (bytes) => {
        this.loading.delete(index);
        if (bytes.length !== length)
          throw new Fault('pst.short-read', { retry: 'now', facts: { offset: start, wanted: length, got: bytes.length } });
        this.keep(index, bytes);
        return bytes;
      },
      (error: unknown) => {
        this.loading.delete(index);
        throw error;
      },
    );
    this.loading.set(index, reading);
    return reading;
  }

  private keep(index: number, window: Uint8Array): void {
    this.windows.set(index, window);
    this.held += window.length;
    for (const [oldest, dropped] of this.windows) {
      if (this.held <= this.maxBytes || oldest === index) break;
      this.windows.delete(oldest);
      this.held -= dropped.length;
    }
  }
}
