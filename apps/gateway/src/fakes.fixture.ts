import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  AddEndpoint,
  AddLineItems,
  ChangeOptions,
  CreateCustomer,
  CreateProject,
  errorShare,
  noItems,
  operationStream,
  parseCommand,
  pattern,
  PlaceOrder,
  publicSettings,
  RecordPayment,
  RequestOperation,
  RotateEndpointSecret,
  sameAddress,
  VIEWS,
  mailboxShare,
  type Amounts,
  type CommandReply,
  type MailboxView,
} from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import type { Document, FindOptions, Found, ProjectionReader, RebuildRecord, Revisions, Stored } from '@pstream/projections';
import { Secret, type SecretStore } from '@pstream/secrets';
import { Answer } from '@pstream/transport';
import type { z } from 'zod';

const isWanted = (value: unknown, wanted: NonNullable<FindOptions['filter']>[string]): boolean => {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  return 'in' in wanted ? wanted.in.includes(value as string) : !wanted.notIn.includes(value as string);
};

/** Read models in memory; the fake services write what the real projector would. */
export class FakeViews implements ProjectionReader {
  readonly documents = new Map<string, Map<string, Document>>();
  readonly positions = new Map<string, number>();
  readonly rebuilding = new Map<string, RebuildRecord>();

  put(view: string, id: string, document: object): void {
    const table = this.documents.get(view) ?? new Map<string, Document>();
    this.documents.set(view, table.set(id, document as Document));
  }

  get<D extends Document>(view: string, id: string): Promise<Stored<D> | undefined> {
    const document = this.documents.get(view)?.get(id);
    return Promise.resolve(document === undefined ? undefined : { id, document: document as D, seen: {} });
  }

  find<D extends Document>(
    view: string,
    { filter = {}, search = '', sort = '', limit = Infinity, after = '0' }: FindOptions = {},
  ): Promise<Found<D>> {
    if (!/^\d+$/.test(after)) return Promise.reject(new Fault('projection.bad-cursor', { retry: 'never' }));
    const field = sort.replace('-', '');
    const all = [...(this.documents.get(view) ?? [])]
      .filter(([, document]) => Object.entries(filter).every(([name, wanted]) => isWanted(document[name], wanted)))
      .filter(([, { name = '', source = '', destination = '' }]) =>
        [name, source, destination].join('\n').toLowerCase().includes(search.toLowerCase()),
      )
      .sort(([, a], [, b]) => (String(a[field]) < String(b[field]) ? -1 : 1) * (sort.startsWith('-') ? -1 : 1));
    const end = Number(after) + limit;
    const documents = all.slice(Number(after), end).map(([id, document]) => ({ id, document: document as D, seen: {} }));
    return Promise.resolve({ documents, total: all.length, ...(end < all.length ? { next: String(end) } : {}) });
  }

  /** Adds up what the documents count for now. */
  sums(view: string, scopes: readonly string[]): Promise<ReadonlyMap<string, Amounts>> {
    const sums = new Map(scopes.map((scope): [string, Record<string, number>] => [scope, {}]));
    for (const document of this.documents.get(view)?.values() ?? []) {
      const share =
        view === VIEWS.errors ? errorShare(document as Parameters<typeof errorShare>[0]) : mailboxShare(document as MailboxView);
      for (const scope of share.scopes)
        for (const [name, amount] of Object.entries(share.amounts)) {
          const sum = sums.get(scope);
          if (sum !== undefined) sum[name] = (sum[name] ?? 0) + amount;
        }
    }
    return Promise.resolve(sums);
  }

  revisions(): Promise<Revisions> {
    return Promise.resolve({ current: 1, counted: 1 });
  }

  liveGeneration(): Promise<string> {
    return Promise.resolve('g0');
  }

  rebuilds(): Promise<ReadonlyMap<string, RebuildRecord>> {
    return Promise.resolve(this.rebuilding);
  }

  noteRebuild(view: string, record: Omit<RebuildRecord, 'revision'>, revision: number): Promise<boolean> {
    this.rebuilding.set(view, { ...record, revision: revision + 1 });
    return Promise.resolve(true);
  }

  position(_view: string, stream: string): Promise<number> {
    return Promise.resolve(this.positions.get(stream) ?? 0);
  }
}

/** Secrets in memory. */
export class FakeSecrets implements SecretStore {
  readonly values = new Map<string, string>();
  readonly #orders = new Map<string, number>();
  /** The next rotations fail, as if the store were away. */
  away = false;

