// Checks the API document with Redocly's recommended rules: no error and no warning. Needs a build. Usage: node tools/lint-api.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const { apiDocument } = await import(new URL('../libs/api/dist/index.js', import.meta.url).href);
const redocly = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'pstream-api-'));
const file = join(folder, 'openapi.json');
writeFileSync(file, JSON.stringify(apiDocument('0.0.0')));
const { status } = spawnSync(process.execPath, [redocly, 'lint', '--extends=recommended', '--max-problems=50', file], {
  stdio: 'inherit',
  env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
});
rmSync(folder, { recursive: true, force: true });
process.exit(status ?? 1);
