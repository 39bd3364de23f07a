import { Inject, Injectable } from '@nestjs/common';
import type { ErrorQuery, ItemError } from '@pstream/api';
import { ItemErrorView, VIEWS } from '@pstream/contracts';
import type { Filter } from '@pstream/projections';
import { foldersOf } from './folders.js';
import { StoredFolders } from './stored.js';
import { Views, type Page, type PageOf } from './views.js';

/** Errors read at once where all are wanted. */
const ALL_AT_ONCE = 1_000;

/** Which errors: of whom, and what a query or a request says of them. */
export type ErrorFilter = ({ readonly projectId: string } | { readonly mailboxJobId: string }) &
  Partial<Pick<ErrorQuery, 'state' | 'code' | 'passId'>> & {
    readonly outcome?: ErrorQuery['outcome'] | readonly ItemErrorView['outcome'][];
  };

/** Reads the errors of items, with the paths of their folders. */
@Injectable()
export class ItemErrors {
  constructor(@Inject(Views) private readonly views: Views) {}

  /** A page of errors. Problem 'request.bad-cursor' (400). */
  async page(filter: ErrorFilter, page: Page, sort: 'code' | 'mailboxJobId' = 'code'): Promise<PageOf<ItemError>> {
    const { limit, cursor } = page;
    const found = await this.views.page(VIEWS.errors, ItemErrorView, await this.#documents(filter), { limit, cursor }, sort);
    const paths = new Map<string, ReadonlyMap<string, string>>();
    for (const { mailboxJobId } of found.items) if (!paths.has(mailboxJobId)) paths.set(mailboxJobId, await this.#pathsOf(mailboxJobId));
    const items = found.items.map((error) => ({ ...error, folderPath: paths.get(error.mailboxJobId)?.get(error.folderKey) ?? '' }));
    return { ...found, items };
  }

  /** Every error, a thousand at a time, those of a mailbox one after another. */
  async *all(filter: ErrorFilter): AsyncGenerator<ItemErrorView> {
    const wanted = await this.#documents(filter);
    for (let cursor: string | undefined; ; ) {
      const page = { limit: ALL_AT_ONCE, cursor };
      const { items, next } = await this.views.page(VIEWS.errors, ItemErrorView, wanted, page, 'mailboxJobId');
      yield* items;
      if (next === null) return;
      cursor = next;
    }
  }

  /** Whether the mailbox has an error of this item. */
  async has(mailboxJobId: string, itemKey: string): Promise<boolean> {
    return (await this.views.get(VIEWS.errors, ItemErrorView, `${mailboxJobId}/${itemKey}`))?.mailboxJobId === mailboxJobId;
  }

  /** Of a project only those whose mailboxes are still in it. */
  async #documents(filter: ErrorFilter): Promise<Filter> {
    const documents = documentsWith(filter);
    return 'projectId' in filter ? { ...documents, ...(await this.views.stillIn(filter.projectId)) } : documents;
  }

  async #pathsOf(mailboxJobId: string): Promise<ReadonlyMap<string, string>> {
    const folders = (await this.views.get(VIEWS.folders, StoredFolders, mailboxJobId)) ?? { folders: {} };
    return new Map(foldersOf(folders).map(({ folderKey, path }) => [folderKey, path]));
  }
}

const documentsWith = ({ state = 'all', outcome, code, passId, ...of }: ErrorFilter): Filter => ({
  ...of,
  ...(state === 'all' ? {} : { state }),
  ...(outcome === undefined ? {} : { outcome: typeof outcome === 'string' ? outcome : { in: outcome } }),
  ...(code === undefined ? {} : { code }),
  ...(passId === undefined ? {} : { passId }),
});
