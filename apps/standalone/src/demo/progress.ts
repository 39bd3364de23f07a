import type { MailboxView } from '@pstream/contracts';
import { size } from './report.js';

/** Shows a pass as it goes on: redrawn in place on a terminal, a line per change elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  #drawn = 0;
  #last = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** A step that stays on the screen. */
  say(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** The mailboxes as they are now. */
  show(title: string, mailboxes: readonly MailboxView[]): void {
    const sum = (pick: (view: MailboxView) => number): number => mailboxes.reduce((total, view) => total + pick(view), 0);
    const summary = `${title}: ${sum((view) => view.extracted.items)} items read, ${sum((view) => view.totals.exported)} in sealed parts, ${size(sum((view) => view.extracted.bytes))}`;
    if (!this.#out.isTTY) {
      const states = mailboxes.map((view) => view.status).join(',');
      if (states !== this.#last) this.#out.write(`${summary}\n`);
      this.#last = states;
      return;
    }
    this.#clear();
    const rows = mailboxes.slice(0, this.#rows()).map(row);
    const more = mailboxes.length - rows.length;
    const lines = [summary, ...rows, ...(more > 0 ? [`  … and ${more} more`] : [])];
    this.#out.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #rows(): number {
    return Math.max(3, (this.#out.rows ?? 24) - 6);
  }

  #clear(): void {
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

const BAR = 20;

const row = (view: MailboxView): string => {
  const { discovered, skipped, failed } = view.totals;
  const known = view.listing === 'finished' && discovered > 0;
  const share = known ? Math.min(1, (view.extracted.items + skipped + failed) / discovered) : 0;
  const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
  const count = known
    ? `${view.extracted.items} of ${discovered}`
    : discovered > 0
      ? `${view.extracted.items}, ${discovered} found so far`
      : 'not counted yet';
  const errors = failed > 0 ? `, ${failed} failed` : '';
  return `  ${view.source.padEnd(32)} ${view.status.padEnd(22)} ${bar} ${count}${errors}`;
};
