import { assert, Fault, isFault } from '@pstream/kernel';
import type { JsonReply } from '../calls/calls.js';
import { helpsToShrink } from '../calls/classify.js';
import type { MailboxSession } from '../calls/session.js';
import type { GraphItem, ItemPage } from '../client.js';
import { graphPath, type GraphPath } from '../http/origin.js';
import { isObject, objectsOf, textOf } from './fields.js';
import { itemOf, SELECT } from './item.js';
import { isPlain, readPlainPage } from './plain.js';

/** Reads one page of a folder's item delta (Graph §3.3), or of its plain listing where the cursor is of one (§3.4). A page that takes too long or arrives broken is asked for again at half its size. */
export const readItemPage = async (
  session: MailboxSession,
  folderId: string,
  cursor: string | null,
  options: { readonly pageSize: number; readonly since?: string },
): Promise<ItemPage> => {
  assert(Number.isInteger(options.pageSize) && options.pageSize > 0, 'pageSize is a positive whole number');
  if (cursor !== null && isPlain(cursor)) return readPlainPage(session, folderId, cursor, options.pageSize);
  const ask = async (path: GraphPath): Promise<JsonReply> => {
    for (let pageSize = options.pageSize; ; pageSize = Math.floor(pageSize / 2)) {
      const prefer = `odata.maxpagesize=${String(pageSize)}`;
      try {
        return await session.json({ purpose: 'items', path, prefer, resumed: cursor !== null, shrinks: pageSize > 1, lists: true });
      } catch (error) {
        if (!isFault(error) || !helpsToShrink(error) || pageSize === 1) throw error;
      }
    }
  };
  let reply: JsonReply;
  if (cursor !== null) reply = await ask(session.path(cursor, 'stored link'));
  else {
    const list = session.below(graphPath`/folders/${folderId}/items/delta`);
    const filter = options.since === undefined ? [] : [`$filter=${encodeURIComponent(`receivedDateTime ge ${options.since}`)}`];
    try {
      reply = await ask(`${list}?${[SELECT, ...filter].join('&')}` as GraphPath);
    } catch (error) {
      // Beta has been seen to refuse $select on this call.
      if (!isFault(error) || error.code !== 'graph.bad-request') throw error;
      reply = await ask(`${list}${filter.length === 0 ? '' : `?${filter.join('&')}`}` as GraphPath);
    }
  }
  return readPage(session, reply, cursor);
};

const readPage = (session: MailboxSession, { body, path }: JsonReply, cursor: string | null): ItemPage => {
  const link = (name: string): string | null => {
    const text = textOf(body, name);
    if (text !== null) session.path(text, name);
    return text;
  };
  const next = link('@odata.nextLink');
  const delta = next === null ? link('@odata.deltaLink') : null;
  if (next === null && delta === null) {
    throw new Fault('graph.bad-reply', {
      retry: 'now',
      facts: { expected: 'a nextLink or a deltaLink' },
      advice: 'Exchange sent half an answer; it is asked again.',
    });
  }
  if (next !== null && next === cursor) {
    throw new Fault('graph.paging-loop', {
      retry: 'never',
      advice: 'The item listing leads back to the same page. List the folder again from the start; if it stays, report it to Microsoft.',
    });
  }
  const items: GraphItem[] = [];
  const removed: string[] = [];
  for (const raw of objectsOf(body, 'value')) {
    const item = itemOf(raw);
    if (item === undefined) continue;
    if (isObject(raw['@removed'])) removed.push(item.id);
    else items.push(item);
  }
  return { items, removed, next, delta, mailbox: session.mailboxAt(path) };
};
