import {
  mailboxJobStream,
  operationStream,
  projectStream,
  type CommandReply,
  type DomainEvent,
  type LineItem,
  type MailboxJobEvent,
  type OperationEvent,
  type OperationSelection,
  type OperationWork,
  type ProjectEvent,
  type RecordedEvent,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore, type EventStore } from '@pstream/event-store';
import { deriveId, Fault, isFault, type Clock } from '@pstream/kernel';
import { addEndpoint, addLineItems, createCustomer, createProject } from '../commands/catalogue.js';
import { requestOperation } from '../commands/operations.js';
import { keepStates, type ProjectsPorts } from '../commands/ports.js';
import { runOperation } from './run-operation.js';

export const [customerId, projectId, sourceId, targetId] = ['customer', 'project', 'source', 'target'].map((name) =>
  deriveId('test', name),
) as [string, string, string, string];
const workgroupId = 'default';
const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string) => ({ commandId: deriveId('command', name), by: 'token', at });
const clock: Clock = { now: () => at, monotonicMs: () => 0, sleep: () => Promise.resolve(), yield: () => Promise.resolve() };
const forever = new AbortController().signal;

/** A line item by its number. */
export const item = (n: number): LineItem => ({
  mailboxJobId: deriveId('mailbox', n),
  source: `user${n}@contoso.com`,
  destination: `user${n}.pst`,
});

/** A store whose appends fail as the script says: before they take effect, or after, when only the answer is lost. */
export type Unreliable = { readonly store: EventStore; fail: (append: number) => 'before' | 'after' | undefined; appends: number };

export const unreliable = (inner: EventStore): Unreliable => {
  const lost = new Fault('event-store.unavailable', { retry: 'now' });
  const state: Unreliable = { appends: 0, fail: () => undefined, store: inner };
  const append: EventStore['append'] = async (commit) => {
    const when = state.fail(++state.appends);
    if (when === 'before') throw lost;
    const appended = await inner.append(commit);
    if (when === 'after') throw lost;
    return appended;
  };
  return Object.assign(state, { store: { ...inner, append } });
};

/** From now on the appends of a store fail as the script says, one entry for each. */
export const failing = (faults: Unreliable, script: readonly ('before' | 'after' | undefined)[]): void => {
  const first = faults.appends;
  faults.fail = (append) => script[append - first - 1];
};

/** What is repeated until it has been done, as whoever sends a command does. */
export const repeated = async <T>(once: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await once();
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }
};

/** A store whose appends wait for their turn, and what is called after each. What is appended follows from what was read before, so it is enough to put
 *  the appends in any order. */
export const inTurns = (
  store: EventStore,
  turn: () => Promise<void>,
  after: (events: readonly { readonly type: string }[], isAppended: boolean) => Promise<void> = () => Promise.resolve(),
): EventStore => ({
  ...store,
  append: async (commit) => {
    await turn();
    let isAppended = false;
    try {
      const appended = await store.append(commit);
      isAppended = true;
      return appended;
    } finally {
      await after(commit.events, isAppended);
    }
  },
});

