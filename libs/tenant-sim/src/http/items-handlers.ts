import type { SimFolder, SimItem } from '../source.js';
import type { Mailbox } from '../tenant.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { itemEntity, ITEM_PROPERTIES } from './entities.js';
import { extendedOf, parseExpand, type ExpandedProperty } from './extended.js';
import { fromEntryId } from '../ids.js';
import { folderOf, mailboxOf } from './lookup.js';
import { checkOptions, listOptions, project, selectOf, type ListOptions } from './odata.js';
import { parseFilter, type Scalar } from './odata-filter.js';
import { nextSkip } from './paging.js';
import { malformedId, notFound } from './refusal.js';

const LIST = ['$select', '$filter', '$top', '$skip', '$orderby', '$count', '$expand'];
const SORTABLE = ['createdDateTime', 'lastModifiedDateTime', 'type', 'size', 'id'];
const SCAN_STEP = 1000;

const read = (item: SimItem, name: string): Scalar | undefined => {
  const value = itemEntity(item)[name];
  return typeof value === 'string' || typeof value === 'number' ? value : null;
};

/** Items of a folder in a chosen order are found once and remembered until the mailbox changes. */
export class Orders {
  readonly #known = new Map<string, readonly SimItem[]>();

  /** All items that pass the filter, in order. */
  async of(mailbox: Mailbox, folder: SimFolder, options: ListOptions): Promise<readonly SimItem[]> {
    const order = options.orderBy;
    const key = JSON.stringify([mailbox.state.source.guid, folder.id, mailbox.state.log.length, options.filter, order]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const passes = options.filter === undefined ? () => true : parseFilter<SimItem>(options.filter, ITEM_PROPERTIES, read);
    const found: SimItem[] = [];
    const total = mailbox.state.count(folder);
    for (let at = 0; at < total; at += SCAN_STEP) {
      for (const item of await mailbox.state.page(folder, at, Math.min(at + SCAN_STEP, total))) if (passes(item)) found.push(item);
    }
    if (order !== undefined) {
      const sign = order.descending ? -1 : 1;
      const keyed = found.map((item) => ({ item, key: read(item, order.name) ?? '' }));
      keyed.sort((a, b) => (a.key === b.key ? a.item.ordinal - b.item.ordinal : a.key < b.key ? -sign : sign));
      found.splice(0, found.length, ...keyed.map((each) => each.item));
    }
    if (this.#known.size >= 8) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(key, found);
    return found;
  }
}

/** `GET …/folders/{f}/items`. */
export const listItems = async (context: Context, call: GrantedCall, orders: Orders): Promise<Reply> => {
  const mailbox = mailboxOf(call);
  const options = listOptions(call.query, { options: LIST, properties: ITEM_PROPERTIES, sortable: SORTABLE }, context.strict);
  const folder = folderOf(context, call);
  const plain = options.filter === undefined && options.orderBy === undefined;
  const all = plain ? undefined : await orders.of(mailbox, folder, options);
  const total = all?.length ?? mailbox.state.count(folder);
  const to = Math.min(options.skip + options.top, total);
  const page = all?.slice(options.skip, to) ?? (options.skip < to ? await mailbox.state.page(folder, options.skip, to) : []);
  await afterListing(context, call, page);
  return {
    status: 200,
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#admin/exchange/mailboxes('${encodeURIComponent(mailbox.id)}')/folders('${folder.id}')/items`,
      ...(options.count ? { '@odata.count': total } : {}),
      value: await Promise.all(page.map((item) => rendered(mailbox, item, options.select, options.expand))),
      ...nextSkip(context, call, options, total),
    },
  };
};

/** One entry of a listing. */
export const rendered = async (
  mailbox: Mailbox,
  item: SimItem,
  select: ReadonlySet<string> | undefined,
  expand: readonly ExpandedProperty[],
): Promise<Readonly<Record<string, unknown>>> => ({
  ...project(itemEntity(item), select),
  ...(expand.length === 0 ? {} : extendedOf(await mailbox.state.content(item), expand)),
});

/** `GET …/items/{i}`. */
export const getItem = async (context: Context, call: GrantedCall): Promise<Reply> => {
  checkOptions(call.query, ['$select', '$expand'], context.strict);
  const mailbox = mailboxOf(call);
  const folder = folderOf(context, call);
  const id = call.params.item ?? '';
  if (fromEntryId(id) === undefined) throw malformedId();
  const found = await mailbox.state.find(id);
  if (found.is !== 'item' || found.item.folderId !== mailbox.state.home(folder).id) throw notFound('ErrorItemNotFound');
  const entity = await rendered(
    mailbox,
    found.item,
    selectOf(call.query, ITEM_PROPERTIES, context.strict),
    parseExpand(call.query.get('$expand')),
  );
  return { status: 200, json: { '@odata.context': `${context.origin}/${call.version}/$metadata#mailboxItem`, ...entity } };
};

/** What happens to items right after they have been listed: the mailbox moves on under the client. */
export const afterListing = async (context: Context, call: GrantedCall, page: readonly SimItem[]): Promise<void> => {
  const { engine } = context;
  if (!engine.concernsItems(call.operation)) return;
  const mailbox = mailboxOf(call);
  for (const item of page) {
    const subject = {
      operation: call.operation,
      version: call.version,
      mailbox,
      folderId: item.folderId,
      itemCount: page.length,
      resumed: false,
    };
    for (const effect of engine.forItem(subject, item)) applyChange(context, mailbox, item, effect.effect);
  }
};

/** Changes, deletes or moves an item to the archive. Returns false for effects of another kind. */
export const applyChange = (context: Context, mailbox: Mailbox, item: SimItem, effect: string): boolean => {
  if (effect === 'change') mailbox.state.change(item);
  else if (effect === 'delete') mailbox.state.delete(item);
  else if (effect === 'move-to-archive') {
    const archive = context.tenant.archive(mailbox.user);
    const name = mailbox.state.folder(item.folderId)?.displayName;
    const folders = archive?.state.folders().filter((each) => each.recoverable !== true && each.searchOf === undefined) ?? [];
    const target = folders.find((each) => each.displayName === name) ?? folders[0];
    if (archive !== undefined && target !== undefined) archive.state.receive(target, mailbox.state, item);
    mailbox.state.delete(item);
  } else return false;
  return true;
};
