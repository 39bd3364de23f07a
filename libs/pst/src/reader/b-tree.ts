import { BTPAGE_META, BTPAGE_META_4K, PAGETRAILER, PAGETRAILER_ANSI, PstCorrupt, type FileForm } from '../format/index.js';
import { PAGE_TYPE, pstCrc, signature } from '../shared/index.js';
import { readId } from './entries.js';
import type { Ref } from './header.js';
import type { Strictness } from './strictness.js';
import type { WindowCache } from './window-cache.js';

/** A B-tree page that passed its checks; `bytes` are a copy of the whole page. */
export type TreePage = {
  readonly ib: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly count: number;
  readonly level: number;
  readonly entryBytes: number;
};

/** Deepest B-tree that is believed: 8 levels hold more pages than a file can. */
const MAX_LEVEL = 8;
const MAX_CACHED_PAGES = 4096;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Page trailer of any form, as numbers. [MS-PST] 2.2.2.7.1. */
export const pageTrailer = (
  view: DataView,
  at: number,
  form: FileForm,
): { ptype: number; wSig: number; dwCRC: number; bid: number; twice: boolean } => {
  const offset = form.wide ? PAGETRAILER.offset : PAGETRAILER_ANSI.offset;
  const ptype = view.getUint8(at + offset.ptype);
  return {
    ptype,
    twice: ptype === view.getUint8(at + offset.ptypeRepeat),
    wSig: view.getUint16(at + offset.wSig, true),
    dwCRC: view.getUint32(at + offset.dwCRC, true),
    bid: readId(view, at + offset.bid, form.wide),
  };
};

/** The node or block B-tree. [MS-PST] 2.2.2.7.7. Pages are checked when first read and kept, up to a limit. */
export class BTree {
  private readonly pages = new Map<number, TreePage>();
  private readonly name: string;
  private readonly leafEntryBytes: number;

  constructor(
    private readonly cache: WindowCache,
    private readonly form: FileForm,
    private readonly root: Ref,
    private readonly ptype: number,
    private readonly bidNextP: number,
    private readonly strictness: Strictness,
  ) {
    this.name = ptype === PAGE_TYPE.nbt ? 'NBT' : 'BBT';
    this.leafEntryBytes = ptype === PAGE_TYPE.nbt ? form.nodeEntryBytes : form.blockEntryBytes;
  }

  /** Key of entry `index`. The low bit of a block id is not part of the key. [MS-PST] 2.2.2.2. */
  key(page: TreePage, index: number): number {
    const at = index * page.entryBytes;
    if (this.ptype === PAGE_TYPE.nbt) return page.view.getUint32(at, true);
    const bid = readId(page.view, at, this.form.wide);
    return bid - (bid % 2);
  }

  private child(page: TreePage, index: number): Ref {
    const id = this.form.wide ? 8 : 4;
    const at = index * page.entryBytes + id;
    return { bid: readId(page.view, at, this.form.wide), ib: readId(page.view, at + id, this.form.wide) };
  }

