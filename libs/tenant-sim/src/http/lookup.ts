import { fromEntryId } from '../ids.js';
import type { SimFolder } from '../source.js';
import { physicalMailbox, type Mailbox } from '../tenant.js';
import type { GrantedCall } from './call.js';
import type { Context } from './context.js';
import { mailboxUrl } from './entities.js';
import { badRequest, malformedId, notFound, Refusal } from './refusal.js';

/** The mailbox of the call's path; the door has refused calls without one. */
export const mailboxOf = (call: GrantedCall): Mailbox => {
  if (call.mailbox === undefined) throw new Refusal(404, 'ErrorInvalidUser', 'The requested user is invalid.');
  return call.mailbox;
};

/** The folder of the call's path, by id or (primary mailboxes only) well-known name.
 *  Throws Refusal 308 when its content lives in another partition of the archive. */
export const folderOf = (context: Context, call: GrantedCall): SimFolder => {
  const mailbox = mailboxOf(call);
  const id = call.params.folder ?? '';
  const folder = mailbox.state.folder(id) ?? byWellKnownName(mailbox, id);
  if (folder === undefined || folder.recoverable === true) {
    if (fromEntryId(id) === undefined) throw malformedId();
    throw notFound('ErrorFolderNotFound');
  }
  const home = physicalMailbox(mailbox, folder);
  if (home !== mailbox) throw redirect(context, call, home);
  return folder;
};

const byWellKnownName = (mailbox: Mailbox, name: string): SimFolder | undefined =>
  mailbox.kind === 'primary'
    ? mailbox.state.folders().find((each) => each.wellKnownName === name.toLowerCase() && each.recoverable !== true)
    : undefined;

/** 308 to the same call on another mailbox. */
export const redirect = (context: Context, call: GrantedCall, target: Mailbox, mixedCase = context.archives.mixedCase ?? true): Refusal => {
  const tail = call.target.replace(/^\/[^/]+\/admin\/exchange\/mailboxes\/[^/?]+/i, '');
  return new Refusal(308, '', '', { location: `${spell(mailboxUrl(context, target, call.version), mixedCase)}${tail}` }, true);
};

/** 308 as a fault rule words it: `self`, `main`, `auxiliary:n`, an origin (keeps the path), or a whole URL. */
export const redirectTo = (context: Context, call: GrantedCall, to: string, mixedCase: boolean | undefined): Refusal => {
  const url = targetUrl(context, call, to, mixedCase);
  if (url === undefined) throw badRequest(`no redirect to ${to} from this mailbox`);
  const tail = call.target.replace(/^\/[^/]+\/admin\/exchange\/mailboxes\/[^/?]+/i, '');
  return new Refusal(308, '', '', { location: url.whole ? url.text : `${url.text}${tail}` }, true);
};

/** The mailbox URL that a rule's `to` means; `whole` if it is a complete address already. */
export const targetUrl = (
  context: Context,
  call: GrantedCall,
  to: string,
  mixedCase = context.archives.mixedCase ?? true,
): { readonly text: string; readonly whole: boolean } | undefined => {
  const mailbox = mailboxOf(call);
  if (to.includes('://')) {
    const { pathname } = new URL(to);
    if (pathname !== '/') return { text: to, whole: true };
    const path = new URL(mailboxUrl(context, mailbox, call.version)).pathname;
    return { text: `${to.replace(/\/$/, '')}${path}`, whole: false };
  }
  const target = mailbox.partitions[partitionOf(mailbox, to)];
  return target === undefined ? undefined : { text: spell(mailboxUrl(context, target, call.version), mixedCase), whole: false };
};

const partitionOf = (mailbox: Mailbox, to: string): number =>
  to === 'main' ? 0 : to === 'self' ? mailbox.partition : Number(/^auxiliary:(\d+)$/.exec(to)?.[1]);

/** From now on the folder of the call, or of the first item that it asks for, is in another partition of the archive, with all below it. */
export const moveFolder = async (call: GrantedCall, to: string, itemIds: readonly string[] = []): Promise<void> => {
  const { state, partitions } = mailboxOf(call);
  const found = call.params.folder === undefined ? await state.find(itemIds[0] ?? '') : undefined;
  const folderId = found?.is === 'item' ? found.item.folderId : call.params.folder;
  const partition = partitionOf(mailboxOf(call), to);
  if (partitions[partition] === undefined || folderId === undefined) throw badRequest(`no move of a folder to ${to} in this mailbox`);
  state.place(folderId, partition);
};

const spell = (url: string, mixedCase: boolean): string =>
  mixedCase ? url.replace('/admin/exchange/mailboxes/', '/Admin/Exchange/mailBoxes/') : url;
