import {
  appSecretPrefix,
  appSecretStream,
  customerStream,
  EXPIRY_WARNING_DAYS,
  type AppSecretEvent,
  type PublishedEvent,
} from '@pstream/contracts';
import { streamOf, type Stream } from '@pstream/event-store';
import { accept, deriveId, type Clock } from '@pstream/kernel';
import type { NotifierPorts } from '../commands/ports.js';
import type { Collector } from './collector.js';

const DAY_MS = 24 * 3_600_000;

/** The client secret of an app, as it was seen last. */
type AppSecret = Omit<AppSecretEvent['data'], 'at'>;

/** Warns of client secrets that end soon. When they end, verifications say; where the tenant does not tell them, nothing is known. */
export class AppSecrets {
  constructor(
    private readonly ports: Pick<NotifierPorts, 'store'> & { readonly clock: Pick<Clock, 'now'> },
    private readonly collector: Collector,
  ) {}

  /** Notes when a secret ends. */
  async onEvent({ type, data }: PublishedEvent): Promise<void> {
    if (type !== 'VerificationFinished' || data.secret === undefined) return;
    const { workgroupId, customerId, secret, at } = data;
    const { clientId, endsAt } = secret;
    const seen: AppSecretEvent = { type: 'AppSecretSeen', data: { workgroupId, customerId, clientId, endsAt, at } };
    const secretId = deriveId('app-secret', workgroupId, customerId, clientId);
    await this.#stream(secretId).decide((state) => (state?.endsAt === endsAt ? accept() : accept(seen)), {
      commandId: deriveId('app-secret-seen', secretId, endsAt, at),
      by: 'notifier',
      at: this.ports.clock.now(),
    });
  }

  /** Warns of each once when 30, 7 and 1 days are left; whoever slept through several is warned of the nearest alone. */
  async warn(signal: AbortSignal): Promise<void> {
    for await (const stream of this.ports.store.streams(appSecretPrefix)) {
      if (signal.aborted) return;
      const { state } = await this.#stream(stream.slice(appSecretPrefix.length)).fold();
      if (state !== null) await this.#warnOf(state);
    }
  }

  async #warnOf({ workgroupId, customerId, clientId, endsAt }: AppSecret): Promise<void> {
    const at = this.ports.clock.now();
    const leftMs = Date.parse(endsAt) - Date.parse(at);
    const daysLeft = EXPIRY_WARNING_DAYS.find((days) => leftMs <= days * DAY_MS);
    if (leftMs <= 0 || daysLeft === undefined) return;
    const entry = { kind: 'secret.ending', at, customerId, clientId, daysLeft, expiresAt: endsAt } as const;
    await this.collector.collect(workgroupId, entry, [customerId, clientId, endsAt, daysLeft], async () => {
      const names = (await this.ports.store.read(customerStream(customerId))).flatMap(({ data }) => ('name' in data ? [data.name] : []));
      return { ...entry, customer: names.at(-1) ?? customerId };
    });
  }

  #stream(secretId: string): Stream<AppSecretEvent, AppSecret | null> {
    return streamOf<AppSecretEvent, AppSecret | null>(this.ports.store, appSecretStream(secretId), {
      context: 'notices',
      initial: () => null,
      evolve: (_state, { data }) => data,
    });
  }
}
