import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Flips one bit of a closed log database, `behind` bytes after the last place where `text` lies. */
export const flipBitNear = (dir: string, text: string, behind = 0): void => {
  const path = join(dir, 'log.sqlite');
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf(text);
  if (at < 0) throw new RangeError(`${text} is not in the database`);
  bytes[at + behind] = bytes[at + behind]! ^ 1;
  writeFileSync(path, bytes);
};
