import { fixedSize, ID, MULTIPLE, PT, type Attachment, type MapiItem, type Property, type Recipient } from '@pstream/mapi';

// What a store adds of its own, or what is worked out again wherever an item goes: Exchange's streams do not carry it from a PST.
const DROPPED = new Set<number>([
  ID.MessageSize,
  ID.AttachSize,
  ID.RecordKey,
  ID.StoreEntryId,
  ID.StoreRecordKey,
  ID.MappingSignature,
  ID.InstanceKey,
  ID.ParentEntryId,
  ID.Access,
  ID.AccessLevel,
  ID.MessageStatus,
  ID.HasAttachments,
  ID.NtSecurityDescriptor,
  0x0e2f,
  ID.ReplItemId,
  ID.ReplChangeNumber,
  ID.ReplVersionHistory,
  ID.ReplFlags,
  ID.SourceKey,
  ID.ParentSourceKey,
  ID.ChangeKey,
  ID.PredecessorChangeList,
  ID.RowId,
]);

const FIRST_NAMED = 0x8000;
const VARIABLE = new Set<number>([PT.String, PT.Binary]);

const encodable = (property: Property): boolean => {
  if (property.id >= FIRST_NAMED && property.name === undefined) return false;
  const single = property.type & ~MULTIPLE;
  if (property.type === PT.Object) return property.id === ID.AttachData;
  if (VARIABLE.has(single)) return property.type === single || property.values !== undefined;
  if (single === PT.ErrorCode || (single === PT.Boolean && property.type !== single)) return false;
  const size = fixedSize(single);
  return size !== undefined && (property.type === single ? property.value.length === size : property.value.length % size === 0);
};

const kept = (properties: readonly Property[], without: readonly number[] = []): readonly Property[] =>
  properties
    .filter((each) => encodable(each) && !DROPPED.has(each.id) && !without.includes(each.id) && (each.id < 0x6700 || each.id > 0x67ff))
    .toSorted((a, b) => a.id - b.id);

const attachment = (each: Attachment, number: number): Attachment => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(number);
  const properties = [{ id: ID.AttachNumber, type: PT.Integer32, value: bytes }, ...kept(each.properties, [ID.AttachNumber])];
  return { properties, ...(each.embedded === undefined ? {} : { embedded: asExported(each.embedded) }) };
};

const recipient = (each: Recipient): Recipient => ({ properties: kept(each.properties) });

/** An item of a PST as Exchange would export it: without the store's own bookkeeping, properties in rising order, attachments numbered. */
export const asExported = (item: MapiItem): MapiItem => ({
  properties: kept(item.properties, [ID.EntryId]),
  recipients: item.recipients.map(recipient),
  attachments: item.attachments.map(attachment),
  associated: item.associated,
  warnings: [],
});
