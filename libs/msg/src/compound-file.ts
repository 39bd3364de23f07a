import { Fault } from '@pstream/kernel';

/** A directory of a compound file: its streams and directories by name, and which of them somebody has asked for. */
export type Storage = { readonly streams: Map<string, Uint8Array>; readonly storages: Map<string, Storage>; readonly taken: Set<string> };

/** First bytes of every compound file. [MS-CFB] 2.2. */
const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** Shifts of the sector sizes there are: 512 and 4096 bytes. */
const SECTOR_SHIFTS = [9, 12];
const END = 0xffff_fffa;
const NOTHING = new Uint8Array(0);
const ENTRY_BYTES = 128;
/** Sectors that the header itself names. */
const HEADER_SECTORS = 109;
const STORAGE = 1;
const STREAM = 2;
/** Directories within directories; a message within a message takes two. */
const MAX_DEPTH = 250;

const storage = (): Storage => ({ streams: new Map(), storages: new Map(), taken: new Set() });

/** Whether bytes begin as a compound file does. */
export const isCompoundFile = (bytes: Uint8Array): boolean => SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));

/** Reads a compound file whole, as leniently as its damage allows: a chain that leads nowhere ends there, a directory that is met a second
 *  time is passed over. [MS-CFB]. Fault 'msg.unreadable' (never) where no header is to be found. */
export const readCompoundFile = (bytes: Uint8Array): Storage => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isCompoundFile(bytes) || bytes.length < 512 || !SECTOR_SHIFTS.includes(view.getUint16(30, true))) throw notACompoundFile();
  return new CompoundFile(bytes, view).root();
};

const notACompoundFile = (): Fault =>
  new Fault('msg.unreadable', {
    retry: 'never',
    advice: 'The file is not a compound file, which every .msg is. Save the message again in Outlook, or leave the file out.',
  });

class CompoundFile {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #sectorBytes: number;
  readonly #fatSectors: readonly number[];
  readonly #directory: Buffer;
  readonly #miniFat: Buffer;
  readonly #mini: Buffer;
  readonly #visited = new Set<number>();

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
    this.#sectorBytes = 1 << view.getUint16(30, true);
    this.#fatSectors = this.#allFatSectors();
    this.#directory = this.#sectors(this.#word(48));
    this.#miniFat = this.#sectors(this.#word(60));
    this.#mini = this.#directory.length < ENTRY_BYTES ? Buffer.alloc(0) : this.#sectors(this.#entry(0).readUInt32LE(116));
  }

  root(): Storage {
    const root = storage();
    if (this.#directory.length >= ENTRY_BYTES) this.#fill(root, this.#entry(0).readUInt32LE(76), 0);
    return root;
  }

  #word(at: number): number {
    return at + 4 <= this.#bytes.length ? this.#view.getUint32(at, true) : END;
  }

  #sector(index: number): Uint8Array {
    return this.#bytes.subarray((index + 1) * this.#sectorBytes, (index + 2) * this.#sectorBytes);
  }

  #allFatSectors(): number[] {
    const perSector = this.#sectorBytes / 4;
    const sectors = Array.from({ length: HEADER_SECTORS }, (_, i) => this.#word(76 + 4 * i));
    const seen = new Set<number>();
    for (let at = this.#word(68); at < END && !seen.has(at) && this.#sector(at).length > 0; ) {
      seen.add(at);
      const base = (at + 1) * this.#sectorBytes;
      for (let i = 0; i < perSector - 1; i++) sectors.push(this.#word(base + 4 * i));
      at = this.#word(base + 4 * (perSector - 1));
    }
    return sectors.filter((index) => index < END);
  }

  #nextOf(index: number): number {
    const perSector = this.#sectorBytes / 4;
    const holder = this.#fatSectors[Math.floor(index / perSector)];
    return holder === undefined ? END : this.#word((holder + 1) * this.#sectorBytes + 4 * (index % perSector));
  }

  #sectors(first: number): Buffer {
    return chain(
      first,
      (index) => this.#nextOf(index),
      (index) => this.#sector(index),
    );
  }

  #entry(index: number): Buffer {
    return this.#directory.subarray(ENTRY_BYTES * index, ENTRY_BYTES * (index + 1));
  }

  #contentOf(entry: Buffer): Uint8Array {
    const [first, size] = [entry.readUInt32LE(116), entry.readUInt32LE(120)];
    if (size === 0) return NOTHING;
    const small = size < this.#word(56);
    const miniNext = (index: number): number => (4 * index + 4 <= this.#miniFat.length ? this.#miniFat.readUInt32LE(4 * index) : END);
    const all = small ? chain(first, miniNext, (index) => this.#mini.subarray(64 * index, 64 * (index + 1))) : this.#sectors(first);
    return Uint8Array.from(all.subarray(0, size));
  }

  /** Walks the tree of siblings from `index` in order, without recursion: a damaged one may be as deep as it has entries. */
  #fill(into: Storage, index: number, depth: number): void {
    const above: { readonly entry: Buffer }[] = [];
    let at = index;
    for (;;) {
      const entry = this.#entry(at);
      if (entry.length === ENTRY_BYTES && !this.#visited.has(at)) {
        this.#visited.add(at);
        above.push({ entry });
        at = entry.readUInt32LE(68);
        continue;
      }
      const next = above.pop();
      if (next === undefined) return;
      this.#put(into, next.entry, depth);
      at = next.entry.readUInt32LE(72);
    }
  }

  #put(into: Storage, entry: Buffer, depth: number): void {
    const name = entry.subarray(0, Math.max(0, Math.min(64, entry.readUInt16LE(64)) - 2)).toString('utf16le');
    if (entry[66] === STREAM) into.streams.set(name, this.#contentOf(entry));
    else if (entry[66] === STORAGE && depth < MAX_DEPTH) {
      const child = storage();
      into.storages.set(name, child);
      this.#fill(child, entry.readUInt32LE(76), depth + 1);
    }
  }
}

/** The pieces of a chain, up to its end, a piece outside the file, or the first that was there before. */
const chain = (first: number, next: (index: number) => number, read: (index: number) => Uint8Array): Buffer => {
  const parts: Uint8Array[] = [];
  const seen = new Set<number>();
  for (let at = first; at < END && !seen.has(at); at = next(at)) {
    const part = read(at);
    if (part.length === 0) break;
    seen.add(at);
    parts.push(part);
  }
  return Buffer.concat(parts);
};
