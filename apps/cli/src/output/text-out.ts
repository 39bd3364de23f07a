/** A place for text: a terminal, a pipe or a test. `columns` is the width of a terminal. */
export type TextOut = { write(text: string): unknown; readonly isTTY?: boolean | undefined; readonly columns?: number | undefined };
