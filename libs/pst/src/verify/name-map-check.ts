import { PT } from '@pstream/mapi';
import { NAMEID, PstCorrupt } from '../format/index.js';
import type { NodeDatabase } from '../reader/node-database.js';
import { PropertyContext } from '../reader/property-context.js';
import { NID, pstCrc } from '../shared/index.js';

/** Bucket properties start here. [MS-PST] 2.4.7.5. */
const FIRST_BUCKET = 0x1000;
const ID = { bucketCount: 0x0001, guids: 0x0002, entries: 0x0003, strings: 0x0004 } as const;

/** Judges the hash buckets of the name-to-id map: every entry in the one bucket where a reader looks for it, and nothing else.
 *  [MS-PST] 2.4.7.5; the key of a string name is the CRC of its UTF-16LE bytes, and wGuid includes its string bit. */
export const checkNameMap = async (ndb: NodeDatabase): Promise<void> => {
  const { strictness } = ndb;
  const nid = NID.nameToIdMap;
  const node = await ndb.node(nid);
  if (node === undefined) return;
  const pc = await PropertyContext.open(ndb, node.bidData, node.bidSub, nid);
  const buckets = pc.integer(ID.bucketCount) ?? 0;
  if (buckets === 0) {
    strictness.flaw(new PstCorrupt('name-map', 'NameToIdMap/buckets', { nid, expected: 251, actual: buckets }));
    return;
  }
  const stream = async (id: number): Promise<Uint8Array> => (await pc.value(id, PT.Binary)) ?? new Uint8Array(0);
  const entries = await stream(ID.entries);
  const strings = await stream(ID.strings);
  const view = new DataView(strings.buffer, strings.byteOffset, strings.byteLength);
  const expected = new Map<string, number>();
  const seen = new Set<number>();
  for (let at = 0; at + NAMEID.size <= entries.length; at += NAMEID.size) {
    const { dwPropertyID, wGuid, wPropIdx } = NAMEID.decode(entries, at);
    if (seen.has(wPropIdx)) strictness.flaw(new PstCorrupt('name-twice', 'NAMEID/wPropIdx', { nid, actual: 0x8000 + wPropIdx }));
    seen.add(wPropIdx);
    let key = dwPropertyID;
    if ((wGuid & 1) === 1) {
      if (dwPropertyID + 4 > strings.length) continue;
      key = pstCrc(strings.subarray(dwPropertyID + 4, dwPropertyID + 4 + view.getUint32(dwPropertyID, true)));
    }
    expected.set(`${key} ${wGuid} ${wPropIdx}`, FIRST_BUCKET + (((key ^ wGuid) >>> 0) % buckets));
  }
  for (const record of pc.records.values()) {
    if (record.id < FIRST_BUCKET || record.id >= FIRST_BUCKET + buckets) continue;
    const bucket = await pc.stored(record);
    for (let at = 0; at + NAMEID.size <= bucket.length; at += NAMEID.size) {
      const { dwPropertyID, wGuid, wPropIdx } = NAMEID.decode(bucket, at);
      const key = `${dwPropertyID} ${wGuid} ${wPropIdx}`;
      if (expected.get(key) === record.id) expected.delete(key);
      else strictness.flaw(new PstCorrupt('name-bucket', 'NameToIdMap/bucket', { nid, tag: record.id, actual: 0x8000 + wPropIdx }));
    }
  }
  for (const [key, bucket] of expected) {
    strictness.flaw(
      new PstCorrupt('name-bucket', 'NameToIdMap/bucket', { nid, expected: bucket, actual: 0x8000 + Number(key.split(' ')[2]) }),
    );
  }
};
