import { open, readFile, rename, rm } from 'node:fs/promises';
import { errnoOf, Fault } from '@pstream/kernel';
import { z } from 'zod';

const Counts = z.object({
  files: z.number(),
  bytes: z.number(),
  other: z.number(),
  excluded: z.number(),
  notFiles: z.number(),
  unreadable: z.number(),
  stores: z.number(),
  upload: z.number(),
  skip: z.record(z.string(), z.number()),
  withoutOwner: z.number(),
});

const State = z.object({
  format: z.literal(1),
  /** What was asked for: a scan with other roots or options does not go on with this one. */
  settings: z.string(),
  planBytes: z.number(),
  after: z.object({ root: z.number(), names: z.array(z.string()) }),
  counts: Counts,
  /** Files that are looked at again at the end. */
  later: z.array(z.string()),
});

/** What a scan has counted. `files` are those that it came to, `skip` stores by reason; `files = other + excluded + notFiles + unreadable + stores`. */
export type ScanCounts = z.infer<typeof Counts>;
/** A scan that is not finished. */
export type ScanState = z.infer<typeof State>;

export const NO_COUNTS: ScanCounts = {
  files: 0,
  bytes: 0,
  other: 0,
  excluded: 0,
  notFiles: 0,
  unreadable: 0,
  stores: 0,
  upload: 0,
  skip: {},
  withoutOwner: 0,
};

const OWNER_ONLY = 0o600;

/** The state of an unfinished scan, or undefined. Faults (never): 'scan.other-settings', 'scan.state-unreadable'; facts file. */
export const readState = async (file: string, settings: string): Promise<ScanState | undefined> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw damaged(file, error);
  }
  const state = State.safeParse(parsed(text));
  if (!state.success) throw damaged(file, state.error);
  if (state.data.settings === settings) return state.data;
  throw new Fault('scan.other-settings', {
    retry: 'never',
    facts: { file },
    advice:
      'A scan with other roots or options was interrupted and left this file. Repeat its command, or remove the file to begin a new scan.',
  });
};

/** Replaces the state, whole and safe. */
export const writeState = async (file: string, state: ScanState): Promise<void> => {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(JSON.stringify(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const damaged = (file: string, cause: unknown): Fault =>
  new Fault('scan.state-unreadable', {
    retry: 'never',
    facts: { file, reason: errnoOf(cause) ?? 'not what a scan writes' },
    advice: 'Remove the file to begin a new scan.',
    cause,
  });
