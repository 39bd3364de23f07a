import type { Mailbox } from '@pstream/api';
import { liveArea, widthOf, type LiveArea } from '@pstream/terminal';

/** Shows a pass as it goes on: redrawn in place on a terminal, a line per change elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #live: LiveArea | undefined;
  #last = '';

  /** `term` is the kind of terminal, as in the variable TERM. */
  constructor(out: NodeJS.WriteStream, term: string | undefined) {
    this.#out = out;
    this.#live = liveArea(out, term);
  }

  /** A step that stays on the screen. */
  say(text: string): void {
    if (this.#live === undefined) this.#out.write(`${text}\n`);
    else this.#live.print(text);
  }

  /** The mailboxes as they are now. */
  show(title: string, mailboxes: readonly Mailbox[]): void {
    const sum = (pick: (view: Mailbox) => number): number => mailboxes.reduce((total, view) => total + pick(view), 0);
    const summary = `${title}: ${sum(itemsRead)} items read, ${sum((view) => view.totals.exported)} in sealed parts`;
    if (this.#live === undefined) {
      const states = mailboxes.map((view) => view.status).join(',');
      if (states !== this.#last) this.#out.write(`${summary}\n`);
      this.#last = states;
      return;
    }
    const shown = mailboxes.slice(0, this.#rows());
    const more = mailboxes.length - shown.length;
    const columns = this.#out.columns || USUAL_COLUMNS;
    this.#live.show([summary, ...shown.map((view) => row(view, columns)), ...(more > 0 ? [`  … and ${more} more`] : [])]);
  }

  /** Ends the display; what `say` wrote stays. */
  close(): void {
    this.#live?.close();
  }

  #rows(): number {
    return Math.max(3, (this.#out.rows ?? 24) - 6);
  }
}

const USUAL_COLUMNS = 80;
const BAR = 20;
/** Narrower than this, the bar gives way to the figures. */
const BAR_FROM_COLUMNS = 100;
const SOURCE_COLUMNS = 32;
const STATUS_COLUMNS = 22;

/** Over all passes: a retry reads a few items, those in sealed parts were read before it. */
const itemsRead = ({ extracted, totals }: Mailbox): number => Math.max(extracted.items, totals.exported);

const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)));

const row = (view: Mailbox, columns: number): string => {
  const { discovered, skipped, failed } = view.totals;
  const known = view.listing === 'finished' && discovered > 0;
  const share = known ? Math.min(1, (itemsRead(view) + skipped + failed) / discovered) : 0;
  const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
  const count = known
    ? `${itemsRead(view)} of ${discovered}`
    : discovered > 0
      ? `${itemsRead(view)}, ${discovered} found so far`
      : 'not counted yet';
  const errors = failed > 0 ? `, ${failed} failed` : '';
  if (columns < BAR_FROM_COLUMNS) return `  ${view.source}  ${view.status}, ${count}${errors}`;
  return `  ${padded(view.source, SOURCE_COLUMNS)} ${padded(view.status, STATUS_COLUMNS)} ${bar} ${count}${errors}`;
};
