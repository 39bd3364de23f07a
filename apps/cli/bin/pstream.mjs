#!/usr/bin/env node
// The installed command. In a clone `npm run -s pstream --` does the same and compiles first what has changed.
import { existsSync } from 'node:fs';

const bundle = new URL('../bundle/pstream.mjs', import.meta.url);
if (existsSync(bundle)) await import(bundle.href);
else {
  process.stderr.write(
    'Error: pstream is not built.\nThis is a clone, and nothing has been compiled in it yet.\nTry: npm run -s pstream -- help\n',
  );
  process.exitCode = 1;
}
