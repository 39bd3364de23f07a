import { join } from 'node:path';
import type { ItemErrorView, MailboxView, PartView } from '@pstream/contracts';
import { systemIds, systemRandom, type Clock } from '@pstream/kernel';
import { readConfig } from '@pstream/nest';
import { standaloneKeys, startSystem } from '@pstream/standalone';
import { eventually, type Answer } from './running-system.js';

/** How to sign in to a tenant. */
export type Access = {
  readonly graphUrl: string;
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly outOfScope?: string;
};

/** One mailbox, or one in-place archive, in a project of its own. */
export type Exported = {
  readonly projectId: string;
  readonly mailbox: () => Promise<MailboxView>;
  readonly parts: () => Promise<readonly PartView[]>;
  /** Every item that was not exported as its stream. */
  readonly errors: () => Promise<readonly ItemErrorView[]>;
};

/** The embedded system with licences for many users and any number of projects. */
export type Fleet = {
  readonly get: <T = Record<string, unknown>>(path: string) => Promise<Answer<T>>;
  readonly post: <T = Record<string, unknown>>(path: string, body: unknown) => Promise<Answer<T>>;
  /** A file of the API as it comes. */
  readonly file: (path: string) => Promise<string>;
  /** A project with one mailbox of that tenant. */
  readonly add: (user: string, access: Access, type?: 'mailbox' | 'archive') => Promise<Exported>;
  /** A project with many. */
  readonly addAll: (users: readonly string[], access: Access, type?: 'mailbox' | 'archive') => Promise<{ readonly projectId: string }>;
  close(): Promise<void>;
};

/** Starts the system in a directory of the test, with a licence and a bundle for each of the users. */
export const startFleet = async (
  dir: string,
  users: readonly string[],
  ports: { readonly clock: Clock; readonly env?: Readonly<Record<string, string>> },
): Promise<Fleet> => {
  const config = readConfig(standaloneKeys, ports.env ?? {}, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' });
  const system = await startSystem(config, { clock: ports.clock, ids: systemIds, random: systemRandom, log: { write: () => undefined } });
  const call = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${system.url}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${system.firstToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  /** Waits until a view shows a change; a fast clock cuts the gateway's own wait short. */
  const seen = async (path: string): Promise<void> => {
    await eventually(
      () => call('GET', path),
      ({ status }) => status === 200,
    );
  };
  const made = async (path: string, body: unknown): Promise<{ id: string; stream: string; version: number }> => {
    const answer = await call<{ id: string; stream: string; version: number }>('POST', path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  /** Every page of a list. */
  const all = async <T>(path: string): Promise<T[]> => {
    const found: T[] = [];
    for (;;) {
      const { body } = await call<{ items: T[]; total: number }>('GET', `${path}?limit=1000&offset=${String(found.length)}`);
      found.push(...body.items);
      if (found.length >= body.total || body.items.length === 0) return found;
    }
  };
  const customer = await made('/customers', { name: 'Contoso' });
  await seen(`/customers?atLeast=${customer.stream}:${customer.version}`);
  await made('/orders', { quantity: users.length, payment: 'card' });
  await made(`/customers/${customer.id}/bundles`, { users });
  let count = 0;
  const addAll: Fleet['addAll'] = async (mailboxes, { secret, ...access }, type = 'mailbox') => {
    const name = `${String(++count)} ${type}`;
    const source = await made(`/customers/${customer.id}/endpoints`, {
      name: `tenant ${name}`,
      kind: 'microsoft-365',
      ...access,
      credential: { kind: 'secret', value: secret },
    });
    const target = await made(`/customers/${customer.id}/endpoints`, {
      name: `folder ${name}`,
      kind: 'folder',
      path: join(dir, 'out', String(count)),
    });
    const project = await made(`/customers/${customer.id}/projects`, {
      name,
      type,
      sourceEndpointId: source.id,
      destinationEndpointId: target.id,
      container: 'mailboxes',
    });
    await seen(`/projects/${project.id}?atLeast=${project.stream}:${project.version}`);
    const items = mailboxes.map((user) => ({ source: user, destination: `${user.split('@')[0]!}.pst` }));
    const added = await made(`/projects/${project.id}/mailboxes`, { items });
    await seen(`/projects/${project.id}/mailboxes?atLeast=${added.stream}:${added.version}`);
    return { projectId: project.id };
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    file: async (path) => {
      const response = await fetch(`${system.url}/v1${path}`, { headers: { authorization: `Bearer ${system.firstToken}` } });
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
    },
    addAll,
    add: async (user, access, type) => {
      const { projectId } = await addAll([user], access, type);
      return {
        projectId,
        mailbox: async () => (await call<{ items: MailboxView[] }>('GET', `/projects/${projectId}/mailboxes`)).body.items[0]!,
        parts: () => all<PartView>(`/projects/${projectId}/parts`),
        errors: () => all<ItemErrorView>(`/projects/${projectId}/errors`),
      };
    },
    close: () => system.close(),
  };
};
