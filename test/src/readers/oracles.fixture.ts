import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { commandExists, repositoryRoot, sharedDir } from '@pstream/testing';

/** What a reader's program left behind. */
export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

const TIMEOUT_MS = 240_000;
const MOST_OUTPUT = 64 << 20;

/** Runs a reader to its end. A reader that hangs is stopped and has status null. */
export const run = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: TIMEOUT_MS,
    maxBuffer: MOST_OUTPUT,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr: error === undefined ? stderr : `${stderr}${error.message}` };
};

const INSTALL = 'run: node tools/oracles/install.mjs';
const built = (...names: readonly string[]): string => join(repositoryRoot, '.cache', 'oracles', ...names);
const walker = built('outlook-pst', 'release', process.platform === 'win32' ? 'pst-walk.exe' : 'pst-walk');
const tool = (name: string): string => join(sharedDir() ?? '', 'tools', name);

type Oracle = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly missing: string | undefined;
};

/** Where the readers are, and why one is not there. */
export const ORACLES = {
  pstlint: { command: 'python3', args: [tool('pstlint.py'), '--strict'], missing: pythonTool('pstlint.py') },
  pstdiff: { command: 'python3', args: [tool('pstdiff.py')], missing: pythonTool('pstdiff.py') },
  'outlook-pst': { command: walker, args: [], missing: existsSync(walker) ? undefined : `not built, ${INSTALL}` },
  'java-libpst': {
    command: 'java',
    args: ['-cp', [built('java-libpst'), built('java-libpst', 'java-libpst-0.9.3.jar')].join(delimiter), 'PstWalk'],
    missing: existsSync(built('java-libpst', 'built-from')) ? undefined : `not built, ${INSTALL}`,
  },
  pypff: {
    command: 'python3',
    args: [join(repositoryRoot, 'tools', 'oracles', 'pypff', 'pst_walk.py')],
    env: { PYTHONPATH: built('pypff') },
    missing: existsSync(built('pypff', 'installed')) ? undefined : `not installed, ${INSTALL}`,
  },
  pffinfo: onPath('pffinfo'),
  pffexport: onPath('pffexport'),
  readpst: onPath('readpst'),
  lspst: onPath('lspst'),
} as const satisfies Readonly<Record<string, Oracle>>;

function pythonTool(name: string): string | undefined {
  if (sharedDir() === undefined || !existsSync(tool(name))) return 'no reference data, set PSTREAM_SHARED';
  return commandExists('python3') ? undefined : 'no python3';
}

function onPath(name: string): { command: string; args: readonly string[]; missing: string | undefined } {
  return { command: name, args: [], missing: commandExists(name) ? undefined : `not installed, ${INSTALL}` };
}

export type OracleName = keyof typeof ORACLES;

/** Asks a reader about a file. */
export const ask = (name: OracleName, ...args: readonly string[]): Ran => {
  const oracle: Oracle = ORACLES[name];
  return run(oracle.command, [...oracle.args, ...args], oracle.env);
};

/** Whether what a suite needs must be there: then a gap fails instead of being skipped. */
export const everythingRequired = process.env['PSTREAM_REQUIRE_SERVERS'] === '1';

/** A suite that needs something; where that is `missing` it is skipped with the reason in its title, or fails when everything is required. */
export const describeWith = (title: string, missing: string | undefined, body: () => void): void => {
  if (missing === undefined) describe(title, body);
  else if (everythingRequired) {
    describe(title, () => {
      it('has what it needs', () => {
        throw new Error(missing);
      });
    });
  } else {
    describe.skip(`${title} (skipped: ${missing})`, () => {
      it('has what it needs', () => undefined);
    });
  }
};
