import { digest, toEntryId } from '../ids.js';
import type { SimFolder, SimItem } from '../source.js';
import type { Mailbox } from '../tenant.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { deadToken, type DeltaState, type DeltaTokens } from './delta-token.js';
import { folderEntity, FOLDER_PROPERTIES, itemEntity, ITEM_PROPERTIES } from './entities.js';
import { shown } from './folders-handlers.js';
import { afterListing } from './items-handlers.js';
import { folderOf, mailboxOf } from './lookup.js';
import { checkOptions, DEFAULT_PAGE, MAX_PAGE, preferredPageSize, project, selectOf } from './odata.js';
import { badQuery } from './refusal.js';

type Entry = Readonly<Record<string, unknown>>;
type Page = { readonly entries: readonly Entry[]; readonly next: DeltaState; readonly last: boolean };

// A delta link is opened when it is used: only then is it known how far the log reaches.
const OPEN = -1;

const removed = (id: string): Entry => ({ id, '@removed': { reason: 'deleted' } });

/** `GET …/folders/{f}/items/delta`: every item of the folder, then what changes. */
export const itemsDelta = async (context: Context, call: GrantedCall, tokens: DeltaTokens): Promise<Reply> => {
  const mailbox = mailboxOf(call);
  const folder = folderOf(context, call);
  const home = mailbox.state.home(folder);
  const state = tokenState(call, tokens, 'items', mailbox, folder.id) ?? firstItemsState(context, call, mailbox, folder, home);
  const page = state.phase === 'round' ? await itemsRound(mailbox, home, state) : await itemsChanges(mailbox, home, state);
  await afterListing(context, call, page.items);
  return answer(context, call, tokens, state, { entries: page.entries, next: page.next, last: page.last });
};

const tokenState = (
  call: GrantedCall,
  tokens: DeltaTokens,
  of: DeltaState['of'],
  mailbox: Mailbox,
  folder: string | null,
): DeltaState | undefined => {
  const dead = call.effects.find((each) => each.effect === 'dead-token');
  const token = call.query.get('$skiptoken') ?? call.query.get('$deltatoken');
  if (token === null) return undefined;
  if (dead?.effect === 'dead-token') throw deadToken(dead.code);
  const state = tokens.open(token, of, mailbox.id, folder);
  // A token from before a restart may point behind the end of the log, which begins again.
  if (state.from > mailbox.state.log.length) throw deadToken();
  return state.to === OPEN ? { ...state, to: mailbox.state.log.length } : state;
};

const pageSize = (context: Context, call: GrantedCall): number => {
  const top = call.query.get('$top');
  if (top === null) return preferredPageSize(call.headers) ?? DEFAULT_PAGE;
  if (!/^\d{1,6}$/.test(top) || Number(top) > MAX_PAGE || Number(top) === 0)
    throw badQuery(`Invalid value '${top}' for $top query option found.`);
  return Number(top);
};

const firstItemsState = (context: Context, call: GrantedCall, mailbox: Mailbox, folder: SimFolder, home: SimFolder): DeltaState => {
  checkOptions(call.query, ['$select', '$top', '$filter', '$orderby'], context.strict);
  const filter = call.query.get('$filter');
  const since = filter === null ? null : /^\s*receivedDateTime\s+(ge|gt)\s+(\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?)\s*$/.exec(filter);
  if (filter !== null && since === null)
    throw badQuery("Only 'receivedDateTime ge' and 'receivedDateTime gt' filters are supported on delta.");
  const order = call.query.get('$orderby');
  if (order !== null && !/^\s*receivedDateTime\s+desc\s*$/.test(order))
    throw badQuery("Only 'receivedDateTime desc' ordering is supported on delta.");
  const select = selectOf(call.query, [...ITEM_PROPERTIES, 'receivedDateTime'], context.strict);
  return {
    mailbox: mailbox.id,
    folder: folder.id,
    of: 'items',
    phase: 'round',
    at: 0,
    end: mailbox.state.end(home),
    from: mailbox.state.log.length,
    to: 0,
    size: pageSize(context, call),
    select: select === undefined ? null : [...select],
    newestFirst: order !== null,
    since: since?.[2] === undefined ? null : new Date(since[2]).toISOString(),
    inclusive: since?.[1] === 'ge',
  };
};

const after = (item: SimItem, state: DeltaState): boolean => {
  if (state.since === null) return true;
  const [created, since] = [Date.parse(item.created), Date.parse(state.since)];
  return state.inclusive ? created >= since : created > since;
};

type ItemPage = Page & { readonly items: readonly SimItem[] };

const itemsRound = async (mailbox: Mailbox, home: SimFolder, state: DeltaState): Promise<ItemPage> => {
  const upTo = Math.min(state.at + state.size, state.end);
  const from = state.newestFirst ? state.end - upTo : state.at;
  const { items } = await mailbox.state.from(home, from, upTo - state.at);
  const passing = items.filter((item) => after(item, state));
  if (state.newestFirst) passing.reverse();
  return {
    items: passing,
    entries: passing.map((item) => project(itemEntity(item), selected(state))),
    next: { ...state, at: upTo },
    last: upTo >= state.end,
  };
};

