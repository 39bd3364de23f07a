import {
  customerStream,
  outboxStream,
  projectStream,
  type NoticeEntry,
  type NoticeProject,
  type RecordedEvent,
  type OutboxEvent,
} from '@pstream/contracts';
import { deriveId, isFault, type Clock, type Facts, type Ids } from '@pstream/kernel';
import { errorFacts } from '@pstream/wiring';
import type { Deliver } from '../channels/deliver.js';
import { outboxOf, subscriptionOf, templatesOf, type NotifierPorts } from '../commands/ports.js';
import { decide, dueMs, isDue, type OutboxCommand, type Outcome } from '../domain/outbox/decide.js';
import { emptyOutbox, type Outbox, type Outgoing } from '../domain/outbox/state.js';
import { noTemplates } from '../domain/templates/decide.js';

/** What an outbox is of: whose it is, and what it is about: a project, the workgroup, or one test. */
export type OutboxOf = { readonly workgroupId: string; readonly subscriptionId: string; readonly about: string };

/** What is not about one project. */
export const ABOUT_WORKGROUP = 'workgroup';
const ABOUT_TEST = 'test:';
export const aboutTest = (testId: string): string => `${ABOUT_TEST}${testId}`;
const isTest = (about: string): boolean => about.startsWith(ABOUT_TEST);

export const outboxIdOf = ({ subscriptionId, about }: OutboxOf): string => deriveId('notice-outbox', subscriptionId, about);

export type OutboxPorts = NotifierPorts & {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly deliver: Deliver;
  /** Where more is to be seen. */
  readonly link?: string | undefined;
  /** Gets what somebody has to look at. */
  readonly noticed: (what: 'given-up' | 'delayed', facts: Facts) => void;
};

/** Names of things that happened, and of who sends the command that records them. */
const BY = 'notifier';
/** An answer that was waited for is worth more than one try at recording it. */
const SETTLE_TRIES = 5;
const SETTLE_WAIT_MS = 1_000;

/** Takes notices from what has happened to where they go. Each step is on record: what happened, once, whoever reports it again; the attempt,
 *  before it is made; and what came of it. Whoever dies after an attempt leaves a notice that may have gone out: it is sent again under the
 *  same id. */