/** The projects service on a store in memory, with a project of `mailboxes` line items. */
export class Scene {
  readonly #inner = memoryEventStore();
  readonly faults = unreliable(this.#inner);
  /** Until when bundles are valid, by user. */
  readonly bundles = new Map<string, string>();
  /** Users in each question to licensing. */
  readonly asked: (readonly string[])[] = [];
  free = 0;
  /** What a builder answers. */
  settle: ProjectsPorts['settleParts'] = () => Promise.resolve({ parts: [] });

  readonly ports: ProjectsPorts = {
    store: this.faults.store,
    kept: keepStates(),
    clock,
    coverage: ({ users }) => {
      this.asked.push(users);
      return Promise.resolve({ enforced: true, covered: users.map((user) => ({ user, expiresAt: this.bundles.get(user) ?? null })) });
    },
    settleParts: (query) => this.settle(query),
    applyBundles: (_meta, { users }) => Promise.resolve(this.#apply(users)),
  };

  async prepare(mailboxes: number): Promise<this> {
    await createCustomer(this.ports, meta('customer'), { workgroupId, customerId, name: 'Contoso' });
    const config = { kind: 'microsoft-365', tenantId: 't', clientId: 'c', credential: { kind: 'secret', ref: 'secret:1' } } as const;
    await addEndpoint(this.ports, meta('source'), { workgroupId, customerId, endpointId: sourceId, name: 'Source', config });
    const folder = { kind: 'folder', path: '/out' } as const;
    await addEndpoint(this.ports, meta('target'), { workgroupId, customerId, endpointId: targetId, name: 'Target', config: folder });
    await createProject(this.ports, meta('project'), {
      workgroupId,
      customerId,
      projectId,
      name: 'Leavers',
      type: 'mailbox',
      sourceEndpointId: sourceId,
      destinationEndpointId: targetId,
      container: 'mailboxes',
      partBytes: 2 ** 20,
    });
    await this.add('bulk', ...Array.from({ length: mailboxes }, (_, n) => item(n)));
    return this;
  }

  add(name: string, ...items: LineItem[]): Promise<CommandReply> {
    return addLineItems(this.ports, meta(`add ${name}`), { projectId, items });
  }

  /** Requests an operation; returns its id. */
  async request(name: string, work: OperationWork, selection: OperationSelection = { by: 'all' }): Promise<string> {
    const operationId = deriveId('operation', name);
    const body = { workgroupId, customerId, operationId, projectId: work.verb === 'apply-bundles' ? null : projectId, work, selection };
    const reply = await requestOperation(this.ports, meta(name), body);
    if (!reply.accepted) throw new Error(reply.rejection.code);
    return operationId;
  }

  run(operationId: string, signal = forever): Promise<void> {
    return runOperation(this.ports, operationId, signal);
  }

  runWith(ports: ProjectsPorts, operationId: string): Promise<void> {
    return runOperation(ports, operationId, forever);
  }

  /** Line items on the project's own stream, as releases up to 0.2.0 put them there. */
  async addEarlier(event: ProjectEvent): Promise<void> {
    const stream = projectStream(projectId);
    const metadata = { commandId: deriveId('earlier', projectId), by: 'token' };
    await this.#inner.append({
      context: 'projects',
      stream,
      expectedVersion: (await this.read(stream)).length,
      events: [event],
      at,
      metadata,
    });
  }

  /** Requests an operation and carries it out; returns its events. */
  async whole(name: string, work: OperationWork, selection?: OperationSelection): Promise<readonly OperationEvent[]> {
    const operationId = await this.request(name, work, selection);
    await this.run(operationId);
    return this.operation(operationId);
  }

  async operation(operationId: string): Promise<readonly OperationEvent[]> {
    return (await this.read<OperationEvent>(operationStream(operationId))).map(({ type, data }) => ({ type, data }) as OperationEvent);
  }

  job(n: number): Promise<readonly RecordedEvent<MailboxJobEvent>[]> {
    return this.read<MailboxJobEvent>(mailboxJobStream(item(n).mailboxJobId));
  }

  read<E extends DomainEvent>(stream: StreamName<E>): Promise<readonly RecordedEvent<E>[]> {
    return this.#inner.read(stream);
  }

  /** Appends an event to a mailbox's stream as the process of its passes would. */
  async append(n: number, event: MailboxJobEvent): Promise<void> {
    const stream = mailboxJobStream(item(n).mailboxJobId);
    const expectedVersion = (await this.read(stream)).length;
    const metadata = { commandId: deriveId('append', stream, expectedVersion), by: 'projects' };
    await this.#inner.append({ context: 'projects', stream, expectedVersion, events: [event], at, metadata });
  }

  #apply(users: readonly string[]): CommandReply {
    if (users.length > this.free)
      return { accepted: false, rejection: { code: 'licence.seats-exhausted', facts: { wanted: users.length, free: this.free } } };
    for (const user of users) this.bundles.set(user, '2027-01-01T00:00:00.000Z');
    return { accepted: true, stream: 'licence-pool:default', version: 3 };
  }
}

/** The outcome of every row, in order. */
export const outcomesOf = (events: readonly OperationEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'OperationRowsDone' ? event.data.rows.map((row) => (row.outcome === 'accepted' ? 'accepted' : row.code)) : [],
  );
