import { fromEntryId } from '../ids.js';
import type { SimFolder, SimItem } from '../source.js';
import type { Mailbox } from '../tenant.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { mimeOf } from './mime.js';
import { checkOptions, listOptions, project, selectOf, type ListOptions } from './odata.js';
import { parseFilter, type Scalar } from './odata-filter.js';
import { nextSkip } from './paging.js';
import { badQuery, malformedId, notFound, Refusal } from './refusal.js';
import { MESSAGE_PROPERTIES, messageEntity, type Entity } from './typed-entities.js';
import { notInExchangeOnline } from './users-handlers.js';

const FOLDER = ['id', 'displayName', 'parentFolderId', 'childFolderCount', 'unreadItemCount', 'totalItemCount', 'isHidden'];
/** The mailbox of a user's path. This API, unlike the mailbox API, reaches recoverable items, and archives through their mailbox id. */
export const ownMailbox = (context: Context, call: GrantedCall): Mailbox => {
  if (call.mailbox !== undefined) return call.mailbox;
  if (context.tenant.user(call.params.user ?? '') === undefined)
    throw new Refusal(404, 'ErrorInvalidUser', 'The requested user is invalid.');
  throw notInExchangeOnline();
};

const folderOf = (mailbox: Mailbox, id: string): SimFolder => {
  const folder = mailbox.state.folder(id) ?? mailbox.state.folders().find((each) => each.wellKnownName === id.toLowerCase());
  if (folder !== undefined) return folder;
  throw fromEntryId(id) === undefined ? malformedId() : notFound('ErrorFolderNotFound');
};

/** `GET /users/{id}/mailFolders` and `…/{f}/childFolders`. */
export const listMailFolders = (context: Context, call: GrantedCall): Reply => {
  const mailbox = ownMailbox(context, call);
  const options = listOptions(
    call.query,
    { options: ['$select', '$top', '$skip', '$count', 'includeHiddenFolders'], properties: FOLDER, sortable: [] },
    context.strict,
  );
  const parent = call.params.folder === undefined ? undefined : folderOf(mailbox, call.params.folder);
  const folders = mailbox.state
    .folders()
    .filter(
      (each) =>
        each.parentId === (parent?.id ?? null) &&
        (parent !== undefined || each.recoverable !== true) &&
        (options.includeHidden || !each.isHidden),
    );
  const page = folders.slice(options.skip, options.skip + options.top);
  return {
    status: 200,
    json: collection(
      context,
      call,
      options,
      folders.length,
      page.map((folder) => project(mailFolder(mailbox, folder), options.select)),
    ),
  };
};

const mailFolder = (mailbox: Mailbox, folder: SimFolder): Readonly<Record<string, unknown>> => ({
  id: folder.id,
  displayName: folder.displayName,
  parentFolderId: folder.parentId ?? mailbox.state.source.rootId,
  childFolderCount: mailbox.state.folders().filter((each) => each.parentId === folder.id).length,
  unreadItemCount: 0,
  totalItemCount: mailbox.state.count(folder),
  isHidden: folder.isHidden,
});

const collection = (context: Context, call: GrantedCall, options: ListOptions, total: number, value: readonly unknown[]): unknown => ({
  '@odata.context': `${context.origin}/${call.version}/$metadata#users('${call.params.user}')/${call.operation}`,
  ...(options.count ? { '@odata.count': total } : {}),
  value,
  ...nextSkip(context, call, options, total),
});

const isMessage = (item: SimItem): boolean => /^(IPM\.Note|IPM\.Schedule|REPORT|IPM\.Post)/i.test(item.type);

/** `GET /users/{id}/mailFolders/{f}/messages`. */
export const listMessages = async (context: Context, call: GrantedCall): Promise<Reply> => {
  const mailbox = ownMailbox(context, call);
  const options = listOptions(
    call.query,
    { options: ['$select', '$filter', '$top', '$skip', '$count'], properties: MESSAGE_PROPERTIES, sortable: [] },
    context.strict,
  );
  const folder = folderOf(mailbox, call.params.folder ?? '');
  const passes = options.filter === undefined ? undefined : parseFilter<Entity>(options.filter, MESSAGE_PROPERTIES, scalarOf);
  const held = mailbox.state.count(folder);
  // A filter is for few: the folder is read through for it.
  const [from, to] = passes === undefined ? [options.skip, options.skip + options.top] : [0, held];
  const items = from < held ? await mailbox.state.page(folder, from, Math.min(held, to)) : [];
  const read = await Promise.all(items.filter(isMessage).map(async (item) => messageEntity(item, await mailbox.state.content(item))));
  const found = passes === undefined ? read : read.filter(passes);
  const page = passes === undefined ? found : found.slice(options.skip, options.skip + options.top);
  const value = page.map((entity) => project(entity, options.select));
  return { status: 200, json: collection(context, call, options, passes === undefined ? held : found.length, value) };
};

const scalarOf = (entity: Entity, name: string): Scalar | undefined => {
  const value = entity[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
};

const messageOf = async (context: Context, call: GrantedCall): Promise<{ readonly mailbox: Mailbox; readonly item: SimItem }> => {
  const mailbox = ownMailbox(context, call);
  const id = call.params.item ?? '';
  if (fromEntryId(id) === undefined) throw malformedId();
  const found = await mailbox.state.find(id);
  if (found.is !== 'item' || !isMessage(found.item)) throw notFound('ErrorItemNotFound');
  return { mailbox, item: found.item };
};

/** What $expand of a message takes: its attachments, with or without a choice of their properties. */
const EXPANDED = /^attachments(?:\(\$select=[\w,]+\))?$/;

/** `GET /users/{id}/messages/{m}`. Attachments come where they are expanded, by their ids. */
export const getMessage = async (context: Context, call: GrantedCall): Promise<Reply> => {
  checkOptions(call.query, ['$select', '$expand'], context.strict);
  const expand = call.query.get('$expand');
  if (expand !== null && !EXPANDED.test(expand)) throw badQuery('Only attachments can be expanded here.');
  const { mailbox, item } = await messageOf(context, call);
  const content = await mailbox.state.content(item);
  const entity = project(messageEntity(item, content), selectOf(call.query, MESSAGE_PROPERTIES, context.strict));
  const attachments = content.attachments.map((_, at) => ({ '@odata.type': '#microsoft.graph.attachment', id: `${item.id}/${at}` }));
  const expanded = expand === null ? {} : { attachments };
  return { status: 200, json: { '@odata.context': `${context.origin}/${call.version}/$metadata#message`, ...entity, ...expanded } };
};

/** `GET /users/{id}/messages/{m}/$value`: the message as MIME. */
export const getMessageValue = async (context: Context, call: GrantedCall): Promise<Reply> => {
  const { mailbox, item } = await messageOf(context, call);
  const text = mimeOf(await mailbox.state.content(item));
  return { status: 200, contentType: 'text/plain; charset=utf-8', write: (sink) => sink.write(Buffer.from(text)) };
};
