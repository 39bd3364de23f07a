import { PT, type MapiItem } from '@pstream/mapi';
import type { SimFolder, SimItem, SimUser } from '../source.js';
import { physicalMailbox, type Mailbox } from '../tenant.js';
import type { Version } from './call.js';
import type { Context } from './context.js';

/** Names a folder answers with; also what $select knows. */
export const FOLDER_PROPERTIES = [
  'id',
  'displayName',
  'parentFolderId',
  'type',
  'childFolderCount',
  'totalItemCount',
  'wellKnownName',
  'parentMailboxUrl',
  'isHidden',
];

/** Names an item answers with. */
export const ITEM_PROPERTIES = ['id', 'changeKey', 'categories', 'createdDateTime', 'lastModifiedDateTime', 'type', 'size'];

/** Names a user answers with. */
export const USER_PROPERTIES = ['id', 'userPrincipalName', 'displayName', 'mail', 'accountEnabled', 'userType', 'proxyAddresses'];

/** A mailbox's own URL in that version. */
export const mailboxUrl = (context: Context, mailbox: Mailbox, version: Version): string =>
  `${context.origin}/${version}/admin/exchange/mailboxes/${encodeURIComponent(mailbox.id)}`;

/** Direct children that the mailbox API knows. */
export const childrenOf = (mailbox: Mailbox, folder: SimFolder): readonly SimFolder[] =>
  mailbox.state.folders().filter((each) => each.parentId === folder.id && each.recoverable !== true);

/** A mailboxFolder. `parentMailboxUrl` and `isHidden` are of the beta model. */
export const folderEntity = (
  context: Context,
  mailbox: Mailbox,
  folder: SimFolder,
  version: Version,
): Readonly<Record<string, unknown>> => ({
  id: folder.id,
  displayName: folder.displayName,
  parentFolderId: folder.parentId ?? mailbox.state.source.rootId,
  type: folder.type,
  childFolderCount: childrenOf(mailbox, folder).length,
  totalItemCount: mailbox.state.count(folder),
  ...(context.wellKnownNames ? { wellKnownName: folder.wellKnownName } : {}),
  ...(version === 'beta'
    ? { parentMailboxUrl: mailboxUrl(context, physicalMailbox(mailbox, folder), version), isHidden: folder.isHidden }
    : {}),
});

/** A mailboxItem. */
export const itemEntity = (item: SimItem): Readonly<Record<string, unknown>> => ({
  '@odata.etag': `W/"${item.changeKey}"`,
  id: item.id,
  changeKey: item.changeKey,
  categories: item.categories,
  createdDateTime: item.created,
  lastModifiedDateTime: item.modified,
  type: item.type,
  size: item.size,
});

/** A user object. */
export const userEntity = (user: SimUser): Readonly<Record<string, unknown>> => ({
  id: user.id,
  userPrincipalName: user.userPrincipalName,
  displayName: user.displayName,
  mail: user.primary === undefined ? null : user.userPrincipalName,
  accountEnabled: user.accountEnabled,
  userType: 'Member',
  proxyAddresses: user.primary === undefined ? [] : [`SMTP:${user.userPrincipalName}`],
});

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

/** A folder's MAPI properties, for extended properties: display name, class, folder type (2 marks a search folder), hidden. */
export const folderContent = (folder: SimFolder): MapiItem => ({
  properties: [
    { id: 0x3001, type: PT.String, value: Buffer.from(folder.displayName, 'utf16le') },
    { id: 0x3601, type: PT.Integer32, value: int32(folder.searchOf === undefined ? 1 : 2) },
    { id: 0x3602, type: PT.Integer32, value: int32(folder.count) },
    { id: 0x10f4, type: PT.Boolean, value: Uint8Array.of(folder.isHidden ? 1 : 0) },
    ...(folder.type === null ? [] : [{ id: 0x3613, type: PT.String, value: Buffer.from(folder.type, 'utf16le') }]),
  ],
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
});
