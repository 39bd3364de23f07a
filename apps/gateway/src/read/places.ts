import { Inject, Injectable } from '@nestjs/common';
import type { MailboxView } from '@pstream/contracts';
import { isFault, type Clock } from '@pstream/kernel';
import { ask, type LogClient } from '@pstream/transport';
import { CLOCK, COMMANDS } from '@pstream/wiring';

/** A list is not kept waiting for longer than this by a service that does not answer. */
const WAIT_MS = 1_000;

/** Where mailboxes stand in the queue. Each admission changes the place of everybody behind, so this is asked and not kept as a view. */
@Injectable()
export class QueuePlaces {
  constructor(
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The places of those that wait, from 1 in each project; others are not in the map, nor is anybody while the service does not answer. */
  async of(mailboxes: readonly MailboxView[]): Promise<ReadonlyMap<string, number>> {
    const waiting = mailboxes.filter(({ status, pass }) => status === 'Queued' && pass?.kind !== 'verify');
    const places = new Map<string, number>();
    for (const [projectId, rows] of Map.groupBy(waiting, (mailbox) => mailbox.projectId)) {
      const mailboxJobIds = rows.map(({ mailboxJobId }) => mailboxJobId);
      const found = await this.#ask(projectId, mailboxJobIds);
      for (const [at, id] of mailboxJobIds.entries()) {
        const place = found[at] ?? null;
        if (place !== null) places.set(id, place);
      }
    }
    return places;
  }

  async #ask(projectId: string, mailboxJobIds: string[]): Promise<readonly (number | null)[]> {
    const timer = new AbortController();
    const late = this.clock.sleep(WAIT_MS, timer.signal).then(
      () => [],
      () => [],
    );
    try {
      const asked = ask(this.commands, 'projects', 'Places', { projectId, mailboxJobIds }).then(({ places }) => places);
      return await Promise.race([asked, late]);
    } catch (error) {
      if (!isFault(error)) throw error;
      return [];
    } finally {
      timer.abort();
    }
  }
}