  /** Leaf page and offset of the entry with this key, or undefined. */
  async find(key: number): Promise<{ page: TreePage; at: number } | undefined> {
    let ref = this.root;
    let level: number | undefined;
    for (;;) {
      const page = this.pages.get(ref.ib) ?? (await this.load(ref));
      if (level !== undefined && page.level !== level) throw this.wrongLevel(ref, level, page.level);
      let low = 0;
      let high = page.count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.key(page, middle) <= key) low = middle + 1;
        else high = middle;
      }
      if (low === 0) return undefined;
      if (page.level === 0) return this.key(page, low - 1) === key ? { page, at: (low - 1) * page.entryBytes } : undefined;
      ref = this.child(page, low - 1);
      level = page.level - 1;
    }
  }

  /** All leaf pages in key order, and what is wrong with the order of keys between them. In lenient mode a broken page is recorded and passed over. */
  async *leaves(onPage?: (page: TreePage) => void): AsyncGenerator<TreePage> {
    const seen = new Set<number>();
    let last = -1;
    /** Pages to visit, the next one at the end; keys from `from` up to `to` belong there. */
    const ahead: { ref: Ref; level: number | undefined; from: number; to: number }[] = [
      { ref: this.root, level: undefined, from: 0, to: Infinity },
    ];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const { ref, level, from, to } = next;
      if (seen.has(ref.ib)) {
        this.strictness.flaw(new PstCorrupt('page-used-twice', `${this.name}/BREF`, ref));
        continue;
      }
      seen.add(ref.ib);
      const page = await this.strictness.survive(this.name, () => this.page(ref), undefined);
      if (page === undefined) continue;
      if (level !== undefined && page.level !== level) {
        this.strictness.flaw(this.wrongLevel(ref, level, page.level));
        continue;
      }
      onPage?.(page);
      for (let i = 0; i < page.count; i++) {
        const key = this.key(page, i);
        if (key < from || key >= to)
          this.strictness.flaw(new PstCorrupt('key-out-of-range', `${this.name}/btkey`, { ib: ref.ib, actual: key }));
        if (page.level === 0) {
          if (key <= last) this.strictness.flaw(new PstCorrupt('keys-out-of-order', `${this.name}/btkey`, { ib: ref.ib, actual: key }));
          last = Math.max(last, key);
        }
      }
      if (page.level === 0) yield page;
      else {
        for (let i = page.count - 1; i >= 0; i--) {
          const end = i + 1 < page.count ? this.key(page, i + 1) : to;
          ahead.push({ ref: this.child(page, i), level: page.level - 1, from: this.key(page, i), to: end });
        }
      }
    }
  }

  private page(ref: Ref): Promise<TreePage> {
    const hit = this.pages.get(ref.ib);
    return hit === undefined ? this.load(ref) : Promise.resolve(hit);
  }

  private async load(ref: Ref): Promise<TreePage> {
    const { form, strictness } = this;
    if (ref.ib % 512 !== 0 || ref.ib + form.pageBytes > this.cache.size)
      throw new PstCorrupt('page-out-of-bounds', `${this.name}/BREF/ib`, ref);
    const bytes = new Uint8Array(this.cache.peek(ref.ib, form.pageBytes) ?? (await this.cache.read(ref.ib, form.pageBytes)));
    const view = viewOf(bytes);
    const trailer = pageTrailer(view, form.pageTrailerAt, form);
    if (trailer.ptype !== this.ptype || !trailer.twice) {
      throw new PstCorrupt('wrong-page-type', 'PAGETRAILER/ptype', { ...ref, expected: this.ptype, actual: trailer.ptype });
    }
    const crc = pstCrc(bytes.subarray(0, form.pageTrailerAt));
    strictness.expect(
      crc === trailer.dwCRC,
      () => new PstCorrupt('crc-mismatch', 'PAGETRAILER/dwCRC', { ...ref, expected: trailer.dwCRC, actual: crc }),
    );
    const sig = signature(ref.ib, trailer.bid);
    strictness.expect(
      sig === trailer.wSig,
      () => new PstCorrupt('signature-mismatch', 'PAGETRAILER/wSig', { ...ref, expected: sig, actual: trailer.wSig }),
    );
    strictness.expect(
      ref.bid === trailer.bid,
      () => new PstCorrupt('id-mismatch', 'PAGETRAILER/bid', { ...ref, expected: ref.bid, actual: trailer.bid }),
    );
    strictness.expect(
      ref.bid < this.bidNextP,
      () => new PstCorrupt('id-not-below-next', 'HEADER/bidNextP', { ...ref, actual: this.bidNextP }),
    );
    const page = { ib: ref.ib, bytes, view, ...this.counts(view, ref) };
    if (this.pages.size >= MAX_CACHED_PAGES) this.pages.delete(this.pages.keys().next().value as number);
    this.pages.set(ref.ib, page);
    return page;
  }

  private counts(view: DataView, ref: Ref): { count: number; level: number; entryBytes: number } {
    const { form } = this;
    const at = form.pageMetaAt;
    const wide = form.pageBytes > 512;
    const meta = wide ? BTPAGE_META_4K.offset : BTPAGE_META.offset;
    const read = (offset: number): number => (wide ? view.getUint16(at + offset, true) : view.getUint8(at + offset));
    const count = read(meta.cEnt);
    const level = view.getUint8(at + meta.cLevel);
    const entryBytes = level === 0 ? this.leafEntryBytes : form.indexEntryBytes;
    const most = Math.floor(form.pageMetaAt / entryBytes);
    const wrong = (field: string, expected: number, actual: number): PstCorrupt =>
      new PstCorrupt('unexpected-value', `BTPAGE/${field}`, { ...ref, expected, actual });
    if (level > MAX_LEVEL) throw wrong('cLevel', MAX_LEVEL, level);
    if (view.getUint8(at + meta.cbEnt) !== entryBytes) throw wrong('cbEnt', entryBytes, view.getUint8(at + meta.cbEnt));
    if (count > most) throw wrong('cEnt', most, count);
    this.strictness.expect(read(meta.cEntMax) === most, () => wrong('cEntMax', most, read(meta.cEntMax)));
    return { count, level, entryBytes };
  }

  private wrongLevel(ref: Ref, expected: number, actual: number): PstCorrupt {
    return new PstCorrupt('unexpected-value', 'BTPAGE/cLevel', { ...ref, expected, actual });
  }
}
