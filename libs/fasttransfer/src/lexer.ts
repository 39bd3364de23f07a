import { FIRST_NAMED_ID, MULTIPLE, PT, type Property, type PropertyName } from '@pstream/mapi';
import { decodePage, isUtf16, UTF16, widenAscii } from '@pstream/mapi/code-pages';
import { damaged, type Place } from './faults.js';
import { EMPTY, type Spans } from './spans.js';
import { isMarker, tagText } from './wire.js';
import { wireType, type WireType } from './wire-type.js';

// stream   = *( marker / property )
// marker   = uint32                                          ; a value of the closed list in wire.ts, nothing else
// property = type:uint16 id:uint16 [name] value
// name     = GUID ( %x00 lid:uint32 / %x01 *utf16unit %x0000 ) ; only if id >= 0x8000
// value    = fixed / length:uint32 *byte / count:uint32 *( fixed / length:uint32 *byte )

/** Where the lexer is: the place of the current element, for faults and warnings. */
export class Position {
  streamOffset = 0;
  fileOffset = 0;
  /** Head of the last property read, or undefined before the first. */
  lastHead: number | undefined;

  mark(spans: Spans): void {
    this.streamOffset = spans.offset;
    this.fileOffset = spans.fileOffset;
  }

  place(): Place {
    const lastTag = this.lastHead === undefined ? null : tagText(this.lastHead);
    return { streamOffset: this.streamOffset, fileOffset: this.fileOffset, lastTag };
  }
}

/** What the lexer hands on, in stream order. */
export interface TokenSink {
  marker(head: number): void;
  /** `head` is the tag as announced. `undecoded`: string bytes that their code page does not explain, without terminator. */
  property(property: Property, head: number, undecoded: boolean): void;
  warn(note: string): void;
}

/** A length is taken at its word up to this many bytes; longer values wait until their bytes are there, so that a wrong length allocates nothing. */
const TRUSTED_BYTES = 1 << 20;

/** Characters of a name that are joined at a time: names are short, but a damaged one may run on for megabytes. */
const NAME_PIECE = 512;

/** Splits the joined stream into markers and properties. `run` yields when it needs more bytes; values are views of the pushed chunks,
 *  joined once where they cross a cut. Throws 'truncated', 'unknown-type', 'bad-name-kind' and 'odd-utf16' with the element's place. */
export class Lexer {
  /** Set when no more bytes will come. */
  ended = false;
  readonly #spans: Spans;
  readonly #sink: TokenSink;
  readonly #position: Position;
  readonly #fileBytes: number | undefined;

  constructor(spans: Spans, sink: TokenSink, position: Position, fileBytes?: number) {
    this.#spans = spans;
    this.#sink = sink;
    this.#position = position;
    this.#fileBytes = fileBytes;
  }

  *run(): Generator<undefined, void, undefined> {
    const spans = this.#spans;
    const position = this.#position;
    for (;;) {
      while (spans.left === 0) {
        if (this.ended) return;
        yield;
      }
      position.mark(spans);
      if (spans.left < 4) yield* this.#need(4);
      const head = spans.u32();
      if (isMarker(head)) {
        this.#sink.marker(head);
        continue;
      }
      const type = wireType(head & 0xffff);
      if (type === undefined) throw damaged('unknown-type', position.place(), { expected: 'a type of the grammar', found: tagText(head) });
      const id = head >>> 16;
      const name = id >= FIRST_NAMED_ID ? yield* this.#name() : undefined;
      if (type.multiple) {
        const values = yield* this.#list(type);
        this.#emit(head, id, type, name, type.bytes === 0 ? EMPTY : values[0]!, type.bytes === 0 ? values : undefined);
      } else if (type.bytes === 0) {
        this.#emit(head, id, type, name, yield* this.#counted(type), undefined);
      } else {
        if (spans.left < type.bytes) yield* this.#need(type.bytes);
        const value = spans.take(type.bytes);
        this.#emit(head, id, type, name, type.base === PT.Boolean ? this.#boolean(value, head) : value, undefined);
      }
      position.lastHead = head;
    }
  }

