import { access, constants, mkdir, open, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { Fault, isFault } from '@pstream/kernel';
import type { Setting } from '@pstream/wiring';

// What can be wrong with the surroundings of a process when it starts, each with a code, a cause and a remedy.

type Errno = { readonly code: string; readonly syscall?: unknown; readonly path?: unknown };

// Not `instanceof`: what the system refuses may come from another realm than ours.
const errnoOf = (error: unknown): Errno | undefined => {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') return undefined;
  return {
    code: error.code,
    ...('syscall' in error ? { syscall: error.syscall } : {}),
    ...('path' in error ? { path: error.path } : {}),
  };
};

/** An address to listen on, the part of the process that does, and the variables that set it. */
export type Address = {
  readonly of: 'gateway' | 'health';
  readonly host: string;
  readonly port: number;
  readonly hostVariable: Setting;
  readonly portVariable: Setting;
};

/** Resolves when the server listens. Faults '<of>.port-in-use', '<of>.port-forbidden', '<of>.bad-host' (never). */
export const listening = (server: Server, address: Address): Promise<void> =>
  new Promise((done, refused) => {
    const failed = (cause: unknown): void => refused(listenFault(address, cause));
    server.once('error', failed);
    server.listen(address.port, address.host, () => {
      server.off('error', failed);
      done();
    });
  });

const listenFault = ({ of, host, port, hostVariable, portVariable }: Address, cause: unknown): Fault => {
  const reason = errnoOf(cause)?.code ?? 'unknown';
  const fault = (condition: string, message: string, advice: string): Fault =>
    new Fault(`${of}.${condition}`, { message, retry: 'never', facts: { host, port, reason }, advice, cause });
  switch (reason) {
    case 'EADDRINUSE':
      return fault(
        'port-in-use',
        `Port ${port} of ${host} is in use by another process.`,
        `End that process, or set ${portVariable} to a free port, or to 0 for any.`,
      );
    case 'EACCES':
    case 'EPERM':
      return fault('port-forbidden', `This user may not listen on port ${port} of ${host}.`, `Set ${portVariable} to a port from 1024 on.`);
    default:
      return fault(
        'bad-host',
        `${host}, port ${port}, cannot be listened on (${reason}).`,
        `Set ${hostVariable} to an address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses.`,
      );
  }
};

/** The Fault for a directory that cannot be used, and the variable that names another. */
export const directoryFault = (dir: string, variable: Setting, cause: unknown): Fault => {
  const reason = errnoOf(cause)?.code ?? 'unknown';
  const fault = (condition: string, message: string, advice: string): Fault =>
    new Fault(`storage.${condition}`, { message, retry: 'never', facts: { dir, reason }, advice, cause });
  const elsewhere = `set ${variable} to another directory`;
  switch (reason) {
    case 'EEXIST':
    case 'ENOTDIR':
      return fault('not-a-directory', `${dir} is not a directory, or lies below a file.`, `Move that file away, or ${elsewhere}.`);
    case 'EACCES':
    case 'EPERM':
      return fault('forbidden', `This user may not write to ${dir}.`, `Give the directory to the user that runs pstream, or ${elsewhere}.`);
    case 'EROFS':
      return fault('read-only', `${dir} is on a file system that is mounted read-only.`, `Mount it writable, or ${elsewhere}.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return fault('full', `The disk that holds ${dir} is full.`, `Free space there, or ${elsewhere}.`);
    default:
      return fault('unusable', `${dir} cannot be used (${reason}).`, `Look at the disk that holds it, or ${elsewhere}.`);
  }
};

/** Makes the directory where it is missing, and writes a file there to see whether it can be used. Faults 'storage.not-a-directory',
 *  'storage.forbidden', 'storage.read-only', 'storage.full', 'storage.unusable' (never). */
export const usableDirectory = async (dir: string, variable: Setting): Promise<void> => {
  const probe = join(dir, '.writable');
  try {
    await makeDirectory(resolve(dir));
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    const file = await open(probe, 'w', 0o600);
    try {
      await file.write(new Uint8Array(4096));
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw directoryFault(dir, variable, cause);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
};

/** Makes a directory and those above it. Not `mkdir` with `recursive`: where a file system refuses new entries with ENOENT, as /proc does,
 *  that never comes back. */
const makeDirectory = async (dir: string): Promise<void> => {
  const found = await stat(dir).catch((error: unknown) => {
    if (errnoOf(error)?.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isDirectory() === true) return;
  if (found === undefined && dirname(dir) !== dir) await makeDirectory(dirname(dir));
  await mkdir(dir, { mode: 0o700 });
};

/** What ended a start, as a Fault where the system refused something: codes of the system say what, and of which file. Anything else is
 *  our own bug and stays what it is. */
export const startFault = (error: unknown): unknown => {
  if (isFault(error)) return error;
  const errno = errnoOf(error);
  if (errno === undefined || typeof errno.syscall !== 'string') return error;
  const path = typeof errno.path === 'string' ? errno.path : undefined;
  const where = path === undefined ? '' : ` ${path}`;
  return new Fault('system.refused', {
    message: `The system refused to ${errno.syscall}${where} (${errno.code}).`,
    retry: 'never',
    facts: { syscall: errno.syscall, reason: errno.code, ...(path === undefined ? {} : { path }) },
    advice: 'Give the user that runs pstream the right to do this, or mend what is named above.',
    cause: error,
  });
};
