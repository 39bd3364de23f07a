import type { ItemEffect } from '../fault-script.js';
import { fromEntryId } from '../ids.js';
import type { SimItem } from '../source.js';
import { physicalMailbox, type Mailbox } from '../tenant.js';
import type { Call, GrantedCall, Reply, Sink } from './call.js';
import type { Context } from './context.js';
import { mailboxUrl } from './entities.js';
import { base64Of, cutText, inflated, shortened, TRUNCATED_DATA } from './export-stream.js';
import { applyChange } from './items-handlers.js';
import { mailboxOf, targetUrl } from './lookup.js';
import { badRequest, Refusal } from './refusal.js';

/** Most ids that one call takes. */
export const MAX_IDS = 20;

type Entry =
  | { readonly is: 'data'; readonly item: SimItem; readonly effects: readonly ItemEffect[] }
  | { readonly is: 'error'; readonly id: string; readonly code: string; readonly message: string; readonly spelling: 'error' | 'Error' }
  | { readonly is: 'empty'; readonly item: SimItem }
  | { readonly is: 'missing' };

/** The ids of a request body. Throws Refusal 400/415. Accepts `itemIds` and `ItemIds`. */
export const readItemIds = async (call: Call): Promise<readonly string[]> => {
  const type = call.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type))
    throw new Refusal(415, 'UnsupportedMediaType', `The content type '${type}' is not supported; use application/json.`);
  const text = (await call.body()).toString('utf8');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest('Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.');
  }
  const record = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  const ids: unknown = record['itemIds'] ?? record['ItemIds'];
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
    throw badRequest("The parameter 'itemIds' must be a collection of strings.");
  if (ids.length === 0) throw badRequest("The parameter 'itemIds' must hold at least one id.");
  if (ids.length > MAX_IDS) throw badRequest(`The parameter 'itemIds' holds ${ids.length} ids; at most ${MAX_IDS} are allowed.`);
  return ids;
};

/** `POST …/exportItems`: one entry per id, written as the streams are read, never held as a whole. */
export const exportItems = (context: Context, call: GrantedCall, ids: readonly string[]): Reply => {
  const mailbox = mailboxOf(call);
  const head = `{"@odata.context":"${context.origin}/${call.version}/$metadata#Collection(microsoft.graph.exportItemResponse)","value":[`;
  return {
    status: 200,
    itemIds: ids,
    write: async (sink) => {
      let separator = head;
      for (const [index, id] of ids.entries()) {
        const entry = await entryOf(context, call, mailbox, id, index, ids.length);
        if (entry.is === 'missing') continue;
        await writeEntry(context, mailbox, entry, sink, separator);
        separator = ',';
      }
      await sink.write(separator === head ? `${head}]}` : ']}');
    },
  };
};

const entryOf = async (
  context: Context,
  call: GrantedCall,
  mailbox: Mailbox,
  id: string,
  index: number,
  itemCount: number,
): Promise<Entry> => {
  const fail = (code: string, message: string, spelling: 'error' | 'Error' = 'error'): Entry => ({
    is: 'error',
    id,
    code,
    message,
    spelling,
  });
  if (fromEntryId(id) === undefined) return fail('ErrorInvalidIdMalformed', 'Id is malformed.');
  let found = await mailbox.state.find(id);
  if (found.is === 'unknown' && (await ofAnotherMailbox(context, mailbox, id)))
    return fail('ErrorInvalidId', 'The id belongs to another mailbox.');
  if (found.is !== 'item') return fail('ErrorItemNotFound', 'The specified object was not found in the store.');
  const folder = mailbox.state.folder(found.item.folderId);
  if (folder?.recoverable === true && context.recoverable === 'refuse')
    return fail('ErrorItemNotFound', 'The specified object was not found in the store.');
  const home = folder === undefined ? mailbox : physicalMailbox(mailbox, folder);
  if (home !== mailbox) return movedTo(context, call, id, index, `partition:${home.partition}`, undefined, undefined);
  const subject = { operation: call.operation, version: call.version, mailbox, folderId: found.item.folderId, itemCount, resumed: false };
  const effects = context.engine.concernsItems(call.operation) ? context.engine.forItem(subject, found.item) : [];
  for (const effect of effects) {
    if (effect.effect === 'item-missing') return { is: 'missing' };
    if (effect.effect === 'item-without-data') return { is: 'empty', item: found.item };
    if (effect.effect === 'item-error') return fail(effect.code, effect.message ?? 'The item cannot be exported.', effect.spelling);
    if (effect.effect === 'item-moved') return movedTo(context, call, id, index, effect.to, effect.spelling, effect.mixedCase);
    if (applyChange(context, mailbox, found.item, effect.effect)) found = await mailbox.state.find(id);
    if (found.is !== 'item') return fail('ErrorItemNotFound', 'The specified object was not found in the store.');
  }
  return { is: 'data', item: found.item, effects };
};

