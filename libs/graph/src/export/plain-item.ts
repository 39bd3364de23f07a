import { Fault, isFault } from '@pstream/kernel';
import type { MailboxSession, SessionCall } from '../calls/session.js';
import type { JsonObject, PlainReply, PlainRequest } from '../client.js';
import { graphPath, type GraphPath } from '../http/origin.js';
import { extendedProperty, objectsOf, textOf } from '../listing/fields.js';

/** Extended properties in one request: with longer lists the address grows past what proxies take. */
const EXPANDED_AT_ONCE = 25;
const INTERNET_MESSAGE_ID = 0x1035;
const MESSAGE =
  '$select=id,isRead,isDraft,flag,categories,importance,receivedDateTime,sentDateTime,createdDateTime,lastModifiedDateTime,bccRecipients,isReadReceiptRequested,isDeliveryReceiptRequested,hasAttachments,internetMessageId&$expand=attachments($select=id)';

/** Reads an item as mailboxItem with extended properties, as typed resource and as MIME (Graph §3.2, §8). The calls are those of the same
 *  mailbox and count towards its limits. */
export const readPlainItem = async (session: MailboxSession, request: PlainRequest): Promise<PlainReply> => {
  const item = request.mailOnly === true ? {} : await readMailboxItem(session, request);
  const get: Get = (purpose, path) => session.mailJson({ purpose, path }).then(({ body }) => body, noSuchResource);
  const bytesOf = (purpose: SessionCall['purpose'], path: GraphPath): Promise<Uint8Array> =>
    readBytes(session, { purpose, path }).catch(noSuchResource);
  const { owner, itemId, folderId } = request;
  switch (request.kind) {
    case 'contact': {
      const path = graphPath`/v1.0/users/${owner}/contacts/${itemId}`;
      const resource = await get('contacts', path);
      const photo = await bytesOf('contacts', `${path}/photo/$value` as GraphPath).catch((error: unknown) => {
        if (isNotThere(error)) return undefined;
        throw error;
      });
      return { item, resource, ...(photo === undefined ? {} : { photo }) };
    }
    case 'event':
      return {
        item,
        resource: await get('calendars', graphPath`/v1.0/users/${owner}/events/${itemId}?$expand=attachments`),
      };
    case 'task':
      return { item, resource: await get('tasks', graphPath`/v1.0/users/${owner}/todo/lists/${folderId}/tasks/${itemId}`) };
    case 'message': {
      const { id, resource } = await readMessage(get, owner, folderId, itemId, item);
      return {
        item,
        resource,
        mime: await bytesOf('mail', graphPath`/v1.0/users/${owner}/messages/${id}/$value`),
      };
    }
  }
};

/** The mailboxItem. Where extended properties are refused, or some of them, the item comes without those. */
const readMailboxItem = async (session: MailboxSession, { folderId, itemId, extendedIds }: PlainRequest): Promise<JsonObject> => {
  const get = (query: string): Promise<JsonObject> => {
    const path = session.below(`${graphPath`/folders/${folderId}/items/${itemId}`}${query}`);
    return session.json({ purpose: 'items', path }).then(({ body }) => body);
  };
  let item: JsonObject | undefined;
  const found: JsonObject[] = [];
  for (let from = 0; from < extendedIds.length; from += EXPANDED_AT_ONCE) {
    const filter = extendedIds.slice(from, from + EXPANDED_AT_ONCE).map((id) => `id eq '${id}'`);
    try {
      item = await get(`?$expand=singleValueExtendedProperties($filter=${encodeURIComponent(filter.join(' or '))})`);
      found.push(...objectsOf(item, 'singleValueExtendedProperties'));
    } catch (error) {
      if (!isFault(error) || error.code !== 'graph.bad-request') throw error;
    }
  }
  item ??= await get('');
  return { ...item, singleValueExtendedProperties: found };
};

type Get = (purpose: SessionCall['purpose'], path: GraphPath) => Promise<JsonObject>;

/** Ids of the two interfaces are written alike, but nobody promises that they are the same: where the direct way gives nothing, the message
 *  is looked for in its folder by its internet message id, and taken if it is the only one. */
const readMessage = async (
  get: Get,
  owner: string,
  folderId: string,
  itemId: string,
  item: JsonObject,
): Promise<{ readonly id: string; readonly resource: JsonObject }> => {
  const read = async (id: string): Promise<{ readonly id: string; readonly resource: JsonObject }> => ({
    id,
    resource: await get('mail', `${graphPath`/v1.0/users/${owner}/messages/${id}`}?${MESSAGE}` as GraphPath),
  });
  try {
    return await read(itemId);
  } catch (error) {
    const internetId = extendedProperty(item, 'String', INTERNET_MESSAGE_ID);
    if (!isNotThere(error) || internetId === null) throw error;
    const filter = `internetMessageId eq '${internetId.replaceAll("'", "''")}'`;
    const listed = await get('mail', graphPath`/v1.0/users/${owner}/mailFolders/${folderId}/messages?$filter=${filter}&$select=id&$top=2`);
    const [first, second] = objectsOf(listed, 'value');
    const id = first === undefined || second !== undefined ? null : textOf(first, 'id');
    if (id === null) throw error;
    return read(id);
  }
};

const NOT_THERE: ReadonlySet<string> = new Set(['graph.item-gone', 'graph.not-found']);
const isNotThere = (error: unknown): boolean => isFault(error) && error.code === 'graph.no-such-resource';

/** The mailboxItem was there a moment ago: the item is not gone, it only has no such resource. */
const noSuchResource = (error: unknown): never => {
  if (!isFault(error) || !NOT_THERE.has(error.code)) throw error;
  throw new Fault('graph.no-such-resource', {
    retry: 'never',
    facts: error.facts,
    advice: 'Graph lists this item, but does not show it as a message, contact, event or task.',
  });
};

/** A raw body, whole. Fault 'graph.item-too-large' (never). */
const readBytes = async (session: MailboxSession, call: SessionCall): Promise<Uint8Array> => {
  const { limits } = session;
  const reply = await session.mailOpen(call);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of reply.body) {
    bytes += piece.length;
    if (bytes > limits.itemBytes)
      throw new Fault('graph.item-too-large', {
        retry: 'never',
        facts: { limitBytes: limits.itemBytes },
        advice: 'The message is larger than pstream takes as MIME.',
      });
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
};
