import { PT, type PropertyName } from '@pstream/mapi';
import { NAMEID, PstCorrupt } from '../format/index.js';
import { NID } from '../shared/index.js';
import { textOf } from './code-page.js';
import type { NodeDatabase } from './node-database.js';
import { PropertyContext } from './property-context.js';

const guid = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** Property sets with fixed GUID indexes, in Windows byte order. [MS-PST] 2.4.7.1. */
const PS_MAPI = guid('2803020000000000c000000000000046');
const PS_PUBLIC_STRINGS = guid('2903020000000000c000000000000046');

/** Streams of the name-to-id map. [MS-PST] 2.4.7. */
const STREAM = { guids: 0x0002, entries: 0x0003, strings: 0x0004 } as const;

/** Property ids 0x8000 and up to the names behind them. */
export type NameMap = ReadonlyMap<number, PropertyName>;

/** Reads the name-to-id map. [MS-PST] 2.4.7. An entry that cannot be read is a flaw and left out. */
export const readNames = async (ndb: NodeDatabase): Promise<NameMap> => {
  const names = new Map<number, PropertyName>();
  const node = await ndb.node(NID.nameToIdMap);
  if (node === undefined) throw new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid: NID.nameToIdMap });
  const pc = await PropertyContext.open(ndb, node.bidData, node.bidSub, node.nid);
  const stream = async (id: number): Promise<Uint8Array> => (await pc.value(id, PT.Binary)) ?? new Uint8Array(0);
  const [guids, entries, strings] = [await stream(STREAM.guids), await stream(STREAM.entries), await stream(STREAM.strings)];
  const view = new DataView(strings.buffer, strings.byteOffset, strings.byteLength);
  for (let at = 0; at + NAMEID.size <= entries.length; at += NAMEID.size) {
    const { dwPropertyID, wGuid, wPropIdx } = NAMEID.decode(entries, at);
    const broken = (field: string, actual: number): void =>
      ndb.strictness.flaw(new PstCorrupt('name-map', field, { nid: NID.nameToIdMap, tag: 0x8000 + wPropIdx, actual }));
    const index = wGuid >>> 1;
    const set =
      index === 1 ? PS_MAPI : index === 2 ? PS_PUBLIC_STRINGS : index < 3 ? undefined : guids.subarray(16 * (index - 3), 16 * (index - 2));
    if (set === undefined || set.length !== 16) {
      if (index !== 0) broken('NAMEID/wGuid', index);
      continue;
    }
    if ((wGuid & 1) === 0) {
      names.set(0x8000 + wPropIdx, { set, lid: dwPropertyID });
      continue;
    }
    const length = dwPropertyID + 4 <= strings.length ? view.getUint32(dwPropertyID, true) : undefined;
    if (length === undefined || dwPropertyID + 4 + length > strings.length) {
      broken('NAMEID/dwPropertyID', dwPropertyID);
      continue;
    }
    names.set(0x8000 + wPropIdx, { set, name: textOf(strings.subarray(dwPropertyID + 4, dwPropertyID + 4 + length)) });
  }
  return names;
};
