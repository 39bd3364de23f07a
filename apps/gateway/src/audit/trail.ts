import { Inject, Injectable } from '@nestjs/common';
import type { AuditedPerson, AuditEntry } from '@pstream/contracts';
import type { Clock, Ids } from '@pstream/kernel';
import { command, type LogClient } from '@pstream/transport';
import { CLOCK, COMMANDS, IDS } from '@pstream/wiring';
import type { Principal } from '../door/http.js';

/** Under what is recorded what nobody is known to have done. */
const GATEWAY = 'gateway';

/** Puts steps of what people do on record. */
@Injectable()
export class Trail {
  constructor(
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IDS) private readonly ids: Ids,
  ) {}

  newId(): string {
    return this.ids.ulid();
  }

  /** Resolves when the step is on record. Faults of the log and of the service. */
  async record(chain: string, entry: AuditEntry, by = GATEWAY): Promise<void> {
    await command(this.commands, 'people', 'RecordAudit', { commandId: this.ids.ulid(), by, at: this.clock.now() }, { chain, entry });
  }
}

/** Somebody as they are on record. */
export const personOf = ({ by, name, role, signedInBy, tokenId, sessionId, agentId }: Principal): AuditedPerson => ({
  by,
  name,
  role,
  signedInBy,
  tokenId: tokenId ?? null,
  sessionId: sessionId ?? null,
  agentId: agentId ?? null,
});
