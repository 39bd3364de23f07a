import type { MapiItem, Property } from '@pstream/mapi';

import { OVERSIZE_BYTES } from '../fidelity/index.js';
import { AMAP_SPAN, MAX_BLOCK_BYTES, MAX_ENTRIES, MAX_HEAP_ITEM_BYTES, PAGE_BYTES } from '../shared/index.js';

/** What a region loses at most: four map pages, and at its end a block that did not fit. */
const REGION_LOSS = 4 * PAGE_BYTES + 8192;

/** Size of a file that has `room` bytes left in its last region, ending at `regionEnd`, once `more` bytes are added in blocks and pages. */
export const fileBound = (regionEnd: number, room: number, more: number): number => {
  const rest = more - Math.max(0, room - REGION_LOSS);
  return regionEnd + (rest <= 0 ? 0 : Math.ceil(rest / (AMAP_SPAN - REGION_LOSS)) * AMAP_SPAN);
};

/** Bytes of the two B-trees for so many blocks and nodes. Index levels add a twentieth of a twentieth and so on. */
export const btreeBound = (blocks: number, nodes: number): number =>
  PAGE_BYTES * (16 + Math.ceil((1.06 * blocks) / MAX_ENTRIES.bbtLeaf) + Math.ceil((1.06 * nodes) / MAX_ENTRIES.nbtLeaf));

/** What a block takes beyond its data, its B-tree entry and its place in a tree included. */
const BLOCK_LOSS = 80 + 32 + 24;
/** Property record, page map entry, name-to-id map entries. */
const PROPERTY_LOSS = 8 + 2 + 32;
/** A message without its values: heap and table overheads, contents row, node, subnode block. */
const MESSAGE_LOSS = 2600;
const ATTACHMENT_LOSS = 800;
/** A recipient row without its values and additional columns. */
const RECIPIENT_LOSS = 160;
/** Most a contents row copies from one property beside those that are counted twice anyway. */
const ROW_COLUMN_LIMIT = 0x1000;

const valueBytes = (property: Property): number => {
  // what is too long does not go in
  let bytes = property.value.length < OVERSIZE_BYTES ? property.value.length : 0;
  if (property.values !== undefined) for (const value of property.values) bytes += value.length + 4;
  return bytes;
};

const bagBound = (properties: readonly Property[]): number => {
  let bound = 0;
  for (const property of properties) {
    const bytes = valueBytes(property);
    bound += PROPERTY_LOSS + bytes + 2;
    if (bytes > MAX_HEAP_ITEM_BYTES) bound += BLOCK_LOSS * (2 + Math.ceil(bytes / MAX_BLOCK_BYTES));
    // a contents row repeats texts such as subject and topic; recipients are counted twice below
    else if (property.id < ROW_COLUMN_LIMIT) bound += bytes;
    if (property.id < ROW_COLUMN_LIMIT && bytes > MAX_HEAP_ITEM_BYTES)
      bound += bytes + BLOCK_LOSS * (2 + Math.ceil(bytes / MAX_BLOCK_BYTES));
    if (property.name?.name !== undefined) bound += 2 * property.name.name.length + 24;
  }
  // heap blocks of a context with many values are rarely full to the last byte
  return bound * 1.02;
};

const sameIds = (a: readonly Property[], b: readonly Property[]): boolean =>
  a.length === b.length &&
  a.every((property, i) => property.id === b[i]?.id && property.type === b[i]?.type && property.name === undefined);

/** Upper bound of what an item adds to a part: its own blocks and their share in tables, trees and maps. */
export const itemBound = (item: MapiItem): number => {
  let bound = MESSAGE_LOSS + bagBound(item.properties);
  if (item.recipients.length > 0) {
    const first = item.recipients[0]?.properties ?? [];
    let columns = first.length;
    let names = 0;
    for (const { properties } of item.recipients) {
      bound += RECIPIENT_LOSS;
      if (!sameIds(properties, first)) columns += properties.length;
      for (const property of properties) {
        const bytes = valueBytes(property);
        bound += 2 * bytes + 20; // a one-off entry id may repeat name and address
        if (bytes > MAX_HEAP_ITEM_BYTES) bound += BLOCK_LOSS * (3 + Math.ceil(bytes / MAX_BLOCK_BYTES));
        names += bytes + 4; // display names stand in the message and in its row again
      }
    }
    bound += item.recipients.length * columns * 8.2 + 2 * names + BLOCK_LOSS * (4 + (2 * names) / MAX_BLOCK_BYTES) + columns * 48;
    bound *= 1.04;
  }
  for (const { properties, embedded } of item.attachments) {
    bound += ATTACHMENT_LOSS + bagBound(properties);
    if (embedded !== undefined) bound += itemBound(embedded);
  }
  return Math.ceil(bound);
};
