import { Inject, Injectable } from '@nestjs/common';
import { licencePoolsPrefix } from '@pstream/contracts';
import { deriveId, type Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import { poolOf } from '../commands/pool.js';
import { LICENSING_PORTS, type LicensingPorts } from '../commands/ports.js';
import { decide } from '../domain/licence-pool/decide.js';

const ROUND_MS = 3_600_000;

/** Warns of licences that end soon: looks at every workgroup's once an hour. */
@Injectable()
export class ExpiryService extends Resident {
  constructor(
    @Inject(LICENSING_PORTS) private readonly ports: LicensingPorts,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    if (!this.ports.terms.enforced) return;
    const failed = (error: unknown): void => this.log.write('warn', 'licence.expiry-not-checked', errorFacts(error));
    this.awaits(inRounds({ clock: this.clock, everyMs: ROUND_MS, signal: this.stopping, failed }, () => this.#round()));
  }

  async #round(): Promise<void> {
    for await (const stream of this.ports.store.streams(licencePoolsPrefix)) {
      this.stopping.throwIfAborted();
      await warnOfExpiry(this.ports, stream.slice(licencePoolsPrefix.length), this.clock.now());
    }
  }
}

/** Records the warnings that are due in a workgroup. Each is recorded once, however many ask for it at the same time. */
export const warnOfExpiry = async (ports: Pick<LicensingPorts, 'store' | 'kept'>, workgroupId: string, at: string): Promise<void> => {
  const meta = { commandId: deriveId('expiry', workgroupId, at), by: 'licensing', at };
  await poolOf(ports, workgroupId).decide((state) => decide({ type: 'WarnOfExpiry', workgroupId, at }, state), meta);
};
