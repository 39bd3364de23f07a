const SAFE_WORD = /^[\w@.,:=/+-]+$/;

/** A word of a command as a shell takes it. */
export const shellWord = (text: string): string => (SAFE_WORD.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** Beyond this a command is given a file, as no shell would take the line. */
const MOST_NAMED = 20;

/** Whom a command is for: each by name, or those in a file where they are many. */
export const namedOrFile = (names: readonly string[], file = 'addresses.txt'): string =>
  names.length > MOST_NAMED ? `--file ${file}` : names.map(shellWord).join(' ');
