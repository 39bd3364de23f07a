import { ID } from '@pstream/mapi';

/** Where a property stands. */
export const SCOPE = { message: 1, recipient: 2, attachment: 4, folder: 8 } as const;

/** Why a property of the source is not in the PST as it came:
 *  - provider: made from node ids by whoever opens the PST; the source's value would name an object that is not there;
 *  - computed: the writer works it out again (sizes, display names, counts, flags) or encodes it in another property;
 *  - server: state of the mailbox server (replication, access rights) without meaning or harmful in a file;
 *  - type: a type a PST has no place for; malformed: bytes that cannot be of the type; unnamed: 0x8000 and up without a name;
 *  - name: a name the name-to-id map cannot hold; oversize: 2 GiB - 1 or more; full: no room in the map or the table. */
export type DropReason = 'provider' | 'computed' | 'server' | 'type' | 'malformed' | 'unnamed' | 'name' | 'oversize' | 'full';

/** A property (or range of ids) that is never copied, where, and why. */
export type DroppedProperty = {
  readonly from: number;
  readonly to: number;
  readonly scopes: number;
  readonly reason: DropReason;
  readonly why: string;
};

const { message, recipient, attachment, folder } = SCOPE;
const everywhere = message | recipient | attachment | folder;

const one = (id: number, scopes: number, reason: DropReason, why: string): DroppedProperty => ({ from: id, to: id, scopes, reason, why });

/** Every property that is dropped or computed because of its id. All others go in, unknown ids included. */
export const DROPPED_PROPERTIES: readonly DroppedProperty[] = [
  one(ID.EntryId, message | attachment | folder, 'provider', 'made from the node id; a recipient keeps its own'),
  one(ID.RecordKey, message | attachment | folder, 'provider', 'made from the node id'),
  one(ID.ParentEntryId, everywhere, 'provider', 'made from the parent folder'),
  one(ID.StoreEntryId, everywhere, 'provider', 'names the store, which is another one now'),
  one(ID.StoreRecordKey, everywhere, 'provider', 'names the store, which is another one now'),
  one(ID.MappingSignature, everywhere, 'provider', 'says whose name-to-id map holds; the PST has its own'),
  one(ID.InstanceKey, everywhere, 'provider', 'key of a table row'),
  one(ID.Access, message | attachment | folder, 'provider', 'rights of the session that read the item'),
  one(ID.AccessLevel, message | attachment | folder, 'provider', 'rights of the session that read the item'),
  one(ID.ObjectType, folder, 'provider', 'follows from the object; items, attachments and recipients keep theirs'),
  one(ID.MessageStatus, message, 'computed', 'lives in the contents table row, written as 0'),
  one(ID.MessageSize, message | folder, 'computed', 'bytes of the node and its subnodes in this PST'),
  one(ID.AttachSize, attachment, 'computed', 'bytes of the property values in this PST'),
  one(
    ID.HasAttachments,
    message,
    'computed',
    'the provider reads bit 0x10 of PidTagMessageFlags, which is set from the attachments written',
  ),
  one(ID.DisplayTo, message, 'computed', 'joined from the recipients'),
  one(ID.DisplayCc, message, 'computed', 'joined from the recipients'),
  one(ID.DisplayBcc, message, 'computed', 'joined from the recipients'),
  one(ID.SubjectPrefix, message, 'computed', 'kept as the lead-in of PidTagSubject'),
  one(ID.NormalizedSubject, message, 'computed', 'kept as the lead-in of PidTagSubject'),
  one(ID.AttachNumber, attachment, 'computed', 'follows from the order of the attachment nodes'),
  one(ID.RowId, recipient | attachment, 'computed', 'rows are numbered again in the order of the source'),
  one(0x0e2f, everywhere, 'server', 'bookkeeping of the source store'),
  one(ID.NtSecurityDescriptor, everywhere, 'server', 'rights in the source store'),
  one(ID.ReplItemId, everywhere, 'server', 'replica data; a PST without replica map leaves it out'),
  one(ID.ReplChangeNumber, everywhere, 'server', 'replica data; a PST without replica map leaves it out'),
  one(ID.ReplVersionHistory, everywhere, 'server', 'replica data; a PST without replica map leaves it out'),
  one(ID.ReplFlags, everywhere, 'server', 'replica data; a PST without replica map leaves it out'),
  one(ID.SourceKey, everywhere, 'server', 'synchronisation with the source mailbox'),
  one(ID.ParentSourceKey, everywhere, 'server', 'synchronisation with the source mailbox'),
  one(ID.ChangeKey, everywhere, 'server', 'synchronisation with the source mailbox'),
  one(ID.PredecessorChangeList, everywhere, 'server', 'synchronisation with the source mailbox'),
  {
    from: 0x6700,
    to: 0x67ff,
    scopes: everywhere,
    reason: 'server',
    why: 'internal ids of the server; PST tables use 67F1-67F3 themselves',
  },
  one(ID.DisplayName, folder, 'computed', 'the name is part of the folder specification'),
  one(ID.ContainerClass, folder, 'computed', 'the class is part of the folder specification'),
  one(ID.ContentCount, folder, 'computed', 'rows of the contents table'),
  one(ID.ContentUnreadCount, folder, 'computed', 'rows of the contents table that are not read'),
  one(ID.AssociatedContentCount, folder, 'computed', 'worked out by the provider, not stored'),
  one(ID.Subfolders, folder, 'computed', 'rows of the hierarchy table'),
  { from: 0x36d0, to: 0x36d8, scopes: folder, reason: 'computed', why: 'entry ids of default folders, which are others in this PST' },
];

/** For each property id the scopes it is dropped in: the table as the hot loop reads it. */
const scopesById = new Uint8Array(0x1_0000);
const reasonById = new Map<number, DropReason>();
for (const rule of DROPPED_PROPERTIES) {
  for (let id = rule.from; id <= rule.to; id++) {
    scopesById[id] = rule.scopes;
    reasonById.set(id, rule.reason);
  }
}

/** Why a plain property is dropped in a scope, or undefined if it goes in. */
export const droppedBecause = (id: number, scope: number): DropReason | undefined =>
  ((scopesById[id] as number) & scope) === 0 ? undefined : reasonById.get(id);
