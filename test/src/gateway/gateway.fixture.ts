import { join } from 'node:path';
import { toChangeRecord, CHANGES_TOPIC, streamName, type DomainEvent, type RecordedEvent, type StreamName } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { createFirstToken, GatewayModule, type GatewayOptions } from '@pstream/gateway';
import { systemClock, systemIds, systemRandom, type Fault } from '@pstream/kernel';
import { LicensingModule, type LicensingOptions } from '@pstream/licensing';
import { notifierKeys, NotifierModule } from '@pstream/notifier';
import { PeopleModule } from '@pstream/people';
import { embedded, startProcess, type ProcessPlan } from '@pstream/platform';
import type { Document, Projection, ProjectionStore } from '@pstream/projections';
import { allProjections, ProjectorModule } from '@pstream/projector';
import { ProjectsModule } from '@pstream/projects';
import type { SecretStore } from '@pstream/secrets';
import { tempDir } from '@pstream/testing';
import type { Transport } from '@pstream/transport';
import { jsonLog, ProcessHealth, readConfig } from '@pstream/wiring';
import { eventually } from '../support/eventually.js';

/** An answer, with its body read. */
export type Reply = { readonly status: number; readonly headers: Headers; readonly body: Readonly<Record<string, unknown>> };

/** What goes wrong in the adapters while it is set. */
export type Failing = { append?: Error | undefined; rotate?: Fault | undefined };

