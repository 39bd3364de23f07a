import * as files from 'node:fs/promises';
import { jest } from '@jest/globals';

type Open = typeof files.open;
type Handle = files.FileHandle;

/** Ends all writing after so many calls that change a file or folder, as SIGKILL does: the one at which it happens writes half of its bytes. */
export const killed = {
  /** Calls that are left. */
  left: Infinity,
  /** Calls that were made. */
  calls: 0,
};

const step = (): void => {
  killed.calls++;
  if (killed.left-- <= 0) throw new Error('killed');
};

const watched = (handle: Handle): Handle =>
  new Proxy(handle, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (name === 'write')
        return async (bytes: Uint8Array, offset: number, length: number, position: number) => {
          if (killed.left === 0) await target.write(bytes, offset, Math.floor(length / 2), position);
          step();
          return call(bytes, offset, length, position);
        };
      if (!['truncate', 'datasync', 'sync', 'writeFile'].includes(String(name))) return call;
      return async (...args: unknown[]) => {
        step();
        return call(...args);
      };
    },
  });

const changing =
  <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    step();
    return work(...args);
  };

const open: Open = async (path, flags, mode) => {
  if (flags === 'r' || flags === undefined) return files.open(path, flags, mode);
  step();
  return watched(await files.open(path, flags, mode));
};

/** Puts `node:fs/promises` with these deaths in place of the usual one, for modules that are imported after it. */
export const watchFiles = (): void => {
  jest.unstable_mockModule('node:fs/promises', () => ({
    ...files,
    open,
    rm: changing(files.rm),
    unlink: changing(files.unlink),
    link: changing(files.link),
    rename: changing(files.rename),
  }));
};
