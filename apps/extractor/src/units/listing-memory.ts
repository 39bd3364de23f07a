import { ListingProgress, type ItemPage } from '@pstream/graph';
import type { Fault } from '@pstream/kernel';
import type { Course } from '../domain/extraction/listing-trouble.js';

/** A folder that could not be listed yet: since when (monotonic), how often it was asked for, when it is to be asked for again, and why.
 *  `pending`: it is believed not to be listable as soon as any other folder of the mailbox is listed. */
export type Trouble = {
  readonly sinceMs: number;
  readonly attempts: number;
  readonly notBeforeMs: number;
  readonly fault: Fault;
  readonly pending: boolean;
  /** How far the pass was when the folder last let the others go first. */
  readonly letPassAt: number | undefined;
};

type Known = { -readonly [field in 'dead' | 'stuck' | 'shifted']: Course[field] } & {
  progress: ListingProgress;
  /** The page that was noted last. */
  last: { readonly cursor: string | null; readonly isNew: boolean } | undefined;
  trouble: Trouble | undefined;
};

/** What this worker remembers of the listing of folders. Whoever goes on with a pass elsewhere begins with nothing: then a folder has its
 *  tries and its time again. */
export class ListingMemory {
  readonly #passes = new Map<string, Map<string, Known>>();

  /** The folder's course, as far as it is not in the events. */
  course(passId: string, folderKey: string, isPlain: boolean): Course {
    const { dead, stuck, shifted, trouble } = this.#of(passId, folderKey);
    return { isPlain, dead, stuck, shifted, attempts: trouble?.attempts ?? 0 };
  }

  /** Counts that the listing of a folder is begun again. */
  restarted(passId: string, folderKey: string, because: 'dead' | 'stuck' | 'shifted'): void {
    const known = this.#of(passId, folderKey);
    known[because]++;
    known.progress = new ListingProgress();
    known.last = undefined;
  }

  /** A paging link of the folder held. */
  linkHeld(passId: string, folderKey: string): void {
    this.#of(passId, folderKey).dead = 0;
  }

  /** Takes note of the page at a cursor; see `ListingProgress`. A page that is asked for again because it could not be recorded counts once. */
  note(passId: string, folderKey: string, cursor: string | null, { items, removed }: Pick<ItemPage, 'items' | 'removed'>): boolean {
    const known = this.#of(passId, folderKey);
    if (known.last?.cursor === cursor) return known.last.isNew;
    const isNew = known.progress.note(items, removed);
    known.last = { cursor, isNew };
    return isNew;
  }

  trouble(passId: string, folderKey: string): Trouble | undefined {
    return this.#passes.get(passId)?.get(folderKey)?.trouble;
  }

  setTrouble(passId: string, folderKey: string, trouble: Trouble | undefined): void {
    this.#of(passId, folderKey).trouble = trouble;
  }

  /** The folders of a pass that only wait for another one to be listed, by key. */
  pending(passId: string): (readonly [folderKey: string, trouble: Trouble])[] {
    return [...(this.#passes.get(passId) ?? [])].flatMap(([key, { trouble }]) =>
      trouble?.pending === true ? [[key, trouble] as const] : [],
    );
  }

  /** Forgets a folder that has been listed to its end, or given up. */
  forget(passId: string, folderKey: string): void {
    this.#passes.get(passId)?.delete(folderKey);
  }

  /** Forgets a pass that is over, or that somebody else may go on with. */
  forgetPass(passId: string): void {
    this.#passes.delete(passId);
  }

  #of(passId: string, folderKey: string): Known {
    const pass = this.#passes.get(passId) ?? new Map<string, Known>();
    this.#passes.set(passId, pass);
    const known = pass.get(folderKey) ?? {
      dead: 0,
      stuck: 0,
      shifted: 0,
      progress: new ListingProgress(),
      last: undefined,
      trouble: undefined,
    };
    pass.set(folderKey, known);
    return known;
  }
}
