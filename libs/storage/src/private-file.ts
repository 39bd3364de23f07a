import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';

/** A database and the files that SQLite keeps beside it. */
export const databaseFiles = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-shm`];

/** Makes a database file that only its owner may read, and takes rights away from files that were made with more. SQLite gives the
 *  files beside it the rights of the database. */
export const makePrivate = (path: string): void => {
  closeSync(openSync(path, 'a', 0o600));
  for (const file of databaseFiles(path)) if (existsSync(file)) chmodSync(file, 0o600);
};
