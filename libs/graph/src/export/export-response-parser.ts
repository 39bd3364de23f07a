import { Fault } from '@pstream/kernel';
import { Base64Sink } from './base64-sink.js';
import { JsonTokenizer, type JsonHandler } from './json-tokenizer.js';

/** One entry of an exportItems reply, as it stands there. `data` is null where it is absent, null or empty. */
export type ExportEntry = {
  readonly itemId: string | null;
  readonly changeKey: string | null;
  readonly data: Uint8Array | null;
  readonly error: { readonly code: string; readonly message: string } | null;
};

type Place = 'document' | 'reply' | 'entries' | 'entry' | 'error';

/*  reply   = { …, "value": [ entry* ], "@odata.nextLink"?: string, … }
 *  entry   = { "itemId"?: string|null, "changeKey"?: string|null, "data"?: base64|null, "error"|"Error"?: error|null, … }
 *  error   = { "code"?: string, "message"?: string, … }
 *  Names are compared without case, since pages, samples and replies differ. What is not named is read over, at any depth. */

/** Reads one exportItems reply while it arrives (Graph §5): base64 goes straight into bytes, one item at a time is in memory.
 *  Throws the faults of JsonTokenizer and Base64Sink, and 'graph.bad-reply' where the JSON is not an export reply. */
export class ExportResponseParser {
  readonly #sink: Base64Sink;
  readonly #tokens: JsonTokenizer;
  #ready: ExportEntry[] = [];
  #place: Place = 'document';
  /** Open levels of something that is being read over. */
  #skipping = 0;
  #key = '';
  #seen = new Set<string>();
  #itemId: string | null = null;
  #changeKey: string | null = null;
  #data: Uint8Array | null = null;
  #error: { code: string; message: string } | null = null;
  #sawValue = false;
  #nextLink: string | null = null;

  constructor(options: { readonly itemBytes: number }) {
    this.#sink = new Base64Sink(options.itemBytes);
    this.#tokens = new JsonTokenizer(this.#handler());
  }

  /** Bytes taken so far. */
  get consumed(): number {
    return this.#tokens.consumed;
  }

  /** Takes the next piece of the body and returns the entries that it completed. */
  feed(chunk: Buffer): readonly ExportEntry[] {
    this.#tokens.feed(chunk);
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** The entries completed before a piece that could not be read. */
  rescue(): readonly ExportEntry[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** Says that the body has ended; returns the link to more entries, if the reply gave one. */
  end(): { readonly nextLink: string | null } {
    this.#tokens.end();
    if (!this.#sawValue) this.#bad('an array named value');
    return { nextLink: this.#nextLink };
  }

  #bad(expected: string): never {
    throw new Fault('graph.bad-reply', { retry: 'now', facts: { offset: this.#tokens.consumed, expected } });
  }

  #handler(): JsonHandler {
    return {
      startObject: () => this.#startObject(),
      endObject: () => this.#endObject(),
      startArray: () => {
        if (this.#skipping === 0 && this.#place === 'reply' && this.#key === 'value') {
          this.#place = 'entries';
          this.#sawValue = true;
        } else this.#skip('array');
      },
      endArray: () => {
        if (this.#skipping > 0) this.#skipping--;
        else this.#place = 'reply';
      },
      key: (name) => this.#name(name),
      scalar: (value) => this.#scalar(value),
      wantsBytes: () => this.#skipping === 0 && this.#place === 'entry' && this.#key === 'data',
      stringBytes: (chunk, from, to) => this.#sink.write(chunk, from, to),
      stringEnd: () => {
        const bytes = this.#sink.end();
        this.#data = bytes.length === 0 ? null : bytes;
      },
    };
  }

  #startObject(): void {
    if (this.#skipping > 0) this.#skipping++;
    else if (this.#place === 'document') this.#place = 'reply';
    else if (this.#place === 'entries') {
      this.#place = 'entry';
      this.#seen.clear();
      this.#itemId = this.#changeKey = this.#data = this.#error = null;
    } else if (this.#place === 'entry' && this.#key === 'error') {
      this.#place = 'error';
      this.#error = { code: '', message: '' };
    } else this.#skip('object');
  }

  #endObject(): void {
    if (this.#skipping > 0) this.#skipping--;
    else if (this.#place === 'error') this.#place = 'entry';
    else if (this.#place === 'entry') {
      this.#place = 'entries';
      this.#ready.push({ itemId: this.#itemId, changeKey: this.#changeKey, data: this.#data, error: this.#error });
      this.#data = null;
    }
  }

  #skip(kind: 'object' | 'array'): void {
    if (this.#skipping === 0) {
      const named = this.#place === 'entry' || this.#place === 'reply' ? NAMED.has(this.#key) : this.#place !== 'error';
      if (named) this.#bad(`no ${kind} here`);
    }
    this.#skipping++;
  }

  #name(name: string): void {
    if (this.#skipping > 0) return;
    this.#key = name.toLowerCase();
    const doubled =
      this.#place === 'reply' ? this.#key === 'value' && this.#sawValue : this.#place === 'entry' && this.#seen.has(this.#key);
    if (doubled) this.#bad('each name once');
    // An entry may carry `"error": null` beside `"Error": {…}`, so that name may come twice.
    if (this.#place === 'entry' && NAMED.has(this.#key) && this.#key !== 'error') this.#seen.add(this.#key);
  }

  #scalar(value: string | number | boolean | null): void {
    if (this.#skipping > 0) return;
    const text = typeof value === 'string' ? value : null;
    switch (this.#place) {
      case 'reply':
        if (this.#key === 'value') this.#bad('an array named value');
        if (this.#key === '@odata.nextlink') this.#nextLink = text;
        return;
      case 'entry':
        if (!NAMED.has(this.#key)) return;
        if (value !== null && (text === null || this.#key === 'error')) this.#bad(`another type for ${this.#key}`);
        if (this.#key === 'itemid') this.#itemId = text;
        if (this.#key === 'changekey') this.#changeKey = text;
        return;
      case 'error':
        if (this.#error !== null && this.#key === 'code') this.#error.code = text ?? '';
        if (this.#error !== null && this.#key === 'message') this.#error.message = text ?? '';
        return;
      default:
        this.#bad('an object');
    }
  }
}

const NAMED: ReadonlySet<string> = new Set(['value', 'itemid', 'changekey', 'data', 'error']);
