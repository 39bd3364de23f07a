import { readFile } from 'node:fs/promises';

/** Who holds a lock for writing on a file: a process and, where it can be found out, its name. */
export type Holder = (dev: bigint, ino: bigint) => Promise<string | undefined>;

/** Entry of /proc/locks: `1: POSIX  ADVISORY  WRITE 1234 08:01:5678 0 EOF`; numbers of the device are hexadecimal. */
const ENTRY = /^\d+:\s+(?:->\s+)?\S+\s+\S+\s+WRITE\s+(-?\d+)\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s/;

/** The process of the first lock for writing on a file. */
export const holderIn = (locks: string, dev: bigint, ino: bigint): number | undefined => {
  // Device numbers as Linux packs them for stat: 12 bits of the major, 20 of the minor number.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  for (const line of locks.split('\n')) {
    const [, pid, theirMajor, theirMinor, theirInode] = ENTRY.exec(line) ?? [];
    if (pid === undefined || BigInt(theirInode ?? '0') !== ino) continue;
    if (BigInt(`0x${theirMajor}`) === major && BigInt(`0x${theirMinor}`) === minor) return Number(pid);
  }
  return undefined;
};

/** By the kernel's list of locks on Linux; nobody on other systems, where a locked file cannot be opened at all. */
export const systemHolder: Holder = async (dev, ino) => {
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  const pid = holderIn(locks, dev, ino);
  if (pid === undefined) return undefined;
  const name = pid > 0 ? await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '') : '';
  return name === '' ? `process ${pid}` : `process ${pid} (${name.trim()})`;
};
