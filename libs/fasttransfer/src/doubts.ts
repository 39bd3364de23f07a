import { ID, MESSAGE_FLAG, PT, type MapiItem } from '@pstream/mapi';
import { SECTION, TAG } from './wire.js';

/** A hint that an export ended early: an item has no end marker, so a cut between two subobjects still parses. Strong hints, not proofs. */
export type Doubt =
  /** No PidTagMessageClass, which every item has. */
  | 'message-class-missing'
  /** The section separators (FXDelProp) that servers write even for empty tables. */
  | 'recipients-section-missing'
  | 'attachments-section-missing'
  /** The item names recipients (DisplayTo, DisplayCc, DisplayBcc), and none came. */
  | 'recipients-expected'
  /** The item or the folder listing says that it has attachments, and none came. */
  | 'attachments-expected'
  /** The stream is less than half as long as the folder listing says. */
  | 'smaller-than-listed';

/** What the folder listing said of the item, as far as it is known. Sizes in bytes; `streamBytes` is the length of the decoded stream. */
export type Listing = { readonly hasAttachments?: boolean; readonly listedBytes?: number; readonly streamBytes?: number };

/** The hints that a decoded item is short, for the decision to export it again; empty if there is none. */
export const doubts = (item: MapiItem, listing: Listing = {}): readonly Doubt[] => {
  const found: Doubt[] = [];
  if (!has(item, ID.MessageClass)) found.push('message-class-missing');
  for (const part of SECTIONS) {
    if (item.warnings.some((warning) => warning.startsWith(`fasttransfer.${part}-section-missing`))) found.push(`${part}-section-missing`);
  }
  if (item.recipients.length === 0 && DISPLAY_NAMES.some((id) => has(item, id))) found.push('recipients-expected');
  if (item.attachments.length === 0 && (listing.hasAttachments === true || saysAttachments(item))) found.push('attachments-expected');
  const { listedBytes, streamBytes } = listing;
  if (listedBytes !== undefined && streamBytes !== undefined && streamBytes < listedBytes / 2) found.push('smaller-than-listed');
  return found;
};

/** Warnings of an item and of the messages embedded in it, outermost first. */
export const everyWarning = (item: MapiItem): readonly string[] => [
  ...item.warnings,
  ...item.attachments.flatMap(({ embedded }) => (embedded === undefined ? [] : everyWarning(embedded))),
];

const SECTIONS = Object.keys(SECTION) as (keyof typeof SECTION)[];
const DISPLAY_NAMES = [ID.DisplayTo, ID.DisplayCc, ID.DisplayBcc];

/** A string property that is there and not empty. */
const has = (item: MapiItem, id: number): boolean =>
  item.properties.some((property) => property.id === id && property.type === PT.String && property.value.length > 0);

/** PidTagHasAttachments, or the bit of PidTagMessageFlags where the former is absent (a clip is hidden while all attachments are). */
const saysAttachments = (item: MapiItem): boolean => {
  const flag = (tag: number): number | undefined =>
    item.properties.find((property) => property.id === tag >>> 16 && property.type === (tag & 0xffff))?.value[0];
  const stated = flag(TAG.HasAttachments);
  return stated === undefined ? ((flag(TAG.MessageFlags) ?? 0) & MESSAGE_FLAG.hasAttach) !== 0 : stated !== 0;
};
