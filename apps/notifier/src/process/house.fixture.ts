import {
  mailboxJobStream,
  outboxPrefix,
  projectStream,
  streamName,
  type MailboxJobEvent,
  type NoticeChannel,
  type NoticeKind,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { keptInMemory, memoryEventStore, type EventStore } from '@pstream/event-store';
import { Fault, type Clock } from '@pstream/kernel';
import type { Notice } from '../channels/notice.js';
import { addSubscription, editSubscription, removeSubscription } from '../commands/handlers.js';
import type { NotifierPorts } from '../commands/ports.js';
import { Collector } from './collector.js';
import { Outboxes, type OutboxPorts } from './outboxes.js';

export const workgroupId = 'w';
const START = Date.parse('2026-03-31T10:00:00.000Z');
type Ended = 'before' | 'after' | undefined;

/** A workgroup that wants to hear, the events of its passes, a receiver, and any number of processes, each with what it keeps in memory. */
export class House {
  readonly delivered: Notice[] = [];
  readonly noticed: string[] = [];
  readonly #store = memoryEventStore();
  /** How appends and deliveries end: not at all, or with their answer lost. */
  failAppend: () => Ended = () => undefined;
  failDelivery: () => Ended | 'final' = () => undefined;
  /** What a delivery waits for. */
  slow: () => Promise<unknown> = () => Promise.resolve();
  #ms = 0;
  #ids = 0;

  readonly clock: Clock = {
    now: () => new Date(START + this.#ms).toISOString(),
    monotonicMs: () => this.#ms,
    sleep: async (ms) => {
      this.#ms += ms;
    },
    yield: () => Promise.resolve(),
  };

  readonly store: EventStore = new Proxy<EventStore>(this.#store, {
    get: (target, name) => {
      if (name === 'append')
        return async (commit: Parameters<EventStore['append']>[0]) => {
          const how = this.failAppend();
          const lost = (): Fault => new Fault('event-store.unavailable', { retry: 'never', facts: {} });
          if (how === 'before') throw lost();
          const appended = await target.append(commit);
          if (how === 'after') throw lost();
          return appended;
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });

  pass(ms: number): void {
    this.#ms += ms;
  }

  /** A process that has just started. */
  process(): { readonly ports: OutboxPorts; readonly outboxes: Outboxes; readonly collector: Collector } {
    const ports: OutboxPorts = {
      ...this.ports(),
      clock: this.clock,
      ids: { ulid: () => `U${this.#ids++}` },
      deliver: async (_channel, notice) => {
        await this.slow();
        const how = this.failDelivery();
        if (how === 'final') throw new Fault('notice.refused', { retry: 'never' });
        if (how === 'before') throw new Fault('notice.no-answer', { retry: 'now' });
        this.delivered.push(notice);
        if (how === 'after') throw new Fault('notice.no-answer', { retry: 'now' });
        return 0;
      },
      noticed: (what, facts) => this.noticed.push(`${what} ${String(facts['code'])}`),
    };
    const outboxes = new Outboxes(ports);
    return { ports, outboxes, collector: new Collector(ports, outboxes) };
  }

  ports(): NotifierPorts {
    return { store: this.store, kept: { subscriptions: keptInMemory(4), outboxes: keptInMemory(4) } };
  }

  /** Does all that is due, as a process does that has just started. */
  async round(process = this.process()): Promise<void> {
    for await (const stream of this.store.streams(outboxPrefix)) await process.outboxes.recover(stream.slice(outboxPrefix.length));
    for (const of of process.outboxes.open) await process.outboxes.advance(of);
  }

  #meta() {
    return { commandId: `c${this.#ids++}`, by: 'u', at: this.clock.now() };
  }

  subscribe(
    subscriptionId: string,
    kinds: NoticeKind[],
    projectId?: string,
    channel: NoticeChannel = { kind: 'mail', to: ['ada@contoso.com'] },
  ): ReturnType<typeof addSubscription> {
    const of = { workgroupId, subscriptionId, name: subscriptionId, channel, ...(projectId === undefined ? {} : { projectId }) };
    return addSubscription(this.ports(), this.#meta(), { ...of, kinds: kinds as never });
  }

  edit(subscriptionId: string, change: object): ReturnType<typeof editSubscription> {
    return editSubscription(this.ports(), this.#meta(), { workgroupId, subscriptionId, ...change });
  }

  unsubscribe(subscriptionId: string): ReturnType<typeof removeSubscription> {
    return removeSubscription(this.ports(), this.#meta(), { workgroupId, subscriptionId });
  }

  /** Puts a project and mailboxes of it on record, whose passes were started. */
  async project(projectId: string, mailboxes: readonly string[]): Promise<void> {
    const at = this.clock.now();
    const of = { workgroupId, customerId: 'c', projectId };
    await this.#record(projectStream(projectId), {
      type: 'ProjectCreated',
      data: {
        ...of,
        name: `Project ${projectId}`,
        type: 'mailbox',
        sourceEndpointId: 's',
        destinationEndpointId: 'd',
        container: 'x',
        partBytes: 1,
        at,
      },
    } as PublishedEvent);
    for (const mailboxJobId of mailboxes) {
      const opened = { ...of, mailboxJobId, source: `${mailboxJobId}@contoso.com`, destination: `${mailboxJobId}.pst`, at };
      const started = { ...of, mailboxJobId, passId: `pass-${mailboxJobId}`, number: 1, kind: 'full', settings: {}, at };
      await this.#record(
        mailboxJobStream(mailboxJobId),
        { type: 'MailboxJobOpened', data: opened } as PublishedEvent,
        { type: 'PassStarted', data: started } as unknown as PublishedEvent,
      );
    }
  }

  async #record(stream: string, ...events: PublishedEvent[]): Promise<void> {
    const { at, ...metadata } = this.#meta();
    await this.#store.append({ context: 'projects', stream: streamName(stream), expectedVersion: 0, events, at, metadata });
  }

  /** What came to the pass of a mailbox, as it is published. */
  event(
    projectId: string,
    mailboxJobId: string,
    type: 'PassBegun' | 'PassCompleted' | 'PassFailed',
    failed = 0,
  ): RecordedEvent<PublishedEvent> {
    const refs = { workgroupId, customerId: 'c', projectId, mailboxJobId, passId: `pass-${mailboxJobId}`, at: this.clock.now() };
    const totals = { discovered: 10, exported: 10 - failed, skipped: 0, failed };
    const more = {
      PassBegun: {},
      PassCompleted: { kind: 'full', pass: totals, mailbox: totals },
      PassFailed: { kind: 'full', cause: { code: 'graph.no-mailbox', advice: 'Look.' } },
    }[type];
    const event = { type, data: { ...refs, ...more } } as unknown as MailboxJobEvent;
    return {
      ...event,
      id: 'e',
      context: 'projects',
      stream: mailboxJobStream(mailboxJobId),
      version: 1,
      at: refs.at,
      metadata: { commandId: 'c', by: 'u' },
    };
  }
}
