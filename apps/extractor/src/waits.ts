import type { ThrottleEntry } from '@pstream/graph';

/** Waits that a limit imposed on a mailbox since they were last taken: how many, and milliseconds together. */
export type Waited = Readonly<Record<string, { readonly times: number; readonly ms: number }>>;

/** The ledger of waits by mailbox, until they are recorded. User look-ups concern no mailbox and are not kept. */
export class Waits {
  readonly #byMailbox = new Map<string, Record<string, { times: number; ms: number }>>();
  readonly #followers = new Set<(entry: ThrottleEntry) => void>();

  /** Hears of a wait that begins. */
  add(entry: ThrottleEntry): void {
    this.#count(entry.mailbox, entry.limit, { times: 1, ms: entry.waitMs });
    for (const follower of this.#followers) follower(entry);
  }

  /** Every wait from now on, as it begins, until the function returned is called. */
  follow(follower: (entry: ThrottleEntry) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** The waits of these mailboxes by limit; they are forgotten here. */
  take(mailboxIds: Iterable<string>): Waited {
    const sums: Record<string, { times: number; ms: number }> = {};
    for (const id of mailboxIds) {
      for (const [limit, { times, ms }] of Object.entries(this.#byMailbox.get(id) ?? {})) {
        const known = sums[limit] ?? { times: 0, ms: 0 };
        sums[limit] = { times: known.times + times, ms: known.ms + ms };
      }
      this.#byMailbox.delete(id);
    }
    return sums;
  }

  /** Gives back what was taken for this mailbox and could not be recorded. */
  giveBack(mailboxId: string, waited: Waited): void {
    for (const [limit, sum] of Object.entries(waited)) this.#count(mailboxId, limit, sum);
  }

  #count(mailbox: string, limit: string, { times, ms }: Waited[string]): void {
    const limits = this.#byMailbox.get(mailbox) ?? {};
    const known = limits[limit] ?? { times: 0, ms: 0 };
    this.#byMailbox.set(mailbox, { ...limits, [limit]: { times: known.times + times, ms: known.ms + ms } });
  }
}
