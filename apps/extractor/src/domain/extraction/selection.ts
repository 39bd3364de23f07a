import {
  itemTypeOf,
  itemTypes,
  listsMailbox,
  TRIAL,
  type ItemType,
  type LeftOut,
  type PassControl,
  type PassKind,
  type PassSettings,
} from '@pstream/contracts';

/** Which of the listed items a pass takes. Dates are in milliseconds since 1970. */
export type Selection = {
  /** Takes at most `TRIAL`. */
  readonly trial: boolean;
  /** Only items of these kinds; null for all. */
  readonly types: readonly ItemType[] | null;
  /** Only items that came at this time or later, and before that one. */
  readonly fromMs: number | null;
  readonly beforeMs: number | null;
};

/** What of a listing a selection looks at. */
export type Selectable = { readonly type: string | null; readonly size: number; readonly createdDateTime: string | null };

/** What a pass with these settings takes: what the options of its project let through, and of that what the pass is for. */
export const selectionOf = (kind: PassKind, { before, options = {} }: PassSettings): Selection => {
  const ends = [options.itemsBefore, before].flatMap((end) => (end === undefined ? [] : [Date.parse(end)]));
  const types = itemTypes.filter((type) => (options.itemTypes ?? itemTypes).includes(type) && (kind !== 'pre-stage' || type === 'email'));
  return {
    trial: kind === 'trial',
    types: types.length === itemTypes.length ? null : types,
    fromMs: options.itemsFrom === undefined ? null : Date.parse(options.itemsFrom),
    beforeMs: ends.length === 0 ? null : Math.min(...ends),
  };
};

/** What a pass takes of the folders that it lists. A retry lists those that the last pass over the mailbox could not, and takes what that would have. */
export const selectionFor = ({ kind, settings, earlier }: Pick<PassControl, 'kind' | 'settings' | 'earlier'>): Selection => {
  const listing = kind === 'retry-errors' ? earlier.findLast((pass) => listsMailbox(pass.kind)) : undefined;
  return selectionOf(listing?.kind ?? kind, listing?.settings ?? settings);
};

/** Two passes with the same scope leave out the same items. */
export const scopeOf = (selection: Selection): string => JSON.stringify(selection);

/** Years of dates that mean something: before and after lie those with which Exchange says that there is none (0001, 1601, 4501, 9999). */
const YEARS = { first: 1900, last: 4500 } as const;

/** The date of a listing, if it is one. */
export const listedDate = (created: string | null): string | undefined => {
  if (created === null) return undefined;
  const year = new Date(created).getUTCFullYear();
  return year >= YEARS.first && year <= YEARS.last ? created : undefined;
};

/** Takes items of one page in the order of the listing. */
export class Picker {
  readonly #selection: Selection;
  #items = 0;
  #bytesLeft: number;
  readonly leftOut: { -readonly [reason in keyof LeftOut]: LeftOut[reason] } = {};

  /** `listedBytes`: what the pass has taken before this page. */
  constructor(selection: Selection, listedBytes: number) {
    this.#selection = selection;
    this.#bytesLeft = TRIAL.bytes - listedBytes;
  }

  /** Whether the item is taken; one that is not is counted under its reason. */
  takes(item: Selectable): boolean {
    const reason = this.#reason(item);
    if (reason !== undefined) {
      this.leftOut[reason] = (this.leftOut[reason] ?? 0) + 1;
      return false;
    }
    this.#items++;
    this.#bytesLeft -= item.size;
    return true;
  }

  #reason({ type, size, createdDateTime }: Selectable): keyof LeftOut | undefined {
    const { trial, types, fromMs, beforeMs } = this.#selection;
    if (types !== null && !types.includes(itemTypeOf(type ?? 'IPM.Note'))) return 'type';
    const cameMs = createdDateTime === null ? NaN : Date.parse(createdDateTime);
    // An item without a date is in no range.
    if ((fromMs !== null && !(cameMs >= fromMs)) || (beforeMs !== null && !(cameMs < beforeMs))) return 'date';
    return trial && (this.#items >= TRIAL.itemsPerFolder || size > this.#bytesLeft) ? 'trial' : undefined;
  }
}
