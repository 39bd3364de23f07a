import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSource, openPst } from '@pstream/pst/reader';
import { itemDigest } from '@pstream/pst/verify';
import { repositoryRoot } from '@pstream/testing';

/** What the demo prints with --json. */
export type DemoReport = {
  readonly ok: boolean;
  readonly mailboxes: readonly {
    readonly userPrincipalName: string;
    readonly kind: 'primary' | 'archive';
    readonly discovered: number;
    readonly exported: number;
    readonly skipped: number;
    readonly failed: number;
    readonly mime: number;
    readonly doubts: number;
    readonly parts: readonly { readonly path: string; readonly bytes: number; readonly sha256: string; readonly items: number }[];
  }[];
};

/** How a demo ended. */
export type Ended = { readonly code: number | string; readonly stdout: string; readonly stderr: string };

/** A demo that is running. */
export type Demo = {
  readonly ended: Promise<Ended>;
  /** Resolves when standard error has this text, or when the demo has ended. */
  says(text: string): Promise<void>;
  /** Kills the demo alone, as a crash would; what it started must not be in the way of the next one. */
  kill(): void;
};

const PROGRAM = join(repositoryRoot, 'apps', 'standalone', 'dist', 'demo', 'main.js');
const started = new Set<number>();

/** Starts the demo as a process of its own. */
export const startDemo = (...args: readonly string[]): Demo => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: repositoryRoot,
  });
  if (child.pid !== undefined) started.add(child.pid);
  let stdout = '';
  let stderr = '';
  let over = false;
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((check) => check());
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  const ended = new Promise<Ended>((resolve) => {
    // Not 'close': pipes that a grandchild holds stay open when the demo is killed.
    child.on('exit', (code, signal) => {
      over = true;
      setImmediate(() => {
        look();
        resolve({ code: code ?? signal ?? -1, stdout, stderr });
      });
    });
  });
  return {
    ended,
    says: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!over && !stderr.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    kill: () => void child.kill('SIGKILL'),
  };
};

/** Ends every process that a demo of this file has left behind. */
export const endAllDemos = (): void => {
  for (const pid of started) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it is gone with all that it started
    }
  }
};

/** Runs the demo to its end. */
export const runDemo = (...args: readonly string[]): Promise<Ended> => startDemo(...args).ended;

/** The report on the one line of standard output. */
export const reportOf = ({ stdout, stderr }: Ended): DemoReport => {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== 1) throw new Error(`the demo printed ${lines.length} lines instead of its report; it said:\n${stderr.slice(-2000)}`);
  return JSON.parse(lines[0] ?? '') as DemoReport;
};

/** SHA-256 of a file in hex. */
export const fileSha256 = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
};

/** Folder and digest of every item of a store, in order. Our strict reader throws if the store is not whole. */
export const digestsOf = async (path: string, mode: 'strict' | 'lenient' = 'strict'): Promise<string[]> => {
  const source = await fileSource(path);
  try {
    const pst = await openPst(source, { mode });
    const found: string[] = [];
    for await (const folder of pst.folders()) {
      for await (const pending of pst.items(folder))
        found.push(`${folder.path.join('/')} ${Buffer.from(itemDigest(await pending.item())).toString('hex')}`);
    }
    return found.toSorted();
  } finally {
    await source.close();
  }
};

/** Folder and digest of every item in the parts of each mailbox. */
export const contentsOf = async ({ mailboxes }: DemoReport): Promise<Record<string, readonly string[]>> => {
  const contents: Record<string, readonly string[]> = {};
  for (const { userPrincipalName, kind, parts } of mailboxes) {
    const items: string[] = [];
    for (const { path } of parts) items.push(...(await digestsOf(path)));
    contents[`${userPrincipalName} ${kind}`] = items.toSorted();
  }
  return contents;
};

/** Every *.pst below a directory. */
export const psts = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pst'))
    .map((name) => join(directory, name));

/** The store that each mailbox of the reference tenant was made from, by `user kind`, as its README lists them. */
export const sourceStores = (shared: string): Record<string, string> => {
  const stores: Record<string, string> = {};
  for (const line of readFileSync(join(shared, 'data', 'tenants', 'README.md'), 'utf8').split('\n')) {
    const [user, primary, archive] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    if (user === undefined || primary === undefined || !primary.endsWith('.pst')) continue;
    stores[`${user} primary`] = join(shared, 'data', 'pst', primary);
    if (archive !== undefined && archive.endsWith('.pst')) stores[`${user} archive`] = join(shared, 'data', 'pst', archive);
  }
  return stores;
};
