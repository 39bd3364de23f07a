import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** Columns that a text takes on a terminal: 2 for each wide character, none for a combining one. */
export const widthOf = (text: string): number => stringWidth(text);

/** The text in at most `columns` columns; what is cut off becomes an ellipsis. */
export const fit = (text: string, columns: number): string =>
  widthOf(text) <= columns ? text : columns < 1 ? '' : `${sliceAnsi(text, 0, columns - 1)}…`;
