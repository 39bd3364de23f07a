import { Inject, Injectable } from '@nestjs/common';
import type { ProjectSums } from '@pstream/api';
import type { HeldByPlan, MailboxView, PlacesReply, PlansReply } from '@pstream/contracts';
import { isFault, type Clock } from '@pstream/kernel';
import { ask, type LogClient } from '@pstream/transport';
import { CLOCK, COMMANDS } from '@pstream/wiring';

/** A list is not kept waiting for longer than this by a service that does not answer. */
const WAIT_MS = 1_000;

/** What a list shows of a mailbox that waits for its turn: its place, and what keeps it from being begun. */
export type Waiting = { readonly place: number | null; readonly held: MailboxView['held'] };

/** Where mailboxes stand in the queue. Each admission changes the place of everybody behind, so this is asked and not kept as a view. */
@Injectable()
export class QueuePlaces {
  constructor(
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The rows of a list with what the queue has of them. While the service does not answer, nobody has a place. */
  async with<M extends MailboxView>(mailboxes: readonly M[]): Promise<(M & Waiting)[]> {
    const waiting = mailboxes.filter(({ status, pass }) => status === 'Queued' && pass?.kind !== 'verify');
    const found = new Map<string, Waiting>();
    for (const [projectId, rows] of Map.groupBy(waiting, (mailbox) => mailbox.projectId)) {
      const mailboxJobIds = rows.map(({ mailboxJobId }) => mailboxJobId);
      const { places, held }: PlacesReply = (await this.#inTime(
        ask(this.commands, 'projects', 'Places', { projectId, mailboxJobIds }),
      )) ?? {
        places: [],
        held: null,
      };
      for (const [at, { mailboxJobId, held: own }] of rows.entries()) {
        const place = places[at] ?? null;
        if (place !== null) found.set(mailboxJobId, { place, held: held === null ? own : heldBy(held) });
      }
    }
    return mailboxes.map((mailbox) => ({ ...mailbox, ...(found.get(mailbox.mailboxJobId) ?? { place: null, held: mailbox.held }) }));
  }

  /** What the queue has of projects, in their order. Throws the Fault of a service that does not answer. */
  plans(projectIds: readonly string[]): Promise<PlansReply> {
    return ask(this.commands, 'projects', 'Plans', { projectIds: [...projectIds] });
  }

  /** How many mailboxes of a project a pause keeps from being begun, under its code. */
  async heldIn(projectId: string, { statuses }: Pick<ProjectSums, 'statuses'>): Promise<Readonly<Record<string, number>>> {
    if ((statuses.Queued ?? 0) === 0) return {};
    const [plan] = (await this.#inTime(this.plans([projectId])))?.projects ?? [];
    return plan === undefined || plan.held === null || plan.waiting === 0 ? {} : { [plan.held.code]: plan.waiting };
  }

  async #inTime<T>(asked: Promise<T>): Promise<T | undefined> {
    const timer = new AbortController();
    const late = this.clock.sleep(WAIT_MS, timer.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([asked, late]);
    } catch (error) {
      if (!isFault(error)) throw error;
      return undefined;
    } finally {
      timer.abort();
    }
  }
}

const heldBy = ({ code, reason, since, until }: HeldByPlan): MailboxView['held'] => ({
  kind: 'plan',
  code,
  limit: null,
  advice:
    code === 'plan.outside-window'
      ? `Mailboxes of this project are begun ${reason}.`
      : `${reason.replace(/\.?$/, '.')} Nothing new is begun until ${code === 'plan.paused' ? 'an administrator' : 'somebody'} resumes it.`,
  since,
  until,
});