const itemsChanges = async (mailbox: Mailbox, home: SimFolder, state: DeltaState): Promise<ItemPage> => {
  const ids = [
    ...new Set(mailbox.state.log.slice(state.from, state.to).flatMap((change) => (change.folderId === home.id ? [change.itemId] : []))),
  ];
  const items: SimItem[] = [];
  const entries: Entry[] = [];
  for (const id of ids.slice(state.at, state.at + state.size)) {
    const found = await mailbox.state.find(id);
    if (found.is === 'item') {
      if (!after(found.item, state)) continue;
      items.push(found.item);
      entries.push(project(itemEntity(found.item), selected(state)));
    } else entries.push(removed(id));
  }
  const at = Math.min(state.at + state.size, ids.length);
  return { items, entries, next: { ...state, at }, last: at >= ids.length };
};

const selected = (state: DeltaState): ReadonlySet<string> | undefined => (state.select === null ? undefined : new Set(state.select));

/** `GET …/folders/delta` (the whole tree, flat) and `…/childFolders/delta` (one level). Hidden folders are not in it. */
export const foldersDelta = (context: Context, call: GrantedCall, tokens: DeltaTokens): Reply => {
  const mailbox = mailboxOf(call);
  const parent = call.params.folder === undefined ? null : folderOf(context, call);
  const state = tokenState(call, tokens, 'folders', mailbox, parent?.id ?? null) ?? firstFoldersState(context, call, mailbox, parent);
  const all = mailbox.state
    .folders()
    .filter(
      (each) => each.recoverable !== true && !each.isHidden && shown(mailbox, each) && (parent === null || each.parentId === parent.id),
    );
  const touched = new Set(mailbox.state.log.slice(state.from, state.to).map((change) => change.folderId));
  const wanted = state.phase === 'round' ? all : all.filter((folder) => touched.has(folder.id));
  const page = wanted.slice(state.at, state.at + state.size);
  const at = state.at + page.length;
  const entries = page.map((folder) => project(folderEntity(context, mailbox, folder, call.version), selected(state)));
  return answer(context, call, tokens, state, { entries, next: { ...state, at }, last: at >= wanted.length });
};

const firstFoldersState = (context: Context, call: GrantedCall, mailbox: Mailbox, parent: SimFolder | null): DeltaState => {
  checkOptions(call.query, ['$select'], context.strict);
  const select = selectOf(call.query, FOLDER_PROPERTIES, context.strict);
  return {
    mailbox: mailbox.id,
    folder: parent?.id ?? null,
    of: 'folders',
    phase: 'round',
    at: 0,
    end: 0,
    from: mailbox.state.log.length,
    to: 0,
    size: pageSize(context, call),
    select: select === undefined ? null : [...select],
    newestFirst: false,
    since: null,
    inclusive: false,
  };
};

const answer = (context: Context, call: GrantedCall, tokens: DeltaTokens, state: DeltaState, page: Page): Reply => {
  const base = `${context.origin}${call.target.split('?')[0]}`;
  const empty = call.effects.some((each) => each.effect === 'empty-page');
  const preferred = preferredPageSize(call.headers);
  return {
    status: 200,
    ...(preferred === undefined ? {} : { headers: { 'preference-applied': `odata.maxpagesize=${preferred}` } }),
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#Collection(${state.of === 'items' ? 'mailboxItem' : 'mailboxFolder'})`,
      value: empty ? [] : disturbed(call, page.entries),
      // An empty page leads on to the one that it stands before.
      ...(empty
        ? { '@odata.nextLink': `${base}?$skiptoken=${tokens.seal({ ...state, empties: (state.empties ?? 0) + 1 })}` }
        : page.last
          ? { '@odata.deltaLink': `${base}?$deltatoken=${tokens.seal(startOfChanges(page.next))}` }
          : { '@odata.nextLink': `${base}?$skiptoken=${tokens.seal(page.next)}` }),
    },
  };
};

// The changes to hand out next begin where this phase began to look.
const startOfChanges = (state: DeltaState): DeltaState => {
  const from = state.phase === 'round' ? state.from : state.to;
  return { ...state, phase: 'changes', at: 0, from, to: OPEN };
};

const disturbed = (call: GrantedCall, entries: readonly Entry[]): readonly Entry[] => {
  const out = [...entries];
  for (const effect of call.effects) {
    if (effect.effect === 'repeat') out.push(...entries.slice(0, effect.count ?? 1));
    if (effect.effect === 'removed') {
      for (let n = 0; n < (effect.count ?? 1); n++) out.push(removed(toEntryId(digest('never there', call.target, n).subarray(0, 32))));
    }
  }
  return out;
};