  /** Resolves code pages and hands the property on. */
  #emit(
    head: number,
    id: number,
    type: WireType,
    name: PropertyName | undefined,
    raw: Uint8Array,
    rawValues: readonly Uint8Array[] | undefined,
  ): void {
    let value = raw;
    let values = rawValues;
    let undecoded = false;
    if (type.base === PT.String && type.page !== UTF16) {
      if (rawValues === undefined) {
        const decoded = decodeText(type.page, raw);
        if (decoded === undefined) undecoded = true;
        else value = decoded;
      } else {
        const decoded = rawValues.map((one) => decodeText(type.page, one));
        if (decoded.includes(undefined)) undecoded = true;
        else values = decoded as Uint8Array[];
      }
    }
    const property: Property = {
      id,
      type: type.multiple ? type.base | MULTIPLE : type.base,
      value,
      ...(values && { values }),
      ...(name && { name }),
    };
    this.#sink.property(property, head, undecoded);
  }

  *#name(): Generator<undefined, PropertyName, undefined> {
    const spans = this.#spans;
    yield* this.#need(17);
    const set = spans.take(16);
    const kind = spans.u8();
    if (kind === 0) {
      yield* this.#need(4);
      return { set, lid: spans.u32() };
    }
    if (kind !== 1) throw damaged('bad-name-kind', this.#position.place(), { expected: '0 or 1', found: kind });
    let name = '';
    const units: number[] = [];
    for (;;) {
      if (spans.left < 2) yield* this.#need(2);
      const unit = spans.u16();
      if (unit === 0) return { set, name: name + String.fromCharCode(...units) };
      units.push(unit);
      if (units.length === NAME_PIECE) name += String.fromCharCode(...units.splice(0));
    }
  }

  /** The values of a list; those of a fixed-size type come as one piece. The count is checked against the bytes left, if they are known. */
  *#list(type: WireType): Generator<undefined, Uint8Array[], undefined> {
    yield* this.#need(4);
    const count = this.#spans.u32();
    if (type.bytes > 0) return [yield* this.#bytes(count * type.bytes)];
    this.#within(count * 4);
    const values: Uint8Array[] = [];
    while (values.length < count) values.push(yield* this.#counted(type));
    return values;
  }

  /** One value with its length before it; strings lose one terminator if they have one. */
  *#counted(type: WireType): Generator<undefined, Uint8Array, undefined> {
    const spans = this.#spans;
    if (spans.left < 4) yield* this.#need(4);
    const length = spans.u32();
    const wide = type.page !== undefined && isUtf16(type.page);
    if (wide && length % 2 === 1)
      throw damaged('odd-utf16', this.#position.place(), { expected: 'an even number of bytes', found: length });
    const bytes = spans.left >= length ? spans.take(length) : yield* this.#bytes(length);
    if (length === 0) return EMPTY;
    if (type.base !== PT.String || bytes[length - 1] !== 0) return bytes;
    if (!wide) return bytes.subarray(0, length - 1);
    return bytes[length - 2] === 0 ? bytes.subarray(0, length - 2) : bytes;
  }

  *#bytes(count: number): Generator<undefined, Uint8Array, undefined> {
    const spans = this.#spans;
    if (spans.left >= count) return spans.take(count);
    this.#within(count);
    if (this.#fileBytes !== undefined || count <= TRUSTED_BYTES) {
      const value = new Uint8Array(count);
      for (let filled = 0; ; ) {
        while (spans.left > 0 && filled < count) filled += spans.copyInto(value, filled);
        if (filled === count) return value;
        if (this.ended) throw this.#short(count, filled);
        yield;
      }
    }
    const pieces: Uint8Array[] = [];
    for (let gathered = 0; gathered < count; ) {
      while (spans.left > 0 && gathered < count) {
        const piece = spans.takeSlice(count - gathered);
        pieces.push(piece);
        gathered += piece.length;
      }
      if (gathered === count) break;
      if (this.ended) throw this.#short(count, gathered);
      yield;
    }
    const value = new Uint8Array(count);
    let at = 0;
    for (const piece of pieces) {
      value.set(piece, at);
      at += piece.length;
    }
    return value;
  }

  *#need(count: number): Generator<undefined, void, undefined> {
    while (this.#spans.left < count) {
      if (this.ended) throw this.#short(count, this.#spans.left);
      yield;
    }
  }

  /** Refuses a size that the rest of the file cannot hold, before anything is allocated for it. */
  #within(count: number): void {
    if (this.#fileBytes === undefined) return;
    const left = Math.max(0, this.#fileBytes - this.#spans.fileOffset);
    if (count > left) throw this.#short(count, left);
  }

  #short(expected: number, found: number): Error {
    return damaged('truncated', this.#position.place(), { expected, found });
  }

  /** The item model keeps one byte, 0 or 1, where the wire has two. */
  #boolean(wire: Uint8Array, head: number): Uint8Array {
    if (wire[1] === 0 && wire[0]! <= 1) return wire.subarray(0, 1);
    this.#sink.warn(`boolean-above-1 ${tagText(head)}`);
    return Uint8Array.of(1);
  }
}

/** Undefined where the pages of the message have to tell: also for ASCII bytes without a page, which may be a seven-bit page's. */
const decodeText = (page: number | undefined, bytes: Uint8Array): Uint8Array | undefined =>
  page === undefined ? undefined : (decodePage(page, bytes) ?? widenAscii(bytes));
