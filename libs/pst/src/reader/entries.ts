import type { FileForm } from '../format/index.js';

/** A node: block ids of its data and of its subnode tree, 0 for none. [MS-PST] 2.2.2.7.7.4. */
export type NodeRef = { readonly nid: number; readonly bidData: number; readonly bidSub: number; readonly nidParent: number };

/** A BBT entry: where a block is, `cb` bytes stored, `size` bytes after inflating (the same but in 4k-page stores). */
export type BlockRef = { readonly bid: number; readonly ib: number; readonly cb: number; readonly size: number; readonly cRef: number };

/** A 4- or 8-byte id or offset as a number. Damaged ones above 2^53 come out as 2^53, which no file contains. */
export const readId = (view: DataView, at: number, wide: boolean): number => {
  if (!wide) return view.getUint32(at, true);
  const high = view.getUint32(at + 4, true);
  return high < 0x20_0000 ? high * 0x1_0000_0000 + view.getUint32(at, true) : Number.MAX_SAFE_INTEGER;
};

/** The NBTENTRY at an offset. [MS-PST] 2.2.2.7.7.4. */
export const nodeEntry = (view: DataView, at: number, { wide }: FileForm): NodeRef => {
  const id = wide ? 8 : 4;
  return {
    nid: view.getUint32(at, true),
    bidData: readId(view, at + id, wide),
    bidSub: readId(view, at + 2 * id, wide),
    nidParent: view.getUint32(at + 3 * id, true),
  };
};

/** The BBTENTRY at an offset. [MS-PST] 2.2.2.7.7.3. */
export const blockEntry = (view: DataView, at: number, { wide, pageBytes }: FileForm): BlockRef => {
  const id = wide ? 8 : 4;
  const cb = view.getUint16(at + 2 * id, true);
  const second = view.getUint16(at + 2 * id + 2, true);
  const inflatable = pageBytes > 512;
  return {
    bid: readId(view, at, wide),
    ib: readId(view, at + id, wide),
    cb,
    size: inflatable ? second : cb,
    cRef: inflatable ? view.getUint16(at + 2 * id + 4, true) : second,
  };
};
