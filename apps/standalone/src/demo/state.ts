import { createServer } from 'node:net';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '@pstream/platform';
import type { DemoOptions } from './options.js';

/** What an interrupted demo must find again: what it was asked to do, where the tenant answered, and whether it ended. */
export type DemoState = { readonly request: string; readonly tenantPort: number; readonly finished: boolean };

/** Where a demo keeps its things. Parts land in `<out>/<container>/`, all else below `<out>/.pstream/`. */
export type DemoPlace = { readonly out: string; readonly dataDir: string; readonly stateFile: string; state: DemoState };

/** Finds the place of this demo: the directory given, or the first run in `demo-out` that is unfinished or free. A
 *  finished or different demo in a directory that was named is refused by UsageError. */
export const openPlace = async (options: DemoOptions, from: string): Promise<DemoPlace> => {
  const request = JSON.stringify([options.content, options.partBytes, options.seed]);
  if (options.out !== undefined) return place(options.out, request, await stateOf(options.out), true);
  for (let run = 1; ; run++) {
    const out = resolve(from, 'demo-out', `run-${run}`);
    const state = await stateOf(out);
    if (state === undefined || (!state.finished && state.request === request)) return place(out, request, state, false);
  }
};

/** Writes the state so that a crash leaves the old or the new one. */
export const saveState = async (demo: DemoPlace, change: Partial<DemoState>): Promise<void> => {
  demo.state = { ...demo.state, ...change };
  await writeFile(`${demo.stateFile}.new`, `${JSON.stringify(demo.state)}\n`);
  await rename(`${demo.stateFile}.new`, demo.stateFile);
};

const place = async (out: string, request: string, known: DemoState | undefined, named: boolean): Promise<DemoPlace> => {
  const dataDir = join(out, '.pstream');
  if (named && known !== undefined && known.request !== request)
    throw new UsageError(`${out} holds another demo (other contents, part size or seed). Give another directory with --out.`);
  if (known === undefined && (await entries(out)).some((name) => name === 'mailboxes' || name === 'archives')) {
    throw new UsageError(`${out} already holds exported files that this demo did not make. Give another directory with --out.`);
  }
  await mkdir(dataDir, { recursive: true });
  const demo: DemoPlace = {
    out,
    dataDir,
    stateFile: join(dataDir, 'demo.json'),
    state: known ?? { request, tenantPort: await freePort(), finished: false },
  };
  await saveState(demo, {});
  return demo;
};

const stateOf = async (out: string): Promise<DemoState | undefined> => {
  const text = await readFile(join(out, '.pstream', 'demo.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DemoState);
};

const entries = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);

/** A port that was free a moment ago. The tenant keeps it over restarts, because running passes know its address. */
const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