/** The gateway on a free port of loopback with the services that answer it, on embedded adapters. No worker runs: nothing is exported. */
export type RunningGateway = {
  readonly url: string;
  readonly token: string;
  readonly tokensDir: string;
  /** Where mails are written to. */
  readonly mailDir: string;
  readonly logged: string[];
  /** What the services were sent, as it travels. */
  readonly messages: string[];
  readonly health: ProcessHealth;
  readonly store: EventStore;
  readonly transport: Transport;
  readonly failing: Failing;
  /** Sends JSON, or a string as CSV; the token goes along unless `headers` say otherwise. Views show what was changed when it resolves. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** The same without a token. */
  bare(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** The text of a file that a route hands out. */
  download(path: string): Promise<string>;
  /** Puts a document into a read model, where the projector would; `null` takes it out. Sums count it when this resolves. */
  put(view: string, id: string, document: object | null): Promise<void>;
  /** Appends what a worker would to the end of a stream; views show it when this resolves. */
  record<E extends DomainEvent>(context: RecordedEvent['context'], stream: StreamName<E>, ...events: NoInfer<E>[]): Promise<void>;
  readonly secrets: SecretStore;
  /** What is sealed, oldest first. */
  sealed(): Promise<string[]>;
  close(): Promise<void>;
};

const AT = '2026-01-01T00:00:00.000Z';

export const startGateway = async (
  mailboxes = 100,
  options: Partial<GatewayOptions> = {},
  licensing: Partial<LicensingOptions> = {},
): Promise<RunningGateway> => {
  const dataDir = join(tempDir(), 'data');
  const tokensDir = join(dataDir, 'tokens');
  const logged: string[] = [];
  const messages: string[] = [];
  const log = jsonLog({ write: (line) => logged.push(line) }, systemClock);
  const health = new ProcessHealth();
  const failing: Failing = {};
  const refs = new Set<string>();
  let adapters: Awaited<ReturnType<typeof embedded.open>> | undefined;
  const plan: ProcessPlan<Record<never, never>, typeof embedded.keys, string | undefined> = {
    name: 'gateway',
    keys: {},
    open: {
      ...embedded,
      open: async (config, system) => {
        const platform = await embedded.open(config, system);
        adapters = {
          ...platform,
          store: failingStore(platform.store, failing),
          secrets: watched(platform.secrets, failing, refs),
          transport: recording(platform.transport, messages),
        };
        return adapters;
      },
    },
    modules: () => [
      LicensingModule.with({ cards: 'trial', prices: { version: '2026-11', currency: 'EUR', unitMinor: 1500 }, ...licensing }),
      PeopleModule,
      NotifierModule.with({ ...readConfig(notifierKeys, {}), mailFolder: join(dataDir, 'mail'), noticePrivateHosts: ['127.0.0.1'] }),
      ProjectsModule.with({ mailboxes, mailboxesPerTenant: mailboxes, mailboxesPerProject: mailboxes }),
      ProjectorModule,
      GatewayModule.with({ tokensDir, hosts: ['pstream.example'], ...options }),
    ],
    door: () => ({ host: '127.0.0.1', port: 0 }),
    prepare: (_config, { clock, random }) => createFirstToken(tokensDir, { clock, random }),
  };
  const running = await startProcess(
    plan,
    readConfig(embedded.keys, {}, { dataDir }),
    { clock: systemClock, ids: systemIds, random: systemRandom, log },
    health,
  );
  if (adapters === undefined || running.url === undefined) throw new Error('The gateway has not started.');
  const { store, transport, projections, secrets } = adapters;
  const { url, prepared: token = '' } = running;

  /** Waits until every view knows the events, and sums count what they changed. */
  const shown = async (stream: StreamName, after: number): Promise<void> => {
    const events = await store.read(stream, after);
    const version = events.at(-1)?.version ?? after;
    for (const projection of allProjections.filter(({ contexts }) => events[0] !== undefined && contexts.includes(events[0].context))) {
      await reaches(version, () => projections.position(projection.name, stream));
      for (const id of new Set(events.flatMap((event) => projection.keys(event)))) await counted(projections, projection, id);
    }
  };
  const bare: RunningGateway['bare'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(?:problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const answer = text === '' ? {} : isJson ? (JSON.parse(text) as Reply['body']) : { text };
    const { stream, version } = answer;
    if (method !== 'GET' && typeof stream === 'string' && typeof version === 'number') await shown(streamName(stream), version - 1);
    return { status: response.status, headers: response.headers, body: answer };
  };
  return {
    url,
    token,
    tokensDir,
    mailDir: join(dataDir, 'mail'),
    logged,
    messages,
    health,
    store,
    transport,
    failing,
    bare,
    call: (method, path, body, headers = {}) => bare(method, path, body, { authorization: `Bearer ${token}`, ...headers }),
    download: async (path) => {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return Buffer.from(await response.arrayBuffer()).toString();
    },
    put: (view, id, document) => put({ projections, transport }, view, id, document),
    record: async (context, stream, ...events) => {
      const before = await store.read(stream);
      const metadata = { commandId: systemIds.ulid(), by: 'worker' };
      await store.append({ context, stream, expectedVersion: before.length, events, at: AT, metadata });
      await shown(stream, before.length);
    },
    secrets,
    sealed: async () => {
      const values: string[] = [];
      for (const ref of refs) {
        const secret = await secrets.use(ref).catch(() => undefined);
        if (secret !== undefined) values.push(secret.reveal());
      }
      return values;
    },
    close: () => running.close(),
  };
};

let seeds = 0;

const put = async (
  { projections, transport }: { readonly projections: ProjectionStore; readonly transport: Transport },
  view: string,
  id: string,
  document: object | null,
): Promise<void> => {
  const projection = allProjections.find(({ name }) => name === view);
  if (projection === undefined) throw new Error(`There is no view ${view}.`);
  const seeding: Projection = { ...projection, keys: () => [id], evolve: () => document as Document | null };
  const metadata = { commandId: 'seed', by: 'test' };
  const place = { context: 'projects', stream: streamName(`seed:${++seeds}`), version: 1 } as const;
  await projections.apply(seeding, [{ type: 'Seeded', data: {}, id: 'seed', at: AT, metadata, ...place }]);
  const [{ generation, live, revision } = { generation: '', live: true, revision: 1 }] = await projections.versions(view, [id]);
  const said = document === null ? {} : projection.announce?.(document as Document, id);
  if (said === undefined) return;
  await transport.send(CHANGES_TOPIC, [toChangeRecord({ view, id, generation, live, revision, gone: document === null, ...said })]);
  await counted(projections, projection, id);
};

/** Waits until sums count a document, if it counts in any. */
const counted = async (projections: ProjectionStore, projection: Projection, id: string): Promise<void> => {
  const found = await projections.get(projection.name, id);
  if (found === undefined || projection.announce?.(found.document, id).share === undefined) return;
  const { current } = await projections.revisions(projection.name, id);
  await reaches(current, async () => (await projections.revisions(projection.name, id)).counted);
};

const reaches = (wanted: number, look: () => Promise<number>): Promise<number> =>
  eventually(look, (reached) => reached >= wanted, 30_000, 2);

const failingStore = (store: EventStore, failing: Failing): EventStore =>
  replacing(store, {
    append: async (commit) => {
      if (failing.append !== undefined) throw failing.append;
      return store.append(commit);
    },
  });

const watched = (secrets: SecretStore, failing: Failing, refs: Set<string>): SecretStore =>
  replacing(secrets, {
    put: async (...given) => {
      const ref = await secrets.put(...given);
      refs.add(ref);
      return ref;
    },
    rotate: async (...given) => {
      if (failing.rotate !== undefined) throw failing.rotate;
      return secrets.rotate(...given);
    },
  });

const recording = (transport: Transport, messages: string[]): Transport =>
  replacing(transport, {
    send: (topic, records) => {
      if (topic.endsWith('.commands.v1')) messages.push(...records.map(({ value }) => new TextDecoder().decode(value)));
      return transport.send(topic, records);
    },
  });

/** The same with some methods replaced; the others keep their object, which may have private fields. */
const replacing = <T extends object>(target: T, methods: Partial<T>): T =>
  new Proxy(target, {
    get: (_, name) => {
      const found: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
