import type { SimFolder } from '../source.js';
import { physicalMailbox, type Mailbox } from '../tenant.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { folderContent, folderEntity, FOLDER_PROPERTIES } from './entities.js';
import { extendedOf, parseExpand } from './extended.js';
import { folderOf, mailboxOf } from './lookup.js';
import { checkOptions, listOptions, project, selectOf, type ListOptions } from './odata.js';
import { parseFilter, type Scalar } from './odata-filter.js';
import { nextSkip } from './paging.js';

const LIST = ['$select', '$filter', '$top', '$skip', '$orderby', '$count', '$expand', 'includeHiddenFolders'];
const SORTABLE = ['displayName', 'totalItemCount', 'childFolderCount', 'type', 'id'];

const scalar = (value: unknown): Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;

/** `GET /admin/exchange/mailboxes/{mbx}`. */
export const getMailbox = (context: Context, call: GrantedCall): Reply => {
  checkOptions(call.query, ['$select'], context.strict);
  const json = { '@odata.context': `${context.origin}/${call.version}/$metadata#admin/exchange/mailboxes/$entity`, id: mailboxOf(call).id };
  return { status: 200, json };
};

/** Folders of this mailbox that the API shows below `parentId`; an auxiliary shows its own, a main archive all. */
export const foldersBelow = (mailbox: Mailbox, parentId: string | null, includeHidden: boolean): readonly SimFolder[] =>
  mailbox.state
    .folders()
    .filter((each) => each.parentId === parentId && each.recoverable !== true && (includeHidden || !each.isHidden) && shown(mailbox, each));

/** Whether a mailbox lists a folder at all. */
export const shown = (mailbox: Mailbox, folder: SimFolder): boolean =>
  mailbox.partition === 0 || physicalMailbox(mailbox, folder) === mailbox;

/** `GET …/folders` and `…/folders/{f}/childFolders`: direct children, hidden ones only on request, search folders always. */
export const listFolders = (context: Context, call: GrantedCall): Reply => {
  const mailbox = mailboxOf(call);
  const options = listOptions(call.query, { options: LIST, properties: FOLDER_PROPERTIES, sortable: SORTABLE }, context.strict);
  const parentId = call.params.folder === undefined ? null : folderOf(context, call).id;
  return folderPage(context, call, mailbox, foldersBelow(mailbox, parentId, options.includeHidden), options);
};

const folderPage = (context: Context, call: GrantedCall, mailbox: Mailbox, folders: readonly SimFolder[], options: ListOptions): Reply => {
  const entityOf = (folder: SimFolder): Readonly<Record<string, unknown>> => folderEntity(context, mailbox, folder, call.version);
  const filtered =
    options.filter === undefined
      ? folders
      : folders.filter(parseFilter<SimFolder>(options.filter, FOLDER_PROPERTIES, (folder, name) => scalar(entityOf(folder)[name])));
  const sorted = options.orderBy === undefined ? filtered : sortBy(filtered, entityOf, options.orderBy);
  const page = sorted.slice(options.skip, options.skip + options.top);
  const value = page.map((folder) => ({
    ...project(entityOf(folder), options.select),
    ...(options.expand.length === 0 ? {} : extendedOf(folderContent(folder), options.expand)),
  }));
  return {
    status: 200,
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#admin/exchange/mailboxes('${encodeURIComponent(mailbox.id)}')/folders`,
      ...(options.count ? { '@odata.count': sorted.length } : {}),
      value,
      ...nextSkip(context, call, options, sorted.length),
    },
  };
};

const sortBy = (
  folders: readonly SimFolder[],
  entityOf: (folder: SimFolder) => Readonly<Record<string, unknown>>,
  orderBy: { readonly name: string; readonly descending: boolean },
): readonly SimFolder[] => {
  const keyed = folders.map((folder) => ({ folder, key: scalar(entityOf(folder)[orderBy.name]) ?? '' }));
  keyed.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1) * (orderBy.descending ? -1 : 1));
  return keyed.map((each) => each.folder);
};

/** `GET …/folders/{f}`. */
export const getFolder = (context: Context, call: GrantedCall): Reply => {
  checkOptions(call.query, ['$select', '$expand'], context.strict);
  const mailbox = mailboxOf(call);
  const folder = folderOf(context, call);
  const entity = project(folderEntity(context, mailbox, folder, call.version), selectOf(call.query, FOLDER_PROPERTIES, context.strict));
  const extended = extendedOf(folderContent(folder), parseExpand(call.query.get('$expand')));
  return { status: 200, json: { '@odata.context': `${context.origin}/${call.version}/$metadata#mailboxFolder`, ...entity, ...extended } };
};
