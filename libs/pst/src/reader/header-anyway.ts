import { ANSI, PstCorrupt, UNICODE, UNICODE_4K, type FileForm } from '../format/index.js';
import { CRYPT, NID } from '../shared/index.js';
import { decodeBlock, isInternal, storedBytes } from './decode-block.js';
import { readHeader, type Header } from './header.js';
import { salvage, type Salvage } from './salvage.js';
import type { Strictness } from './strictness.js';
import type { WindowCache } from './window-cache.js';

/** Version that a form is written with. */
const VERSIONS = new Map<FileForm, number>([
  [UNICODE, 23],
  [ANSI, 14],
  [UNICODE_4K, 36],
]);
/** Nodes that are looked at to tell how data is encoded. */
const SAMPLES = 64;
/** HNHDR of a property context: signature and client. [MS-PST] 2.3.1.2. */
const HEAP = 0xec;
const PROPERTY_CONTEXT = 0xbc;

/** The header of a store, or where it is lost what follows from the pages and blocks, with those. Throws PstCorrupt as `readHeader` does where
 *  nothing of a store is found either. */
export const headerAnyway = async (cache: WindowCache, strictness: Strictness): Promise<{ header: Header; found: Salvage }> => {
  let lost: PstCorrupt | undefined;
  try {
    const header = readHeader(await cache.read(0, Math.min(564, cache.size)), cache.size, strictness);
    const found = await salvage(cache, header.form);
    if (found.nodes.size > 0) return { header: await withEncoding(header, found, cache, strictness), found };
  } catch (error) {
    if (!(error instanceof PstCorrupt)) throw error;
    lost = error;
    strictness.record(error);
  }
  for (const [form, wVer] of VERSIONS) {
    const found = await salvage(cache, form);
    if (found.nodes.size === 0) continue;
    return { header: await withEncoding(blankHeader(form, wVer, cache.size), found, cache, strictness), found };
  }
  throw lost ?? new PstCorrupt('no-nodes', 'NBT');
};

/** A header that refers to no tree: every look-up in one fails, and what was found by itself answers. */
const blankHeader = (form: FileForm, wVer: number, fileBytes: number): Header => ({
  form,
  wVer,
  bCryptMethod: CRYPT.permute,
  bidNextP: Number.MAX_SAFE_INTEGER,
  bidNextB: Number.MAX_SAFE_INTEGER,
  rgnid: [],
  ibFileEof: fileBytes,
  ibAMapLast: 0,
  cbAMapFree: 0,
  fAMapValid: 0,
  nbt: { bid: 0, ib: fileBytes },
  bbt: { bid: 0, ib: fileBytes },
});

/** The header with the encoding under which property contexts look like such, if the one it names is not it. */
const withEncoding = async (header: Header, found: Salvage, cache: WindowCache, strictness: Strictness): Promise<Header> => {
  const hits = new Map<number, number>(Object.values(CRYPT).map((method) => [method, 0]));
  let samples = 0;
  for (const { nid, bidData } of found.nodes.values()) {
    const isContext = nid === NID.messageStore || [0x02, 0x04, 0x08].includes(nid & 0x1f);
    const block = isContext && !isInternal(bidData) ? found.blocks.get(bidData - (bidData % 2)) : undefined;
    if (block === undefined) continue;
    const raw = await cache.read(block.ib, storedBytes(block, header.form));
    for (const method of hits.keys()) {
      if (isContextHeap(() => decodeBlock(raw, block, method))) hits.set(method, (hits.get(method) ?? 0) + 1);
    }
    if (++samples === SAMPLES) break;
  }
  const [best, times] = [...hits].toSorted(([, a], [, b]) => b - a)[0] ?? [header.bCryptMethod, 0];
  if (times === 0 || (hits.get(header.bCryptMethod) ?? 0) === times) return header;
  strictness.record(new PstCorrupt('unexpected-value', 'HEADER/bCryptMethod', { expected: best, actual: header.bCryptMethod }));
  return { ...header, bCryptMethod: best };
};

const isContextHeap = (decode: () => Uint8Array): boolean => {
  try {
    const bytes = decode();
    return bytes[2] === HEAP && bytes[3] === PROPERTY_CONTEXT;
  } catch (error) {
    if (error instanceof PstCorrupt) return false;
    throw error;
  }
};
