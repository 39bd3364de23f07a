import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument } from '@pstream/api';

const root = join(import.meta.dirname, '..', '..', '..');
const cache = join(root, '.cache', 'api-clients');

/** Programs of the Python that the generated client runs on. */
export const PYTHON = join(cache, 'python', 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
/** Schemathesis, which makes requests from the API document. */
export const SCHEMATHESIS = join(cache, 'schemathesis', 'venv', process.platform === 'win32' ? 'Scripts' : 'bin', 'schemathesis');
/** The TypeScript generator, as a module. */
export const OPENAPI_TS_MODULE = join(cache, 'node', 'node_modules', '@hey-api', 'openapi-ts', 'dist', 'index.mjs');

/** A suite that needs tools of tools/api-clients: an error in CI, skipped elsewhere, where they are missing. */
export const describeWithTools = (name: string, tools: readonly string[], suite: () => void): void => {
  const missing = tools.filter((tool) => !existsSync(tool));
  if (missing.length === 0) return describe(name, suite);
  const why = `${missing.length} tools are missing; run: node tools/api-clients/install.mjs`;
  // oxlint-disable-next-line eslint/no-restricted-properties -- whether this is CI is no setting of ours
  if (process.env['CI'] === 'true') return describe(name, () => it('has its tools', () => expect(why).toBe('')));
  describe.skip(`${name} (${why})`, suite);
};

/** Writes the API document into a folder; returns its path. */
export const writeDocument = (folder: string): string => {
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(apiDocument('0.1.0')));
  return file;
};

type RunOptions = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

/** Runs a program to its end; rejects with what it printed unless it ends with 0. */
export const run = (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> =>
  ended(command, args, options, [0]);

/** The same, of a program that ends with 1 to say that it found something. */
export const runToAnEnd = (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> =>
  ended(command, args, options, [0, 1]);

const ended = (command: string, args: readonly string[], options: RunOptions, codes: readonly number[]): Promise<string> =>
  new Promise((resolve, reject) => {
    // oxlint-disable-next-line eslint/no-restricted-properties -- a child needs the environment of its parent
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) =>
      code !== null && codes.includes(code)
        ? resolve(output)
        : reject(new Error(`${command} ended with ${String(code)}:\n${output.slice(-8_000)}`)),
    );
  });
