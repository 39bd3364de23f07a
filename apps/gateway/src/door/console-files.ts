import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the console, as it is sent. */
export type ConsoleFile = { readonly type: string; readonly bytes: Buffer; readonly gzip: Buffer | undefined; readonly etag: string };

/** The console as its bundle holds it: the page with a mark where the nonce goes, and the files under /assets/ by name. */
export type ConsoleFiles = { readonly page: string; readonly assets: ReadonlyMap<string, ConsoleFile> };

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** Reads the bundle into memory, about a megabyte. Undefined where there is none: a gateway serves its API without it. */
export const readConsole = (folder: string): ConsoleFiles | undefined => {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const names = readdirSync(join(folder, 'assets'));
  const assets = names.filter((name) => extname(name) in TYPES).map((name) => [name, fileAt(join(folder, 'assets', name))] as const);
  return { page: readFileSync(index, 'utf8'), assets: new Map(assets) };
};

const fileAt = (path: string): ConsoleFile => {
  const bytes = readFileSync(path);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    bytes,
    gzip: existsSync(`${path}.gz`) ? readFileSync(`${path}.gz`) : undefined,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  };
};
