import { createHash } from 'node:crypto';
import { Fault, isFault } from '@pstream/kernel';
import type { JsonReply } from '../calls/calls.js';
import { helpsToShrink } from '../calls/classify.js';
import type { MailboxSession } from '../calls/session.js';
import type { ItemPage } from '../client.js';
import { graphPath, type GraphPath } from '../http/origin.js';
import { readFolder } from './folders.js';
import { itemOf, SELECT } from './item.js';
import { objectsOf, textOf } from './fields.js';

// A folder's items without a delta (Graph §3.4): pages by position, for folders whose delta does not work. Positions shift when the mailbox
// changes under the listing, so each page begins with the last item of the page before, and in the end the number of items is compared
// with what the folder says.

/** Cursor of the first page of a folder that is listed without a delta. */
export const PLAIN_LISTING = 'plain:0::0:0';

/** Items that a listing may leave out because Exchange cannot list them, before it stops with their Fault. */
const MOST_MISSED = 50;
/** What one item can do to every page that holds it. */
const BREAKS_ITS_PAGE: ReadonlySet<string> = new Set([
  'graph.server-error',
  'graph.item-corrupt',
  'graph.truncated-reply',
  'graph.bad-reply',
]);

/** A place in the listing. `last` marks the item before it, where that has been listed; `missed` counts items that could not be; `ended` says
 *  that the listing has seemed to end here once. */
type Place = { readonly skip: number; readonly last: string; readonly missed: number; readonly ended: boolean };

/** Whether a cursor belongs to a listing without a delta. */
export const isPlain = (cursor: string): boolean => cursor.startsWith('plain:');

/** Reads one page. A page that breaks is asked for in smaller ones, down to the one item that breaks it, which is left out and counted.
 *  Fault 'graph.listing-shifted' (now) where items before the page are gone: begin again at `PLAIN_LISTING`. */
export const readPlainPage = async (session: MailboxSession, folderId: string, cursor: string, pageSize: number): Promise<ItemPage> => {
  const place = placeOf(cursor);
  let reply: JsonReply | undefined;
  for (let size = pageSize; reply === undefined; size = Math.floor(size / 2)) {
    try {
      reply = await ask(session, folderId, place, size);
    } catch (error) {
      if (!isFault(error) || !helpsToShrink(error)) throw error;
      if (size > 1) continue;
      if (!BREAKS_ITS_PAGE.has(error.code) || place.missed >= MOST_MISSED) throw error;
      await checkAnother(session, folderId, place.skip + 1, error);
      const next = cursorOf({ skip: place.skip + 1, last: '', missed: place.missed + 1, ended: false });
      return { items: [], removed: [], next, delta: null, mailbox: session.mailbox };
    }
  }
  const found = objectsOf(reply.body, 'value').flatMap((raw) => itemOf(raw) ?? []);
  const items = place.last === '' ? found : found.slice(1);
  if (place.last !== '' && (found[0] === undefined || markOf(found[0].id) !== place.last)) {
    throw new Fault('graph.listing-shifted', {
      retry: 'now',
      facts: { skip: place.skip },
      advice: 'Items were deleted or moved while the folder was being listed; it is listed again from the start.',
    });
  }
  const skip = place.skip + items.length;
  const lastItem = items.at(-1);
  const last = lastItem === undefined ? place.last : markOf(lastItem.id);
  const page = { items, removed: [], delta: null, mailbox: session.mailboxAt(reply.path) };
  if (items.length > 0 && textOf(reply.body, '@odata.nextLink') !== null)
    return { ...page, next: cursorOf({ skip, last, missed: place.missed, ended: false }) };
  const expected = (await readFolder(session, folderId))?.totalItemCount ?? 0;
  // Mail that arrived meanwhile is counted and not listed yet: once more from here.
  if (skip < expected && !place.ended) return { ...page, next: cursorOf({ skip, last, missed: place.missed, ended: true }) };
  const listed = skip - place.missed;
  return { ...page, next: null, ...(listed < expected ? { short: { listed, expected } } : {}) };
};

/** An item is at fault only where the one after it can be listed; else Exchange is, and the Fault is thrown. */
const checkAnother = async (session: MailboxSession, folderId: string, skip: number, fault: Fault): Promise<void> => {
  try {
    await ask(session, folderId, { skip, last: '', missed: 0, ended: false }, 1);
  } catch (error) {
    throw isFault(error) && helpsToShrink(error) ? fault : error;
  }
};

/** Asks for a page with the item before it. Some tenants refuse options of this call that others document. */
const ask = async (session: MailboxSession, folderId: string, { skip, last }: Place, size: number): Promise<JsonReply> => {
  const [from, top] = last === '' ? [skip, size] : [skip - 1, size + 1];
  const list = session.below(graphPath`/folders/${folderId}/items`);
  const send = (options: readonly string[]): Promise<JsonReply> =>
    session.json({
      purpose: 'items',
      path: `${list}?${[...options, `$top=${String(top)}`, `$skip=${String(from)}`].join('&')}` as GraphPath,
      shrinks: size > 1,
      lists: true,
    });
  try {
    return await send([SELECT, '$orderby=createdDateTime']);
  } catch (error) {
    if (!isFault(error) || error.code !== 'graph.bad-request') throw error;
    return send([]);
  }
};

const cursorOf = ({ skip, last, missed, ended }: Place): string => `plain:${String(skip)}:${last}:${String(missed)}:${ended ? '1' : '0'}`;

const placeOf = (cursor: string): Place => {
  const [, skip = '', last = '', missed = '', ended = ''] = cursor.split(':');
  return { skip: Number(skip), last, missed: Number(missed), ended: ended === '1' };
};

/** Tells an item from the others of its folder; shorter than an id. */
const markOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 24);
