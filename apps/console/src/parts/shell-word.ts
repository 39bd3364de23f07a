const SAFE_WORD = /^[\w@.,:=/+-]+$/;

/** A word of a command as a shell takes it. */
export const shellWord = (text: string): string => (SAFE_WORD.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
