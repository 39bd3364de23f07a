import { createHash } from 'node:crypto';
import { Fault } from '@pstream/kernel';

/** Empty pages in a row that a listing may have; Exchange sends some where a filter or a deletion left nothing. */
const EMPTY_PAGES = 100;
/** Pages in a row that hold just what an earlier page of the same listing held. */
const REPEATED_PAGES = 3;

/** An entry of a page, as far as it tells one page from another. */
type Entry = { readonly id: string; readonly changeKey?: string | null };

/** Watches a listing that follows the server's links: links may be new each time and still lead nowhere. */
export class ListingProgress {
  readonly #pages = new Set<string>();
  #empty = 0;
  #repeated = 0;

  /** Takes note of a page. False where it brought nothing that the listing had not brought before. Fault 'graph.no-progress' (never) where that
   *  has gone on for longer than a listing that gets anywhere. */
  note(entries: readonly Entry[], removed: readonly string[] = []): boolean {
    const isEmpty = entries.length + removed.length === 0;
    const page = isEmpty ? '' : digest(entries, removed);
    const isNew = !isEmpty && !this.#pages.has(page);
    if (!isEmpty) this.#pages.add(page);
    this.#empty = isEmpty ? this.#empty + 1 : 0;
    this.#repeated = isNew || isEmpty ? (isNew ? 0 : this.#repeated) : this.#repeated + 1;
    if (this.#empty > EMPTY_PAGES || this.#repeated >= REPEATED_PAGES) {
      throw new Fault('graph.no-progress', {
        retry: 'never',
        facts: { emptyPages: this.#empty, repeatedPages: this.#repeated },
        advice: 'Exchange lists the same pages, or empty ones, again and again. Try later; if it stays, report it to Microsoft.',
      });
    }
    return isNew;
  }
}

const digest = (entries: readonly Entry[], removed: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([entries.map(({ id, changeKey }) => [id, changeKey ?? null]), removed]))
    .digest('base64');
