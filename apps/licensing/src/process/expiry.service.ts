import { Inject, Injectable } from '@nestjs/common';
import { deriveId, type Clock, type Facts } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import { forAllPools, poolOf, type PoolPorts } from '../commands/pool.js';
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
    const { ports, clock, log, stopping: signal } = this;
    if (!ports.terms.enforced) return;
    const failed = (error: unknown, facts: Facts = {}): void =>
      log.write('warn', 'licence.expiry-not-checked', { ...facts, ...errorFacts(error) });
    const round = (): Promise<void> =>
      forAllPools(ports, { signal, failed }, (workgroupId) => warnOfExpiry(ports, workgroupId, clock.now()));
    this.awaits(inRounds({ clock, everyMs: ROUND_MS, signal, failed }, round));
  }
}

/** Records the warnings that are due in a workgroup. Each is recorded once, however many ask for it at the same time. */
const warnOfExpiry = async (ports: PoolPorts, workgroupId: string, at: string): Promise<void> => {
  const meta = { commandId: deriveId('expiry', workgroupId, at), by: 'licensing', at };
  await poolOf(ports, workgroupId).decide((state) => decide({ type: 'WarnOfExpiry', workgroupId, at }, state), meta);
};
