import type { ExtractionEvent, HeldUp, WorkUnit } from '@pstream/contracts';
import type { ThrottleEntry } from '@pstream/graph';
import { deriveId, isFault } from '@pstream/kernel';
import type { Place } from '@pstream/transport';
import type { Extraction } from './domain/extraction/state.js';
import type { Waited } from './waits.js';
import type { Worker } from './worker.js';

type Ports = Pick<Worker, 'clock' | 'defect' | 'log' | 'waits'>;

/** A shorter wait is over before anybody can look at it; it counts in the sums at the end of its unit. */
const SHOWN_FROM_MS = 2_000;
const ADVICE = 'Nothing: Microsoft 365 asked for a pause of this mailbox, and the export goes on by itself.';

/** Records what limits of the tenant make a unit wait for, while it waits: when a wait begins, and when it is over. Meanwhile its place is lent
 *  to another mailbox. */
export class ShownWaits {
  readonly #worker: Ports;
  readonly #unit: WorkUnit;
  readonly #place: Pick<Place, 'lend'>;
  readonly #closing = new AbortController();
  readonly #unfollow: () => void;
  #pending: Promise<void> = Promise.resolve();
  #last: ThrottleEntry | undefined;
  #isShown = false;

  constructor(worker: Ports, unit: WorkUnit, place: Pick<Place, 'lend'>) {
    this.#worker = worker;
    this.#place = place;
    this.#unit = unit;
    this.#unfollow = worker.waits.follow((entry) => this.#begin(entry));
  }

  /** The unit has ended: a wait that is still shown is shown no more. */
  async close(): Promise<void> {
    this.#unfollow();
    this.#closing.abort();
    await this.#pending;
    if (this.#isShown && this.#last !== undefined) await this.#over(this.#last);
  }

  #begin(entry: ThrottleEntry): void {
    if (entry.waitMs < SHOWN_FROM_MS) return;
    this.#pending = this.#pending.then(() => this.#show(entry)).catch((error: unknown) => this.#worker.defect(error));
  }

  async #show(entry: ThrottleEntry): Promise<void> {
    const { clock, log, waits } = this.#worker;
    const mailboxes = mailboxesOf(await log.state(this.#unit.passId));
    if (!mailboxes.has(entry.mailbox)) return;
    this.#place.lend(entry.waitMs);
    const held = { code: 'graph.throttled', limit: entry.limit, advice: ADVICE, retryAt: entry.until };
    const waited = waits.take(mailboxes);
    if (!(await this.#record('begun', entry, waited, held))) return waits.giveBack(entry.mailbox, waited);
    this.#last = entry;
    this.#isShown = true;
    void clock.sleep(Math.max(0, Date.parse(entry.until) - Date.parse(clock.now())), this.#closing.signal).then(
      () => {
        // One that began later, or lasts longer, has its own end.
        if (this.#last === entry) this.#pending = this.#pending.then(() => this.#over(entry));
      },
      () => undefined,
    );
  }

  async #over(entry: ThrottleEntry): Promise<void> {
    this.#isShown = false;
    await this.#record('over', entry, {}, null).catch((error: unknown) => this.#worker.defect(error));
  }

  /** Whether it is on record. A store that cannot be reached now makes the unit itself fail. */
  async #record(what: 'begun' | 'over', { mailbox, at: begunAt }: ThrottleEntry, waits: Waited, held: HeldUp | null): Promise<boolean> {
    const { clock, log } = this.#worker;
    const { workgroupId, customerId, projectId, mailboxJobId, passId } = this.#unit;
    const data = { workgroupId, customerId, projectId, mailboxJobId, passId, waits, held, at: clock.now() };
    const event: ExtractionEvent = { type: 'ExtractionWaited', data };
    try {
      await log.append(passId, deriveId('waited', passId, mailbox, begunAt, what), [event], (now) => !now.finished);
      return true;
    } catch (error) {
      if (!isFault(error)) throw error;
      return false;
    }
  }
}

/** Every physical mailbox that a pass has to do with. */
export const mailboxesOf = (state: Extraction): Set<string> => {
  const ids = new Set<string>();
  if (state.mailbox !== null) ids.add(state.mailbox.id);
  for (const { folder } of state.folders.values()) ids.add(folder.mailbox.id);
  return ids;
};
