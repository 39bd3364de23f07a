/** A place for text: a terminal, a pipe or a test. */
export type TextOut = { write(text: string): unknown; readonly isTTY?: boolean | undefined };
