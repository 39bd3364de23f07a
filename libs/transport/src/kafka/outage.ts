import type { Clock, Facts } from '@pstream/kernel';

/** One line for the log of the process. */
export type Notice = (level: 'info' | 'warn', event: string, facts: Facts) => void;

/** Something that depends on the brokers. Each is itself: two members of one group have one name and fail apart. */
export type Part = { readonly name: string };

/** What of the brokers does not answer at present. However much fails together, an outage is one line when it begins
 *  (`transport.outage`) and one when everything answers again (`transport.recovered`, with its milliseconds). */
export class Outage {
  readonly #clock: Clock;
  readonly #notice: Notice;
  readonly #failing = new Set<object>();
  #sinceMs = 0;

  constructor(clock: Clock, notice: Notice) {
    this.#clock = clock;
    this.#notice = notice;
  }

  /** `part` got no answer; `reason` is the client's name for what happened. */
  failed(part: Part, reason: string): void {
    if (this.#failing.size === 0) {
      this.#sinceMs = this.#clock.monotonicMs();
      this.#notice('warn', 'transport.outage', { part: part.name, reason });
    }
    this.#failing.add(part);
  }

  /** `part` got an answer, or is not asked any more. */
  over(part: Part): void {
    if (!this.#failing.delete(part) || this.#failing.size > 0) return;
    this.#notice('info', 'transport.recovered', { part: part.name, outageMs: Math.round(this.#clock.monotonicMs() - this.#sinceMs) });
  }
}
