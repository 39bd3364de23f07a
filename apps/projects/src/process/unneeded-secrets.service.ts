import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';
import { SecretSweep, type SecretStore } from '@pstream/secrets';
import { CLOCK, errorFacts, inRounds, LOG, Resident, SECRETS, type Log } from '@pstream/wiring';
import { PROJECTS_PORTS, type ProjectsPorts } from '../commands/ports.js';
import { unneededSecrets } from './unneeded-secrets.js';

const ROUND_MS = 10 * 60_000;

/** Looks for secrets that nothing needs at the start and every ten minutes. What fails is tried again with the next round. */
@Injectable()
export class UnneededSecretsService extends Resident {
  constructor(
    @Inject(PROJECTS_PORTS) private readonly ports: ProjectsPorts,
    @Inject(SECRETS) private readonly secrets: SecretStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    const { clock, log, stopping: signal } = this;
    const unneeded = new SecretSweep(this.secrets, unneededSecrets(this.ports));
    const failed = (error: unknown): void => log.write('warn', 'secrets.unswept', errorFacts(error));
    const sweeping = inRounds({ clock, everyMs: ROUND_MS, signal, failed }, async () => {
      const deleted = await unneeded.round(signal);
      if (deleted > 0) log.write('info', 'secrets.swept', { deleted });
    });
    this.awaits(sweeping);
  }
}
