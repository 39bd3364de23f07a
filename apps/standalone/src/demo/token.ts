import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@pstream/kernel';
import type { DemoPlace } from './state.js';

/** The API token of this demo: told by the system at its first start, kept beside its data for the starts after that. */
export const demoToken = async (place: DemoPlace, firstToken: string | undefined): Promise<string> => {
  const file = join(place.dataDir, 'token');
  if (firstToken !== undefined) {
    await writeFile(file, firstToken, { mode: 0o600 });
    return firstToken;
  }
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new Fault('demo.token-lost', {
      message: `${file} is missing, so this demo cannot go on.`,
      retry: 'never',
      advice: 'Give another directory with --out.',
    });
  }
};