const ofAnotherMailbox = async (context: Context, mailbox: Mailbox, id: string): Promise<boolean> => {
  const others = [context.tenant.primary(mailbox.user), context.tenant.archive(mailbox.user)];
  for (const other of others) {
    if (other !== undefined && other.state !== mailbox.state && (await other.state.find(id)).is === 'item') return true;
  }
  return false;
};

// The message of this error is the whole URL to go to; pages spell the member both ways.
const movedTo = (
  context: Context,
  call: GrantedCall,
  id: string,
  index: number,
  to: string,
  spelling: 'error' | 'Error' | undefined,
  mixedCase: boolean | undefined,
): Entry => {
  const mailbox = mailboxOf(call);
  const partition = /^partition:(\d+)$/.exec(to)?.[1];
  const target = targetUrl(context, call, partition === undefined ? to : partition === '0' ? 'main' : `auxiliary:${partition}`, mixedCase);
  const url = target === undefined ? mailboxUrl(context, mailbox, call.version) : target.text;
  const chosen = context.archives.spelling ?? 'both';
  const alternating = chosen === 'both' ? (index % 2 === 0 ? 'error' : 'Error') : chosen;
  const message = target?.whole === true ? url : `${url}/exportItems`;
  return { is: 'error', id, code: 'ErrorArchiveFolderMovedPermanently', message, spelling: spelling ?? alternating };
};

const writeEntry = async (
  context: Context,
  mailbox: Mailbox,
  entry: Exclude<Entry, { is: 'missing' }>,
  sink: Sink,
  separator: string,
): Promise<void> => {
  if (entry.is === 'error') {
    const json = { itemId: entry.id, changeKey: null, [entry.spelling]: { code: entry.code, message: entry.message } };
    await sink.write(separator + JSON.stringify(json));
    return;
  }
  const { item } = entry;
  const opening = `${separator}{"itemId":${JSON.stringify(item.id)},"changeKey":${JSON.stringify(item.changeKey)}`;
  if (entry.is === 'empty') {
    await sink.write(`${opening}}`);
    return;
  }
  let content: Buffer | { readonly stream: Uint8Array };
  try {
    content = await contentOf(context, mailbox, entry.item, entry.effects.length === 0);
  } catch (error) {
    // The stored item cannot be read: that is what the service calls a corrupt one.
    const failed = {
      itemId: item.id,
      changeKey: item.changeKey,
      error: { code: 'ErrorItemCorrupt', message: error instanceof Error ? error.message : 'unreadable' },
    };
    await sink.write(separator + JSON.stringify(failed));
    return;
  }
  await sink.write(`${opening},"data":"`);
  if (Buffer.isBuffer(content)) await sink.write(content);
  else await writeDisturbed(content.stream, item, entry.effects, sink);
  await sink.write('"}');
};

/** The base64 text of a small stream that goes out as it is, else the stream itself. */
const contentOf = async (
  context: Context,
  mailbox: Mailbox,
  item: SimItem,
  asIs: boolean,
): Promise<Buffer | { readonly stream: Uint8Array }> => {
  const key = `${mailbox.state.source.guid}/${item.id}/${item.version}`;
  const known = asIs ? context.cache.get(key) : undefined;
  if (known !== undefined) return known;
  const stream = await mailbox.state.stream(item);
  if (!asIs || stream.length > LARGE) return { stream };
  const text = Buffer.from(Buffer.from(stream.buffer, stream.byteOffset, stream.length).toString('base64'), 'latin1');
  context.cache.put(key, text);
  return text;
};

// Larger streams are encoded piece by piece, so that no answer is ever held as a whole.
const LARGE = 1024 * 1024;

const writeDisturbed = async (stream: Uint8Array, item: SimItem, effects: readonly ItemEffect[], sink: Sink): Promise<void> => {
  let bytes = stream;
  let pieces: Iterable<Uint8Array> | undefined;
  let tail = '';
  for (const effect of effects) {
    switch (effect.effect) {
      case 'item-cut':
        bytes = bytes.subarray(0, effect.atBytes ?? bytes.length >> 1);
        break;
      case 'item-shortened':
        bytes = shortened(bytes, effect.attachments ?? 0);
        break;
      case 'item-damaged': {
        bytes = Uint8Array.from(bytes);
        const at = Math.min(effect.atBytes ?? bytes.length >> 1, bytes.length - 1);
        bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        break;
      }
      case 'item-truncated-text':
        if (effect.place === 'bytes') bytes = cutText(bytes);
        else {
          bytes = bytes.subarray(0, (bytes.length >> 1) - ((bytes.length >> 1) % 3));
          tail = TRUNCATED_DATA;
        }
        break;
      case 'item-inflated':
        pieces = inflated(bytes, effect.bytes ?? Math.max(0, item.size * (effect.factor ?? 40) - bytes.length));
        break;
    }
  }
  for (const text of base64Of(pieces ?? [bytes])) await sink.write(text);
  if (tail !== '') await sink.write(tail);
};
