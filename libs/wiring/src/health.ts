import { isFault } from '@pstream/kernel';

/** What a process is doing. `failed`: something that must not end has ended, and the process is about to. */
export type ProcessState = 'starting' | 'running' | 'failed' | 'stopping';

/** What a process says of itself to probes: its state, the code of the error for which it ends, and counts by name. */
export type HealthReport = {
  readonly status: ProcessState;
  readonly cause?: string;
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** The health of this process: its state, and counts that somebody should look at when they are not zero. */
export class ProcessHealth {
  #state: ProcessState = 'starting';
  #cause: string | undefined;
  readonly #counts = new Map<string, () => Readonly<Record<string, number>>>();

  get state(): ProcessState {
    return this.#state;
  }

  /** The process goes on to its next state. One that has failed stays so until it has ended. */
  enter(state: Exclude<ProcessState, 'failed'>): void {
    if (this.#state !== 'failed') this.#state = state;
  }

  /** From now on probes are notified that the process has failed, and why. The first cause is the one that counts. */
  fail(error: unknown): void {
    this.#state = 'failed';
    this.#cause ??= codeOf(error);
  }

  /** Shows counts under a name, for example dead letters by topic, as often as somebody asks. */
  counts(name: string, read: () => Readonly<Record<string, number>>): void {
    this.#counts.set(name, read);
  }

  /** State, cause and counts. */
  report(): HealthReport {
    return {
      status: this.#state,
      ...(this.#cause === undefined ? {} : { cause: this.#cause }),
      counts: Object.fromEntries([...this.#counts].map(([name, read]) => [name, read()])),
    };
  }
}

const codeOf = (error: unknown): string => (isFault(error) ? error.code : 'process.defect');
