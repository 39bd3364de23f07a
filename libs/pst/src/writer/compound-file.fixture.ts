/** A directory of a compound file: its streams and directories by name, and which of them somebody has asked for. */
export type Storage = { readonly streams: Map<string, Uint8Array>; readonly storages: Map<string, Storage>; readonly taken: Set<string> };

const END = 0xffff_fffa;
const NOTHING = new Uint8Array(0);
const ENTRY_BYTES = 128;
const storage = (): Storage => ({ streams: new Map(), storages: new Map(), taken: new Set() });

/** Reads a compound file whole, as leniently as its damage allows: a chain that leads nowhere ends there. [MS-CFB]. */
export const readCompoundFile = (bytes: Uint8Array): Storage => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number => (at + 4 <= bytes.length ? view.getUint32(at, true) : END);
  const sectorBytes = 1 << view.getUint16(30, true);
  const sector = (index: number): Uint8Array => bytes.subarray((index + 1) * sectorBytes, (index + 2) * sectorBytes);
  const perSector = sectorBytes / 4;
  const fatSectors = Array.from({ length: 109 }, (_, i) => word(76 + 4 * i));
  for (let at = word(68), more = word(72); more > 0 && at < END; more--) {
    const base = (at + 1) * sectorBytes;
    for (let i = 0; i < perSector - 1; i++) fatSectors.push(word(base + 4 * i));
    at = word(base + 4 * (perSector - 1));
  }
  const used = fatSectors.filter((index) => index < END);
  const fat = (index: number): number => {
    const holder = used[Math.floor(index / perSector)];
    return holder === undefined ? END : word((holder + 1) * sectorBytes + 4 * (index % perSector));
  };
  const chain = (first: number, next: (index: number) => number, read: (index: number) => Uint8Array): Buffer => {
    const parts: Uint8Array[] = [];
    const seen = new Set<number>();
    for (let at = first; at < END && !seen.has(at); at = next(at)) {
      seen.add(at);
      parts.push(read(at));
    }
    return Buffer.concat(parts);
  };
  const directory = chain(word(48), fat, sector);
  const miniFat = chain(word(60), fat, sector);
  const entry = (index: number): Buffer => directory.subarray(ENTRY_BYTES * index, ENTRY_BYTES * (index + 1));
  const mini = chain(entry(0).readUInt32LE(116), fat, sector);
  const contentOf = (of: Buffer): Uint8Array => {
    const [first, size] = [of.readUInt32LE(116), of.readUInt32LE(120)];
    if (size === 0) return NOTHING;
    const miniNext = (index: number): number => (4 * index + 4 <= miniFat.length ? miniFat.readUInt32LE(4 * index) : END);
    const all =
      size < word(56) ? chain(first, miniNext, (index) => mini.subarray(64 * index, 64 * (index + 1))) : chain(first, fat, sector);
    return Uint8Array.from(all.subarray(0, size));
  };
  const visited = new Set<number>();
  const fill = (into: Storage, index: number): void => {
    const of = entry(index);
    if (of.length < ENTRY_BYTES || visited.has(index)) return;
    visited.add(index);
    fill(into, of.readUInt32LE(68));
    const name = of.subarray(0, Math.max(0, Math.min(64, of.readUInt16LE(64)) - 2)).toString('utf16le');
    if (of[66] === 2) into.streams.set(name, contentOf(of));
    else if (of[66] === 1) {
      const child = storage();
      into.storages.set(name, child);
      fill(child, of.readUInt32LE(76));
    }
    fill(into, of.readUInt32LE(72));
  };
  const root = storage();
  fill(root, entry(0).readUInt32LE(76));
  return root;
};
