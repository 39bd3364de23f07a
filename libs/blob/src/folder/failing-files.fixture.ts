import type { Files, OpenFile } from './files.js';

/** How the n-th call fails: before it has any effect, after its effect, or by the end of the process (nothing works from then on). */
export type Failure = { readonly call: string; readonly nth: number; readonly how: 'before' | 'after' | 'crash'; readonly errno: string };

/** Files of which one call fails. `failed` tells whether the failure was reached; `closeAll` closes what a dead process left open. */
export type FailingFiles = Files & { readonly failed: () => boolean; readonly closeAll: () => Promise<void> };

/** Wraps files so that the n-th call of a name fails. File calls are named `file.write` and so on. */
export const failingFiles = (files: Files, failure?: Failure): FailingFiles => {
  const seen = new Map<string, number>();
  let failed = false;
  let dead = false;
  const open = new Set<OpenFile>();
  const error = (call: string): Error =>
    Object.assign(new Error('made to fail'), { code: failure?.errno ?? 'EIO', syscall: call.replace('file.', '') });
  const run = async <T>(call: string, work: () => Promise<T>): Promise<T> => {
    if (dead) throw error(call);
    const count = (seen.get(call) ?? 0) + 1;
    seen.set(call, count);
    const hit = failure !== undefined && !failed && count === failure.nth && (failure.call === call || failure.call === '*');
    if (!hit) return work();
    failed = true;
    if (failure.how === 'before') throw error(call);
    if (failure.how === 'crash') {
      dead = true;
      throw error(call);
    }
    await work();
    throw error(call);
  };
  const wrap = (file: OpenFile): OpenFile => ({
    write: (b, p) => run('file.write', () => file.write(b, p)),
    read: (p, l) => run('file.read', () => file.read(p, l)),
    truncate: (b) => run('file.truncate', () => file.truncate(b)),
    sync: () => run('file.sync', () => file.sync()),
    stat: () => run('file.stat', () => file.stat()),
    // Closing always happens for real, so that a failing test does not run out of file handles.
    close: async () => {
      if (open.delete(file)) await file.close();
      await run('file.close', () => Promise.resolve());
    },
  });
  return {
    failed: () => failed,
    closeAll: async () => {
      for (const file of open) await file.close();
      open.clear();
    },
    open: async (p, h) => {
      let opened: OpenFile | undefined;
      try {
        return await run('open', async () => {
          opened = await files.open(p, h);
          open.add(opened);
          return wrap(opened);
        });
      } catch (error) {
        if (opened !== undefined && open.delete(opened)) await opened.close();
        throw error;
      }
    },
    stat: (p) => run('stat', () => files.stat(p)),
    list: (p) => run('list', () => files.list(p)),
    makeFolder: (p) => run('makeFolder', () => files.makeFolder(p)),
    removeEmptyFolder: (p) => run('removeEmptyFolder', () => files.removeEmptyFolder(p)),
    link: (a, b) => run('link', () => files.link(a, b)),
    rename: (a, b) => run('rename', () => files.rename(a, b)),
    remove: (p) => run('remove', () => files.remove(p)),
    copy: (a, b) => run('copy', () => files.copy(a, b)),
    syncFolder: (p) => run('syncFolder', () => files.syncFolder(p)),
  };
};

/** The calls of the Files port by name, for loops over all of them. */
export const FILE_CALLS = [
  'open',
  'stat',
  'list',
  'makeFolder',
  'removeEmptyFolder',
  'link',
  'rename',
  'remove',
  'copy',
  'syncFolder',
  'file.write',
  'file.read',
  'file.truncate',
  'file.sync',
  'file.stat',
  'file.close',
] as const;
