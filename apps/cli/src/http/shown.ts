import type { Done } from '@pstream/api';
import { CliError } from '../cli/cli-error.js';

/** Reads a view as it is after a command, so that the next command line finds what it did. Being late is no failure. */
export const shown = async (
  { stream, version }: Pick<Done, 'stream' | 'version'>,
  read: (query: { readonly atLeast: string }) => Promise<unknown>,
): Promise<void> => {
  try {
    await read({ atLeast: `${stream}:${version}` });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
};
