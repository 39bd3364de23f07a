import { createLogUpdate } from 'log-update';
import { fit, widthOf } from './fit.js';

/** What a live area needs of a terminal; `process.stderr` is one. */
export type Screen = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** The last lines of a terminal, redrawn in place. */
export type LiveArea = {
  /** Replaces the lines. Each is cut to the width of the terminal; lines that do not fit its height are left out at the top. */
  show(lines: readonly string[]): void;
  /** Writes a text that stays, above the area. */
  print(text: string): void;
  /** Removes the area and shows the cursor again. */
  close(): void;
};

/** A width where the terminal tells none. */
const USUAL_COLUMNS = 80;

/** A live area at the end of `out`; undefined where lines cannot be redrawn: no terminal, or TERM=dumb. */
export const liveArea = (out: Screen, term: string | undefined): LiveArea | undefined => {
  if (out.isTTY !== true || term === 'dumb') return undefined;
  const columns = (): number => out.columns || USUAL_COLUMNS;
  const update = createLogUpdate(out as NodeJS.WriteStream);
  let drawn: readonly string[] = [];
  let drawnColumns = columns();

  /** Terminals wrap the lines that are there when they become narrower, so they take more rows than were drawn. */
  const clear = (): void => {
    const now = columns();
    if (now === drawnColumns) update.clear();
    else {
      const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / now)), 0);
      out.write(rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`);
      update.done();
    }
    drawn = [];
    drawnColumns = now;
  };

  return {
    show: (lines) => {
      if (columns() !== drawnColumns) clear();
      // The last column stays empty: terminals differ in what they do when it is written.
      drawn = lines.map((line) => fit(line, columns() - 1));
      update(drawn.join('\n'));
    },
    print: (text) => {
      clear();
      out.write(`${text}\n`);
    },
    close: () => {
      clear();
      update.done();
    },
  };
};
