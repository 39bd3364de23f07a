import { put32 } from '../../shared/index.js';

/** Entry id of a folder or message in this store: four zero bytes, the record key of the store, the nid. [MS-PST] 2.4.3.2. */
export const entryIdOf = (recordKey: Uint8Array, nid: number): Uint8Array => {
  const out = new Uint8Array(24);
  out.set(recordKey, 4);
  put32(out, 20, nid);
  return out;
};