  put(_purpose: string, secret: string, id = String(this.values.size + 1).padStart(26, '0')): Promise<string> {
    const ref = `secret:${id}`;
    if (!this.values.has(ref)) this.values.set(ref, secret);
    return Promise.resolve(ref);
  }
  use(ref: string): Promise<Secret> {
    return Promise.resolve(new Secret(this.values.get(ref) ?? ''));
  }
  rotate(ref: string, secret: string, order: number): Promise<void> {
    if (this.away) return Promise.reject(new Fault('secret.unavailable', { retry: { afterMs: 1_000 } }));
    if ((this.#orders.get(ref) ?? 0) >= order) return Promise.resolve();
    this.values.set(ref, secret);
    this.#orders.set(ref, order);
    return Promise.resolve();
  }
  rewrap(): Promise<{ rewrapped: number; unreadable: number }> {
    return Promise.resolve({ rewrapped: 0, unreadable: 0 });
  }
  delete(ref: string): Promise<void> {
    this.values.delete(ref);
    return Promise.resolve();
  }
}

/** What the fake services have in common with whoever tests against them. */
export const world = {
  views: new FakeViews(),
  commands: new Map<string, { readonly digest: string | undefined; readonly version: number }>(),
  messages: [] as string[],
};

const refuse = (code: string, facts: Record<string, number> = {}): CommandReply => ({ accepted: false, rejection: { code, facts } });
const AT = '2026-01-01T00:00:00.000Z';

/** Answers a command and moves the position of its stream, as the projector would a moment later. */
export const handle = <S extends z.ZodType>(
  schema: S,
  message: unknown,
  streamOf: (body: z.infer<S>) => string,
  work: (body: z.infer<S>) => CommandReply | undefined,
): CommandReply => {
  world.messages.push(JSON.stringify(message));
  const parsed = parseCommand(schema, message);
  if (!parsed.ok) return parsed.error;
  const { body, meta } = parsed.value;
  const stream = streamOf(body);
  const earlier = world.commands.get(meta.commandId);
  if (earlier !== undefined)
    return earlier.digest === meta.digest ? { accepted: true, stream, version: earlier.version } : refuse('request.idempotency-mismatch');
  const actual = world.views.positions.get(stream) ?? 0;
  const { expectedVersion: expected = actual } = meta;
  const refused = expected === actual ? work(body) : refuse('stream.version-mismatch', { expected, actual });
  if (refused !== undefined) return refused;
  const version = actual + 1;
  world.commands.set(meta.commandId, { digest: meta.digest, version });
  world.views.positions.set(stream, version);
  return { accepted: true, stream, version };
};

const { views } = world;

/** A mailbox as it is before its first pass. */
export const newMailbox = (mailboxJobId: string, projectId: string, source: string, destination: string): MailboxView => ({
  mailboxJobId,
  projectId,
  customerId: '',
  source,
  destination,
  status: 'Not Submitted',
  pass: null,
  totals: noItems,
  mime: 0,
  doubts: 0,
  leftOut: 0,
  waits: {},
  held: null,
  progressAt: null,
  listing: 'not-started',
  extracted: { items: 0, bytes: 0 },
  folders: 0,
  foldersNotListed: 0,
  parts: 0,
  cause: null,
  checks: [],
});

const accepted = (mailboxJobId: string | null, source: string) => ({
  mailboxJobId,
  source,
  code: null,
  stream: `mailbox-job:${mailboxJobId}`,
  version: 1,
});
const rejected = (mailboxJobId: string | null, source: string, code: string) => ({
  mailboxJobId,
  source,
  code,
  stream: null,
  version: null,
});

/** Ends an operation at once: nothing can be stopped, and Full passes need a licence that ben does not have. */
const carryOut = ({ operationId, customerId, projectId, work, selection }: RequestOperation): void => {
  const mailboxes = [...(views.documents.get(VIEWS.mailboxes)?.values() ?? [])] as unknown as MailboxView[];
  const ofProject = mailboxes.filter((mailbox) => mailbox.projectId === projectId);
  const named = selection.by === 'list' ? new Set(selection.entries.map(sameAddress)) : new Set(ofProject.map(({ source }) => source));
  const rows = [...named].map((source) => {
    const mailbox = ofProject.find((one) => one.source === source);
    if (mailbox === undefined) return rejected(null, source, 'mailbox-job.unknown');
    if (work.verb !== 'start') return rejected(mailbox.mailboxJobId, source, 'mailbox-job.not-running');
    const unlicensed = work.kind === 'full' && source.startsWith('ben@');
    return unlicensed ? rejected(mailbox.mailboxJobId, source, 'licence.not-applied') : accepted(mailbox.mailboxJobId, source);
  });
  const cause =
    projectId === null
      ? { code: 'licence.seats-exhausted', facts: { wanted: named.size, free: 1 } }
      : rows.length === 0
        ? { code: 'selection.empty', facts: {} }
        : null;
  for (const [at, { code, ...row }] of rows.entries()) {
    if (row.stream !== null) views.positions.set(row.stream, 1);
    const outcome = code === null ? 'accepted' : 'rejected';
    views.put(VIEWS.operationRows, `${operationId}/${at}`, { operationId, row: at + 1, ...row, outcome, code, facts: {}, at: AT });
  }
  const refused = rows.filter(({ code }) => code !== null).length;
  views.put(VIEWS.operations, operationId, {
    operationId,
    customerId,
    projectId,
    verb: work.verb,
    kind: work.verb === 'start' ? work.kind : null,
    state: cause === null ? 'finished' : 'failed',
    total: rows.length,
    done: rows.length,
    accepted: rows.length - refused,
    rejected: refused,
    cause,
    last: [],
    by: 'token',
    createdAt: AT,
    startedAt: AT,
    endedAt: AT,
  });
};

/** The services of projects and licensing, with just the rules that a door can be tested with. */
@Controller()
export class FakeServices {
  @Answer(pattern('projects', 'CreateCustomer'))
  createCustomer(@Payload() message: unknown): CommandReply {
    return handle(
      CreateCustomer,
      message,
      ({ customerId }) => `customer:${customerId}`,
      ({ customerId, workgroupId, name }) => {
        if (name === 'broken') throw new Fault('storage.full', { retry: { afterMs: 2_500 }, advice: 'Free space on the file system.' });
        if (name === 'bug') throw new TypeError('/home/somebody/secret.ts broke');
        if ([...(views.documents.get(VIEWS.customers)?.values() ?? [])].some((known) => known['name'] === name))
          return refuse('customer.name-taken');
        views.put(VIEWS.customers, customerId, { customerId, workgroupId, name, createdAt: AT });
        return undefined;
      },
    );
  }

  @Answer(pattern('projects', 'AddEndpoint'))
  addEndpoint(@Payload() message: unknown): CommandReply {
    return handle(
      AddEndpoint,
      message,
      ({ endpointId }) => `endpoint:${endpointId}`,
      ({ endpointId, customerId, name, config }) => {
        if (name === 'taken') return refuse('endpoint.name-taken');
        views.put(VIEWS.endpoints, endpointId, {
          endpointId,
          customerId,
          name,
          kind: config.kind,
          settings: publicSettings(config),
          createdAt: AT,
          secretRotatedAt: null,
        });
        return undefined;
      },
    );
  }

  @Answer(pattern('projects', 'RotateEndpointSecret'))
  rotate(@Payload() message: unknown): CommandReply {
    return handle(
      RotateEndpointSecret,
      message,
      ({ endpointId }) => `endpoint:${endpointId}`,
      () => undefined,
    );
  }

  @Answer(pattern('projects', 'CreateProject'))
  createProject(@Payload() message: unknown): CommandReply {
    return handle(
      CreateProject,
      message,
      ({ projectId }) => `project:${projectId}`,
      (body) => {
        if (!views.documents.get(VIEWS.customers)?.has(body.customerId)) return refuse('customer.unknown');
        const { workgroupId: _workgroupId, ...rest } = body;
        views.put(VIEWS.projects, body.projectId, { ...rest, mailboxes: 0, createdAt: AT, created: true });
        return undefined;
      },
    );
  }

  @Answer(pattern('projects', 'ChangeOptions'))
  changeOptions(@Payload() message: unknown): CommandReply {
    return handle(
      ChangeOptions,
      message,
      ({ projectId }) => `project:${projectId}`,
      ({ projectId, options }) => {
        views.put(VIEWS.projects, projectId, { ...views.documents.get(VIEWS.projects)?.get(projectId), options });
        return undefined;
      },
    );
  }

  @Answer(pattern('projects', 'AddLineItems'))
  addLineItems(@Payload() message: unknown): CommandReply {
    return handle(
      AddLineItems,
      message,
      ({ projectId }) => `project:${projectId}`,
      ({ projectId, items }) => {
        const late = items.findIndex(({ source }) => source.startsWith('late@'));
        if (late >= 0)
          return {
            accepted: false,
            rejection: { code: 'project.line-items-conflict', facts: { conflicts: [`${late}:source:line-item.source-exists`] } },
          };
        // What only the projector adds stays inside.
        for (const item of items)
          views.put(VIEWS.mailboxes, item.mailboxJobId, {
            ...newMailbox(item.mailboxJobId, projectId, item.source, item.destination),
            live: { internal: true },
          });
        return undefined;
      },
    );
  }

  @Answer(pattern('projects', 'RequestOperation'))
  requestOperation(@Payload() message: unknown): CommandReply {
    return handle(
      RequestOperation,
      message,
      ({ operationId }) => operationStream(operationId),
      (body) => {
        carryOut(body);
        return undefined;
      },
    );
  }

  @Answer(pattern('licensing', 'PlaceOrder'))
  placeOrder(@Payload() message: unknown): CommandReply {
    return handle(
      PlaceOrder,
      message,
      () => 'licence-pool:default',
      ({ quantity, payment }) =>
        payment === 'wire' && quantity < 100 ? refuse('order.wire-below-minimum', { quantity, minimum: 100 }) : undefined,
    );
  }

  @Answer(pattern('licensing', 'RecordPayment'))
  recordPayment(@Payload() message: unknown): CommandReply {
    return handle(
      RecordPayment,
      message,
      () => 'licence-pool:default',
      () => refuse('order.unknown'),
    );
  }
}
