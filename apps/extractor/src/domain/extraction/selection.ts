import { itemTypeOf, TRIAL, type LeftOut, type PassKind, type PassSettings } from '@pstream/contracts';

/** Which of the listed items a pass takes. Dates are in milliseconds since 1970. */
export type Selection = {
  /** Takes at most `TRIAL`. */
  readonly trial: boolean;
  /** Only mail. */
  readonly mailOnly: boolean;
  /** Only items that came before. */
  readonly beforeMs: number | null;
};

/** What of a listing a selection looks at. */
export type Selectable = { readonly type: string | null; readonly size: number; readonly createdDateTime: string | null };

/** What a pass with these settings takes. */
export const selectionOf = (kind: PassKind, settings: PassSettings): Selection => ({
  trial: kind === 'trial',
  mailOnly: kind === 'pre-stage',
  beforeMs: settings.before === undefined ? null : Date.parse(settings.before),
});

/** Two passes with the same scope leave out the same items. */
export const scopeOf = (selection: Selection): string => JSON.stringify(selection);

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
    const { trial, mailOnly, beforeMs } = this.#selection;
    if (mailOnly && itemTypeOf(type ?? 'IPM.Note') !== 'email') return 'type';
    // Without a date nothing says that the item is old; a Full pass takes it.
    if (beforeMs !== null && !(createdDateTime !== null && Date.parse(createdDateTime) < beforeMs)) return 'date';
    return trial && (this.#items >= TRIAL.itemsPerFolder || size > this.#bytesLeft) ? 'trial' : undefined;
  }
}