export class Outboxes {
  readonly #ports: OutboxPorts;
  /** Outboxes in which something is left to do. */
  readonly #open = new Map<string, OutboxOf>();
  /** Outboxes that this process works on. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  /** Outboxes in which something is left to do. */
  get open(): readonly OutboxOf[] {
    return [...this.#open.values()];
  }

  /** Notes what happened; the same thing, by its name, is noted once. */
  async collect(of: OutboxOf, entry: NoticeEntry, named: readonly (string | number)[]): Promise<void> {
    const { clock } = this.#ports;
    const at = clock.now();
    const outboxId = outboxIdOf(of);
    const decision = decide({ type: 'Collect', ...of, entry, at }, emptyOutbox());
    const events = decision.accepted ? decision.events : [];
    const commandId = deriveId('notice-entry', of.subscriptionId, entry.kind, ...named);
    await outboxOf(this.#ports, outboxId).appendOnce({ events, commandId, by: BY, at });
    // A value of its own, by which whoever found nothing left to do sees that something has come since.
    this.#open.set(outboxId, { ...of });
  }

  /** Adds an outbox that another process may have left; nothing happens where nothing is left to do. */
  async recover(outboxId: string): Promise<void> {
    if (this.#open.has(outboxId)) return;
    const { state } = await outboxOf(this.#ports, outboxId).fold();
    if (dueMs(state) === undefined) return;
    const of = await this.#ownerOf(outboxId);
    if (of !== undefined) this.#open.set(outboxId, of);
  }

  /** Does what is due in an outbox. Faults of the store; the next call resumes. */
  async advance(of: OutboxOf, signal?: AbortSignal): Promise<void> {
    const outboxId = outboxIdOf(of);
    if (this.#busy.has(outboxId)) return;
    const walk = this.#walk(outboxId, of, signal).finally(() => this.#busy.delete(outboxId));
    this.#busy.set(outboxId, walk);
    await walk;
  }

  /** The same, after whoever is at it in this process. */
  async advanceNext(of: OutboxOf): Promise<void> {
    await this.#busy.get(outboxIdOf(of))?.catch(() => undefined);
    await this.advance(of);
  }

  async #walk(outboxId: string, of: OutboxOf, signal: AbortSignal | undefined): Promise<void> {
    while (await this.#step(outboxId, of, signal)) if (signal?.aborted === true) return;
  }

  /** One step; true if another one may be due. */
  async #step(outboxId: string, of: OutboxOf, signal: AbortSignal | undefined): Promise<boolean> {
    const { clock, ids } = this.#ports;
    const at = clock.now();
    const stream = outboxOf(this.#ports, outboxId);
    const known = this.#open.get(outboxId);
    const { state: before } = await stream.fold();
    const due = dueMs(before);
    const subscription = due === undefined ? undefined : await subscriptionOf(this.#ports, of);
    if (due === undefined || (subscription === undefined && before.outgoing === null)) {
      if (this.#open.get(outboxId) === known) this.#open.delete(outboxId);
      return false;
    }
    const hurries = isTest(of.about);
    if (!isDue(before, Date.parse(at)) && !(hurries && before.outgoing === null)) return false;
    const command: OutboxCommand = {
      type: 'Advance',
      ...of,
      at,
      hurries,
      noticeId: ids.ulid(),
      channel: subscription?.channel.kind ?? null,
      project: before.outgoing === null ? await this.#projectOf(before) : null,
      templates: before.outgoing === null ? (await templatesOf(this.#ports, of.workgroupId).fold()).state : noTemplates(),
    };
    const outcome = await stream.decide((state) => decide(command, state), { commandId: ids.ulid(), by: BY, at });
    if (!outcome.accepted) return false;
    const givenUp = outcome.events.find(({ type }) => type === 'NoticeGivenUp');
    if (givenUp !== undefined) {
      this.#noteEnd(of, givenUp);
      return true;
    }
    const { outgoing } = outcome.state;
    if (subscription === undefined || outgoing === null || !outcome.events.some(({ type }) => type === 'NoticeAttempted')) return false;
    await this.#settle(outboxId, of, outgoing, await this.#attempt(of, subscription, outgoing, signal));
    return true;
  }

  async #attempt(
    { workgroupId, subscriptionId, about }: OutboxOf,
    { name, channel }: { readonly name: string; readonly channel: Parameters<Deliver>[0] },
    { noticeId, project, madeAt, counts, entries, templates }: Outgoing,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { deliver, link } = this.#ports;
    try {
      const notice = { noticeId, workgroupId, subscription: { subscriptionId, name }, project, madeAt, counts, entries, templates, link };
      return { is: 'sent', refused: await deliver(channel, notice, signal) };
    } catch (error) {
      if (isFault(error)) return { is: 'failed', code: error.code, advice: error.advice, final: isTest(about) || error.retry === 'never' };
      // Our own bug: the notice is given up where everybody sees it, and the others go on.
      this.#ports.noticed('delayed', { noticeId, ...errorFacts(error) });
      return { is: 'failed', code: 'notice.defect', final: true };
    }
  }

  async #settle(outboxId: string, of: OutboxOf, { noticeId, attempts: attempt }: Outgoing, outcome: Outcome): Promise<void> {
    const { clock, ids } = this.#ports;
    const commandId = ids.ulid();
    for (let tries = 1; ; tries++) {
      const at = clock.now();
      const command: OutboxCommand = { type: 'Settle', ...of, at, noticeId, attempt, outcome };
      try {
        const settled = await outboxOf(this.#ports, outboxId).decide((state) => decide(command, state), { commandId, by: BY, at });
        if (settled.accepted) for (const event of settled.events) this.#noteEnd(of, event);
        return;
      } catch (error) {
        if (!isFault(error) || error.retry === 'never' || tries === SETTLE_TRIES) throw error;
        await clock.sleep(SETTLE_WAIT_MS);
      }
    }
  }

  #noteEnd({ workgroupId, subscriptionId }: OutboxOf, event: RecordedEvent<OutboxEvent>): void {
    if (event.type !== 'NoticeGivenUp' && event.type !== 'NoticeDelayed') return;
    const { noticeId, code } = event.data;
    this.#ports.noticed(event.type === 'NoticeGivenUp' ? 'given-up' : 'delayed', { workgroupId, subscriptionId, noticeId, code });
  }

  async #ownerOf(outboxId: string): Promise<OutboxOf | undefined> {
    const [first] = await this.#ports.store.read(outboxStream(outboxId));
    if (first?.type !== 'NoticeCollected') return undefined;
    const { workgroupId, subscriptionId, about } = first.data;
    return { workgroupId, subscriptionId, about };
  }

  /** The project of what was collected, by the names of now. */
  async #projectOf({ collected }: Outbox): Promise<NoticeProject | null> {
    const { projectId, customerId } = collected?.entries[0] ?? {};
    if (projectId === undefined || customerId === undefined) return null;
    const { store } = this.#ports;
    const named = (await store.read(projectStream(projectId))).flatMap(({ data }) => ('name' in data ? [data.name] : []));
    const customers = (await store.read(customerStream(customerId))).flatMap(({ data }) => ('name' in data ? [data.name] : []));
    return { projectId, name: named.at(-1) ?? projectId, customerId, customer: customers.at(-1) ?? customerId };
  }
}
