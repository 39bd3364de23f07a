import { PT } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import { DEFAULT_CODE_PAGE } from '../reader/code-page.js';
import type { NameMap } from '../reader/names.js';
import type { NodeDatabase } from '../reader/node-database.js';
import type { PropertyContext } from '../reader/property-context.js';
import { isInline, isKnownType, propertyOf } from '../reader/values.js';
import { MAX_BLOCK_BYTES } from '../shared/index.js';

/** Judges the records of a property context: types are legal, booleans 0 or 1, unused bytes of inline values 0, no heap item serves two
 *  properties, and streams are cut as [MS-PST] 2.3.3.2 wants. Values themselves are not read. */
export const judgeRecords = async ({ strictness }: NodeDatabase, pc: PropertyContext, nid: number): Promise<void> => {
  const items = new Set<number>();
  for (const record of pc.records.values()) {
    const { id, type, dwValueHnid } = record;
    const tag = id * 0x1_0000 + type;
    if (!isKnownType(type)) strictness.flaw(new PstCorrupt('illegal-type', 'PC/wPropType', { nid, tag }));
    if (isInline(type)) {
      const most = type === PT.Boolean ? 1 : type === PT.Integer16 ? 0xffff : 0xffff_ffff;
      if (dwValueHnid > most) strictness.flaw(new PstCorrupt('inline-value', 'PC/dwValueHnid', { nid, tag, actual: dwValueHnid }));
      continue;
    }
    if (dwValueHnid === 0) continue;
    if (items.has(dwValueHnid)) strictness.flaw(new PstCorrupt('value-shared', 'PC/dwValueHnid', { nid, tag, actual: dwValueHnid }));
    items.add(dwValueHnid);
    if ((dwValueHnid & 0x1f) === 0) continue;
    const tree = await strictness.survive(`node 0x${nid.toString(16)}`, () => pc.tree(record), undefined);
    const short = tree?.blocks.slice(0, -1).find(({ size }) => size !== MAX_BLOCK_BYTES);
    if (short !== undefined) {
      strictness.flaw(
        new PstCorrupt('size-mismatch', 'PC/stream', { nid, tag, bid: short.bid, expected: MAX_BLOCK_BYTES, actual: short.size }),
      );
    }
  }
};

/** Judges records and reads every value, for the store, folders and other contexts that are not items; names must be in the name map. */
export const judgeContext = async (ndb: NodeDatabase, pc: PropertyContext, nid: number, names: NameMap | undefined): Promise<void> => {
  const { strictness } = ndb;
  await judgeRecords(ndb, pc, nid);
  for (const record of pc.records.values()) {
    const { id, type } = record;
    const name = names?.get(id);
    if (id >= 0x8000 && names !== undefined && name === undefined) {
      strictness.flaw(new PstCorrupt('name-missing', 'NAMEID/wPropIdx', { nid, tag: id * 0x1_0000 + type }));
    }
    if (!isKnownType(type)) continue;
    const read = async (): Promise<void> => void propertyOf(id, type, await pc.stored(record), DEFAULT_CODE_PAGE, name);
    await strictness.survive(`node 0x${nid.toString(16)}`, read, undefined);
  }
};
