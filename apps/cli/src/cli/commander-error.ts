/** What commander throws instead of ending the process. */
export type CommanderError = Error & { readonly code: string; readonly exitCode: number };

/** Told apart by its code, so that commander itself need not be loaded. */
export const isCommanderError = (error: unknown): error is CommanderError =>
  error instanceof Error && 'exitCode' in error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.');
