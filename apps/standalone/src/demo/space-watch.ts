import { statfs } from 'node:fs/promises';
import { Fault } from '@pstream/kernel';
import { size } from './report.js';

/** Below this nothing can go on. */
const NOTHING_LEFT = 1024 ** 2;
/** Below this a standstill is put down to the disk: an extent of a part may need as much. */
const LITTLE_LEFT = 64 * 1024 ** 2;
const STANDSTILL_MS = 15_000;

/** Notices that the disk of the demo is full. The services wait for space and go on by themselves; a demo says so and ends. */
export class SpaceWatch {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws Fault 'storage.full' when there is no space, or little of it and nothing has moved for a while. */
  async check(stillForMs: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#directory);
    const free = bavail * bsize;
    if (free >= NOTHING_LEFT && (free >= LITTLE_LEFT || stillForMs < STANDSTILL_MS)) return;
    throw new Fault('storage.full', {
      message: `The disk that holds ${this.#directory} is full: ${size(free)} are left. Nothing is lost, and no unfinished PST has its final name.`,
      retry: 'never',
      facts: { freeBytes: free },
      advice: 'Free some space and start the demo again with the same --out to go on, or give another directory.',
    });
  }
}
