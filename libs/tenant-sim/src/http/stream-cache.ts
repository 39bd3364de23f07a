/** Base64 texts of small streams, least recently used dropped first, up to a number of bytes. */
export class StreamCache {
  readonly #entries = new Map<string, Buffer>();
  #bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxEntryBytes = 4 * 1024 * 1024,
  ) {}

  /** The text of that key, now the most recently used. */
  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Remembers a text unless it is too large. */
  put(key: string, text: Buffer): void {
    if (text.length > this.maxEntryBytes || text.length > this.maxBytes || this.#entries.has(key)) return;
    this.#entries.set(key, text);
    this.#bytes += text.length;
    for (const [oldest, dropped] of this.#entries) {
      if (this.#bytes <= this.maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= dropped.length;
    }
  }
}
