import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below a folder, as sorted relative paths. */
export const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .toSorted();
