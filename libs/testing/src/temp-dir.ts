import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterTheFile } from './jest-globals.js';

const made = new Set<string>();

afterTheFile(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
  made.clear();
});

/** A new empty folder, removed after the test file. */
export const tempDir = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'pstream-'));
  made.add(path);
  return path;
};
