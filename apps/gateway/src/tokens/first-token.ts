import { join } from 'node:path';
import type { Clock, Random } from '@pstream/kernel';
import { usableDirectory } from '@pstream/platform';
import { writePrivate } from '@pstream/storage/files';
import type { Log } from '@pstream/wiring';
import { createFirstToken, discardFirstToken } from './token-store.js';

const FIRST_TOKEN = 'first-token';

/** Leaves the very first token in a file beside the hashed ones, for its owner alone, since the log of a container is read by many.
 *  Faults of `usableDirectory`. */
export const leaveFirstToken = async (
  tokensDir: string,
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): Promise<void> => {
  await usableDirectory(tokensDir, 'PSTREAM_TOKENS');
  const token = await createFirstToken(tokensDir, { clock, random });
  if (token === undefined) return;
  const file = join(tokensDir, FIRST_TOKEN);
  try {
    await writePrivate(file, `${token}\n`, 'replace');
  } catch (error) {
    await discardFirstToken(tokensDir, token);
    throw error;
  }
  log.write('info', 'gateway.first-token', { file });
};
