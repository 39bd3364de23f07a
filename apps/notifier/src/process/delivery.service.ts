import { Inject, Injectable } from '@nestjs/common';
import { outboxPrefix } from '@pstream/contracts';
import type { Clock, Facts } from '@pstream/kernel';
import type { ProjectionReader } from '@pstream/projections';
import { SecretSweep, type SecretStore } from '@pstream/secrets';
import { CLOCK, errorFacts, inRounds, LOG, PROJECTION_STORE, Resident, SECRETS, type Log } from '@pstream/wiring';
import { NOTIFIER, type Notifier } from '../ports.js';
import { stuckPasses, workgroupOf } from './stuck-passes.js';
import { unneededAddresses } from './unneeded-addresses.js';

/** How often open outboxes are looked at, in milliseconds. */
export const DELIVERY_ROUND_MS = Symbol('DeliveryRoundMs');
/** Notices on their way at once: a receiver that hangs keeps no other waiting. */
const AT_ONCE = 16;
/** An attempt that is on its way when the process stops may end within this time: cut off, it would be made again. */
const GRACE_MS = 5_000;
/** What a process that died has left is found after so long. */
const RECOVERY_MS = 600_000;
const SECRETS_ROUND_MS = 3_600_000;
const STUCK_ROUND_MS = 300_000;
const ADDRESSES_ROUND_MS = 600_000;

/** Sends what is due, in rounds. */
@Injectable()
export class DeliveryService extends Resident {
  readonly #sending = new Set<Promise<void>>();
  /** Ends the attempts that are on their way. */
  readonly #cut = new AbortController();

  constructor(
    @Inject(NOTIFIER) private readonly notifier: Notifier,
    @Inject(PROJECTION_STORE) private readonly views: ProjectionReader,
    @Inject(SECRETS) private readonly secrets: SecretStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DELIVERY_ROUND_MS) private readonly everyMs: number,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    const { clock, everyMs, log, stopping: signal } = this;
    const settled = new AbortController();
    const grace = (): Promise<void> =>
      clock.sleep(GRACE_MS, settled.signal).then(
        () => this.#cut.abort(),
        () => undefined,
      );
    signal.addEventListener('abort', () => void grace(), { once: true });
    // Closed last: what the rounds have begun.
    this.closes({ close: () => Promise.all(this.#sending).finally(() => settled.abort()) });
    const failed =
      (event: string) =>
      (error: unknown, facts: Facts = {}): void =>
        log.write('warn', event, { ...facts, ...errorFacts(error) });
    this.awaits(inRounds({ clock, everyMs, signal, failed: failed('notices.not-sent') }, () => this.#send(failed('notices.not-sent'))));
    this.awaits(inRounds({ clock, everyMs: RECOVERY_MS, signal, failed: failed('notices.not-recovered') }, () => this.#recover()));
    this.awaits(
      inRounds({ clock, everyMs: SECRETS_ROUND_MS, signal, failed: failed('notices.secrets-not-checked') }, () =>
        this.notifier.appSecrets.warn(signal),
      ),
    );
    const addresses = new SecretSweep(this.secrets, unneededAddresses(this.notifier.ports));
    this.awaits(
      inRounds({ clock, everyMs: ADDRESSES_ROUND_MS, signal, failed: failed('notices.addresses-unswept') }, () => addresses.round(signal)),
    );
    this.awaits(inRounds({ clock, everyMs: STUCK_ROUND_MS, signal, failed: failed('notices.stuck-not-seen') }, () => this.#lookForStuck()));
  }

  /** Begins what is due and can be begun; it does not wait for what hangs. */
  async #send(failed: (error: unknown, facts: Facts) => void): Promise<void> {
    const { outboxes } = this.notifier;
    for (const of of outboxes.open) {
      while (this.#sending.size >= AT_ONCE) await Promise.race(this.#sending);
      if (this.stopping.aborted) break;
      const sending = outboxes
        .advance(of, this.#cut.signal)
        .catch((error: unknown) => failed(error, { subscriptionId: of.subscriptionId }))
        .finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    }
  }

  async #recover(): Promise<void> {
    for await (const stream of this.notifier.ports.store.streams(outboxPrefix)) {
      if (this.stopping.aborted) return;
      await this.notifier.outboxes.recover(stream.slice(outboxPrefix.length));
    }
  }

  async #lookForStuck(): Promise<void> {
    for await (const { passId, customerId, entry } of stuckPasses(this.views, this.clock.now())) {
      if (this.stopping.aborted) return;
      const workgroupId = await workgroupOf(this.views, customerId);
      if (workgroupId !== undefined) await this.notifier.collector.collect(workgroupId, entry, [passId], () => Promise.resolve(entry));
    }
  }
}
