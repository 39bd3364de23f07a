import { encodeExportStream } from '@pstream/fasttransfer';
import type { MapiItem } from '@pstream/mapi';
import { deriveGuid, digest, idToPlace, placeToId, toEntryId } from '../ids.js';
import type { MailboxSource, SimFolder, SimItem, SimUser, TenantSource } from '../source.js';
import { buildItem } from './build-item.js';
import { LANGUAGES, type Language } from './languages.js';
import { planItem, SIZE_PROFILES, type Plan, type SizeProfile } from './plan.js';
import { archiveTree, primaryTree, spread, type Planned } from './tree.js';

/** What a generated tenant is made of. The same options give the same tenant, byte for byte, on every machine. */
export type GeneratedOptions = {
  /** A whole number. */
  readonly seed: number;
  /** User mailboxes: user1@fabrikam.test and so on. */
  readonly mailboxes: number;
  /** Items in each primary mailbox, over all its folders; search folders and recoverable items not counted. */
  readonly itemsPerMailbox: number;
  /** How many users have an archive, from the first one on; true for all, none by default. */
  readonly archives?: number | boolean;
  /** Items in each archive; half of a primary's by default. */
  readonly itemsPerArchive?: number;
  /** `mail` (75 KB on average) by default. */
  readonly sizeProfile?: keyof typeof SIZE_PROFILES | SizeProfile;
};

type Store = {
  readonly seed: number;
  readonly mailbox: number;
  readonly store: number;
  readonly language: Language;
  readonly profile: SizeProfile;
  readonly items: number;
};

type Made = { readonly tree: readonly Planned[]; readonly folders: readonly SimFolder[]; readonly places: ReadonlyMap<string, number> };

const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** A mailbox of which nothing is held but its folder list: items follow from their places. */
class GeneratedMailbox implements MailboxSource {
  readonly guid: string;
  readonly rootId: string;
  readonly #key: string;
  #made: Made | undefined;

  constructor(private readonly from: Store) {
    this.#key = `${from.seed}/${from.mailbox}/${from.store}`;
    this.guid = deriveGuid('generated mailbox', this.#key);
    this.rootId = toEntryId(digest('generated root', this.#key).subarray(0, 32));
  }

  folders(): readonly SimFolder[] {
    return this.#all().folders;
  }

  items(folder: SimFolder, from: number, to: number): Promise<readonly SimItem[]> {
    const place = this.#place(folder);
    const end = Math.min(to, folder.count);
    return Promise.resolve(Array.from({ length: Math.max(0, end - from) }, (_, n) => this.#item(place, from + n)));
  }

  find(itemId: string): Promise<SimItem | undefined> {
    const place = idToPlace(itemId, this.#key);
    if (place === undefined || place.kind !== 1 || place.guid !== this.guid) return Promise.resolve(undefined);
    const folder = this.folders()[place.folder];
    return Promise.resolve(
      folder === undefined || place.ordinal >= folder.count ? undefined : this.#item(place.folder, place.ordinal, itemId),
    );
  }

  async stream(item: SimItem): Promise<Uint8Array> {
    return encodeExportStream(await this.content(item));
  }

  content(item: SimItem): Promise<MapiItem> {
    const place = this.#all().places.get(item.folderId) ?? 0;
    return Promise.resolve(buildItem(this.#plan(place, item.ordinal, item.version)));
  }

  another(folder: SimFolder, extra: number): SimItem {
    return this.#item(this.#place(folder), folder.count + extra);
  }

  #place(folder: SimFolder): number {
    return this.#all().places.get(folder.id) ?? 0;
  }

  #plan(folder: number, ordinal: number, version: number): Plan {
    const { seed, mailbox, store, language, profile } = this.from;
    const { tree, folders } = this.#all();
    const at = { seed, mailbox, store, folder, ordinal, version };
    return planItem(at, tree[folder]?.holds ?? 'mail', language, profile, folders[folder]?.count ?? 1);
  }

  #item(folder: number, ordinal: number, id = placeToId({ guid: this.guid, kind: 1, folder, ordinal }, this.#key)): SimItem {
    const plan = this.#plan(folder, ordinal, 0);
    const created = seconds(plan.createdMs);
    return {
      id,
      folderId: this.folders()[folder]?.id ?? '',
      ordinal,
      type: plan.messageClass,
      size: plan.size,
      created,
      modified: created,
      // The end of the id depends on the place and the seed, which is all that a first change key must do.
      changeKey: `CQAAABYAAA${id.slice(-24, -8)}`,
      categories: plan.categories,
      version: 0,
    };
  }

  #all(): Made {
    if (this.#made !== undefined) return this.#made;
    const tree = this.from.store === 0 ? primaryTree(this.from.language) : archiveTree(this.from.language);
    const counts = spread(tree, this.from.items);
    const ids = tree.map((_, folder) => placeToId({ guid: this.guid, kind: 0, folder, ordinal: 0 }, this.#key));
    const idOf = (place: number): string => ids[place] ?? '';
    const folders = tree.map(
      (planned, place): SimFolder => ({
        id: idOf(place),
        parentId: planned.parent === null ? null : idOf(planned.parent),
        displayName: planned.displayName,
        type: planned.type,
        wellKnownName: planned.wellKnownName,
        isHidden: planned.isHidden,
        count: counts[place] ?? 0,
        ...(planned.searchOf === undefined ? {} : { searchOf: idOf(planned.searchOf) }),
        ...(planned.recoverable === true ? { recoverable: true } : {}),
      }),
    );
    this.#made = { tree, folders, places: new Map(ids.map((id, place) => [id, place])) };
    return this.#made;
  }
}

const DOMAIN = 'fabrikam.test';
const SHARED_EVERY = 10;

/** A tenant of made-up mailboxes in seven languages that take turns; each tenth user is a shared mailbox. */
export const generatedTenant = (options: GeneratedOptions): TenantSource => {
  const { seed, mailboxes, itemsPerMailbox } = options;
  const profile = typeof options.sizeProfile === 'object' ? options.sizeProfile : SIZE_PROFILES[options.sizeProfile ?? 'mail'];
  const archives = options.archives === true ? mailboxes : options.archives === false ? 0 : (options.archives ?? 0);
  const tenantId = deriveGuid('generated tenant', seed);
  const users = Array.from({ length: mailboxes }, (_, index): SimUser => {
    const language = LANGUAGES[index % LANGUAGES.length] as Language;
    const userPrincipalName = `user${index + 1}@${DOMAIN}`;
    const shared = (index + 1) % SHARED_EVERY === 0;
    const store = { seed, mailbox: index, language, profile };
    return {
      id: deriveGuid('user', tenantId, userPrincipalName),
      userPrincipalName,
      displayName: `${language.first[index % language.first.length]} ${language.last[(index * 3) % language.last.length]}`,
      accountEnabled: !shared,
      purpose: shared ? 'shared' : 'user',
      primary: new GeneratedMailbox({ ...store, store: 0, items: itemsPerMailbox }),
      ...(index < archives
        ? { archive: new GeneratedMailbox({ ...store, store: 1, items: options.itemsPerArchive ?? Math.ceil(itemsPerMailbox / 2) }) }
        : {}),
    };
  });
  return { tenantId, users, close: () => Promise.resolve() };
};
