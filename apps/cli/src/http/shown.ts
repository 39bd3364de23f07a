import { CliError } from '../cli/cli-error.js';
import type { Client, Done } from './client.js';

/** Waits until a list shows what a command did, so that the next command line finds it. Being late is no failure. */
export const shown = async (client: Client, path: string, { stream, version }: Pick<Done, 'stream' | 'version'>): Promise<void> => {
  try {
    await client.get(path, { atLeast: `${stream}:${version}` });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
};
