import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import { makePrivate } from './private-file.js';

/** Pages copied per step; the database's lock is held for the length of one. */
const STEP_PAGES = 1_000;

/** Copies a database as it is now to a file of mode 0600: whole and on the disk when resolved, absent otherwise. Nothing may be
 *  written to the database meanwhile. */
export const copyTo = async (database: DatabaseSync, path: string): Promise<void> => {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    makePrivate(unfinished);
    await backup(database, unfinished, { rate: STEP_PAGES });
    sync(unfinished);
    renameSync(unfinished, path);
    sync(dirname(path));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
};

const sync = (path: string): void => {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};
