import { isFault, withDeadline, type Clock } from '@pstream/kernel';
import { openOutbox, type Message, type Outbox, type ReportedFile, type RunHead } from './outbox.js';

/** Who hears of runs: a gateway. Each call may be made again with the same arguments, and then counts once. Fault 'report.refused' (never) for what is
 *  not taken however often it is sent; any other error means that it may be taken later. `signal` ends a call that takes too long. */
export interface ReportPort {
  /** Takes the begin of a run and gives its id. */
  begin(key: string, head: RunHead, signal: AbortSignal): Promise<string>;
  files(runId: string, report: number, files: readonly ReportedFile[], signal: AbortSignal): Promise<void>;
  end(runId: string, stoppedBy: string | null, signal: AbortSignal): Promise<void>;
}

export type ReportOptions = {
  readonly port: ReportPort;
  /** Names whom it is reported to: each has a file of its own for what is not reported yet. */
  readonly to: string;
  readonly newKey: () => string;
};

/** How much of a run is not reported, why if it was refused, and the file that keeps what is not. */
export type Unreported = {
  readonly messages: number;
  readonly refused: { readonly code: string; readonly advice: string } | undefined;
  readonly file: string;
};

/** What a run says that cannot report at all. */
export const notReported = (error: unknown, file: string): Unreported => ({
  messages: 0,
  file,
  refused: isFault(error) ? { code: error.code, advice: error.advice ?? '' } : { code: 'journal.unwritable', advice: BESIDE },
});

const BESIDE = 'Check the space and the permissions beside the plan.';
/** Files of one message, and characters of them. */
const FILES = 100;
const CHARACTERS = 256 * 1024;
/** How long files wait for others before they are sent. */
const AGE_MS = 2_000;
const CALL_MS = 20_000;
const AGAIN_MS = 15_000;
/** How long the end of a run waits for what is not reported. */
const END_MS = 30_000;

/** Reports a run beside its work. Nothing here waits for whoever hears of it, and none of its errors ends the run: what cannot be sent stays in the
 *  outbox, and is sent by the next run. */
export class Reporting {
  readonly #path: string;
  readonly #outbox: Outbox;
  readonly #port: ReportPort;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #files: ReportedFile[] = [];
  #characters = 0;
  #adding: Promise<void> = Promise.resolve();
  #sending: Promise<void> | undefined;
  #nextAt = 0;
  #refused: Unreported['refused'];
  #isLost = false;

  private constructor(path: string, outbox: Outbox, port: ReportPort, clock: Clock) {
    this.#path = path;
    this.#outbox = outbox;
    this.#port = port;
    this.#clock = clock;
  }

  /** Begins a run, or goes on with the one that was cut off. Fault 'journal.unreadable' (never). */
  static async open(path: string, { port, newKey }: Omit<ReportOptions, 'to'>, clock: Clock, head: RunHead): Promise<Reporting> {
    const outbox = await openOutbox(path);
    try {
      if (!outbox.isOpen) await outbox.add({ is: 'begin', key: newKey(), head });
    } catch (error) {
      await outbox.close();
      throw error;
    }
    const reporting = new Reporting(path, outbox, port, clock);
    reporting.#send();
    void reporting.#tick();
    return reporting;
  }

  /** Notes what became of a file. */
  async file(file: ReportedFile): Promise<void> {
    this.#files.push(file);
    this.#characters += file.path.length + file.reason.length;
    if (this.#files.length >= FILES || this.#characters >= CHARACTERS) await this.#cut();
  }

  /** Sends the few that have waited for others, and what could not be sent before. */
  async #tick(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#clock.sleep(AGE_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#cut();
      this.#send();
    }
  }

  /** Ends the run, and waits a while until all of it is reported. `goesOn` leaves it open: the next run is its continuation. */
  async end({ stoppedBy, goesOn }: { readonly stoppedBy: string | null; readonly goesOn: boolean }): Promise<Unreported> {
    await this.#cut();
    if (!goesOn) await this.#add({ is: 'end', stoppedBy });
    const until = new AbortController();
    const deadline = this.#clock.sleep(END_MS, until.signal).catch(() => undefined);
    this.#nextAt = 0;
    this.#send();
    // One that had begun before the end was added may have ended without it.
    while (this.#sending !== undefined && (await Promise.race([this.#sending.then(() => true), deadline.then(() => false)]))) this.#send();
    until.abort();
    return { messages: this.#outbox.waiting, refused: this.#refused, file: this.#path };
  }

  /** Ends every call, and closes the outbox. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the run has ended'));
    await this.#sending;
    await this.#adding;
    await this.#outbox.close();
  }

  #cut(): Promise<void> {
    const files = this.#files;
    this.#files = [];
    this.#characters = 0;
    return files.length === 0 ? this.#adding : this.#add((outbox) => ({ is: 'files', report: outbox.lastReport + 1, files }));
  }

  async #add(message: Message | ((outbox: Outbox) => Message)): Promise<void> {
    this.#adding = this.#adding.then(async () => {
      if (this.#isLost) return;
      try {
        await this.#outbox.add(typeof message === 'function' ? message(this.#outbox) : message);
      } catch {
        // The disk is full, say. The run is left open, so the next one reports its files again.
        this.#isLost = true;
        this.#refused ??= { code: 'journal.unwritable', advice: BESIDE };
      }
    });
    await this.#adding;
    this.#send();
  }

  /** Sends what waits, unless that is under way or has failed lately. */
  #send(): void {
    const isDue = this.#outbox.waiting > 0 && this.#refused === undefined && this.#clock.monotonicMs() >= this.#nextAt;
    if (this.#sending !== undefined || !isDue || this.#stop.signal.aborted) return;
    this.#sending = this.#sendAll().finally(() => (this.#sending = undefined));
  }

  async #sendAll(): Promise<void> {
    try {
      for (let message = await this.#outbox.next(); message !== undefined; message = await this.#outbox.next()) {
        const id = await this.#sent(message);
        await this.#outbox.taken(id);
      }
    } catch (error) {
      if (isFault(error) && error.code === 'report.refused')
        this.#refused = { code: String(error.facts['code'] ?? error.code), advice: error.advice ?? '' };
      this.#nextAt = this.#clock.monotonicMs() + AGAIN_MS;
    }
  }

  #sent(message: Message): Promise<string | undefined> {
    const { runId = '' } = this.#outbox;
    const call = (work: (signal: AbortSignal) => Promise<string | void>): Promise<string | undefined> =>
      withDeadline(
        this.#clock,
        CALL_MS,
        this.#stop.signal,
        () => new Error('timeout'),
        async (signal) => {
          // A call that does not hear of the deadline is left behind.
          const over = Promise.withResolvers<never>();
          signal.addEventListener('abort', () => over.reject(signal.reason as Error), { once: true });
          return (await Promise.race([work(signal), over.promise])) ?? undefined;
        },
      );
    if (message.is === 'begin') return call((signal) => this.#port.begin(message.key, message.head, signal));
    if (message.is === 'files') return call((signal) => this.#port.files(runId, message.report, message.files, signal));
    return call((signal) => this.#port.end(runId, message.stoppedBy, signal));
  }
}
