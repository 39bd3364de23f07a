/** A text field of a foreign error. Not by `instanceof`: errors of Node's own modules belong to another realm under a test runner. */
export const fieldOf = (error: unknown, field: 'code' | 'syscall'): string | undefined => {
  const value: unknown =
    typeof error === 'object' && error !== null && field in error ? (error as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** The errno of an error of Node's file system or network, such as 'ENOSPC'; undefined for anything else. */
export const errnoOf = (error: unknown): string | undefined => {
  const code = fieldOf(error, 'code');
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
};
