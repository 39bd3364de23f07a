import { AMAP_SPAN, FIRST_AMAP_OFFSET } from '../shared/index.js';
import { PstWriter, type PartTarget, type PstWriterOptions } from './index.js';

/** Keeps extents in memory, as a destination would, and puts the file together. */
export class MemoryTarget implements PartTarget {
  readonly staged = new Map<number, Uint8Array>();
  /** Extents in the order in which they were handed over. */
  readonly order: number[] = [];
  readonly #extentBytes: number;

  constructor(regionsPerExtent: number, staged: ReadonlyMap<number, Uint8Array> = new Map()) {
    this.#extentBytes = regionsPerExtent * AMAP_SPAN;
    for (const [index, bytes] of staged) this.staged.set(index, bytes);
  }

  async stage(index: number, bytes: Uint8Array): Promise<void> {
    this.order.push(index);
    this.staged.set(index, bytes.slice());
  }

  /** The finished file. */
  file(): Buffer {
    const parts = [...this.staged.keys()].sort((a, b) => a - b).map((index) => this.staged.get(index) ?? new Uint8Array(0));
    parts.forEach((part, index) => {
      if (index === 0 ? part.length !== FIRST_AMAP_OFFSET : index < parts.length - 1 && part.length !== this.#extentBytes) {
        throw new Error(`extent ${index} has ${part.length} bytes`);
      }
    });
    return Buffer.concat(parts);
  }
}

/** A part in memory and its writer. */
export const memoryPart = (options: Omit<PstWriterOptions, 'createdAt'>): { readonly target: MemoryTarget; readonly writer: PstWriter } => {
  const { regionsPerExtent = 1 } = options;
  const target = new MemoryTarget(regionsPerExtent);
  return { target, writer: PstWriter.create(target, { ...options, regionsPerExtent, createdAt: '2024-01-01T00:00:00Z' }) };
};
