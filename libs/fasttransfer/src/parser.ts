import { assert, isFault, type Fault } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { Assembler } from './assembler.js';
import { damaged } from './faults.js';
import { Lexer, Position } from './lexer.js';
import { RecordReader } from './records.js';
import { EMPTY, Spans } from './spans.js';
import { endsTruncated, TAIL_BYTES } from './truncation-text.js';

/** How to read an export stream. */
export type DecodeOptions = {
  /** Bytes of the whole file, where the caller knows them: lengths and counts are then refused before anything is allocated,
   *  and a large value is filled in place as it arrives. */
  readonly fileBytes?: number;
  /** Embedded messages inside each other before the item is refused; 100 if absent. */
  readonly maxDepth?: number;
};

/** Reads one exported item from bytes that arrive in any cuts. Chunks are kept by reference (do not reuse their buffers): values are
 *  views of them, joined once where they cross a cut. `push` never throws for bad data, because the server's truncation notice at the very
 *  end decides what the damage was; `finish` throws the Faults `fasttransfer.*` of faults.ts, and `fault` shows one early. */
export class ExportStreamParser {
  readonly #spans = new Spans();
  readonly #position = new Position();
  readonly #records = new RecordReader(this.#spans);
  readonly #assembler: Assembler;
  readonly #lexer: Lexer;
  readonly #lexing: Generator<undefined, void, undefined>;
  #fault: Fault | undefined;
  #tail: Uint8Array = EMPTY;
  #bytes = 0;
  #finished = false;

  constructor(options: DecodeOptions = {}) {
    this.#assembler = new Assembler(this.#position, options.maxDepth);
    this.#lexer = new Lexer(this.#spans, this.#assembler, this.#position, options.fileBytes);
    this.#lexing = this.#lexer.run();
  }

  /** The damage met so far; a caller may stop sending then, and `finish`. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** Takes the next bytes of the file. After damage they are only counted. */
  push(chunk: Uint8Array): void {
    assert(!this.#finished, 'push after finish');
    // A plain view: a Buffer would make every value a Buffer.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#bytes += bytes.length;
    this.#keepTail(bytes);
    this.#guarded(() => {
      try {
        this.#records.push(bytes);
      } finally {
        this.#lexing.next(); // damage in the data before a bad record comes first, whatever the cuts
      }
    });
  }

  /** The file has ended: returns the item, or throws what was wrong with it. */
  finish(): MapiItem {
    assert(!this.#finished, 'finish after finish');
    this.#finished = true;
    if (endsTruncated(this.#tail)) {
      const place = { ...this.#position.place(), fileOffset: this.#bytes };
      throw damaged('server-truncated', place, { expected: 'an item', found: 'truncation notice' });
    }
    const item = this.#guarded(() => {
      this.#records.finish();
      this.#lexer.ended = true;
      this.#lexing.next();
      this.#position.mark(this.#spans);
      return this.#assembler.finish();
    });
    if (item === undefined) throw this.#fault;
    return item;
  }

  /** Runs a step unless there was damage; keeps its Fault and lets a Defect through. */
  #guarded<T>(step: () => T): T | undefined {
    if (this.#fault !== undefined) return undefined;
    try {
      return step();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#fault = error;
      return undefined;
    }
  }

  #keepTail(bytes: Uint8Array): void {
    if (bytes.length >= TAIL_BYTES) {
      this.#tail = bytes.subarray(bytes.length - TAIL_BYTES);
      return;
    }
    const kept = this.#tail.subarray(Math.max(0, this.#tail.length + bytes.length - TAIL_BYTES));
    const tail = new Uint8Array(kept.length + bytes.length);
    tail.set(kept);
    tail.set(bytes, kept.length);
    this.#tail = tail;
  }
}

/** Decodes one exported item held in memory (the file form: records 1, 3, 4, 2...). Values are views of `bytes` where they do not cross
 *  TransferBuffer bodies. Throws the Faults `fasttransfer.*` of faults.ts, with offsets. */
export const decodeExportStream = (bytes: Uint8Array, options: DecodeOptions = {}): MapiItem => {
  const parser = new ExportStreamParser({ fileBytes: bytes.length, ...options });
  parser.push(bytes);
  return parser.finish();
};
