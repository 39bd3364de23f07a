import { join } from 'node:path';
import type { MailboxView, PartView } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { readConfig } from '@pstream/nest';
import { standaloneKeys, startSystem, type System } from '@pstream/standalone';
import { generatedTenant, startTenant, type RunningTenant, type TenantOptions } from '@pstream/tenant-sim';

/** An answer of the API, whatever its status. */
export type Answer<T = Record<string, unknown>> = { readonly status: number; readonly body: T };

/** The embedded system and a made-up tenant in this process, and a way to speak to the system's API. */
export type Running = {
  readonly system: System;
  readonly tenant: RunningTenant;
  readonly out: string;
  readonly get: <T = Record<string, unknown>>(path: string) => Promise<Answer<T>>;
  readonly post: <T = Record<string, unknown>>(path: string, body: unknown) => Promise<Answer<T>>;
  /** Customer, licences, endpoints and a project with one mailbox; `secret` is what the source endpoint signs in with. */
  readonly prepare: (options?: { readonly secret?: string; readonly destination?: string }) => Promise<{
    readonly projectId: string;
    readonly sourceId: string;
    readonly mailbox: () => Promise<MailboxView>;
    readonly parts: () => Promise<readonly PartView[]>;
  }>;
  close(): Promise<void>;
};

/** How many items the mailbox has, what goes wrong in the tenant, and the settings of the system. */
export type RunningOptions = Pick<TenantOptions, 'faults' | 'recoverable'> & { readonly items: number; readonly size?: 'small' | 'mail'; readonly env?: Readonly<Record<string, string>> };

/** Starts both in a directory of the test. */
export const startRunning = async (dir: string, options: RunningOptions): Promise<Running> => {
  const { items, size = 'small', env = {}, ...more } = options;
  const tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: items, sizeProfile: size }), ...more });
  const config = readConfig(standaloneKeys, env, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' });
  const system = await startSystem(config, { clock: systemClock, ids: systemIds, random: systemRandom, log: { write: () => undefined } });
  const out = join(dir, 'out');
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
  return {
    system,
    tenant,
    out,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    prepare: async ({ secret = tenant.clientSecret, destination = out } = {}) => {
      const customer = await made('/customers', { name: 'Contoso' });
      await seen(`/customers?atLeast=${customer.stream}:${customer.version}`);
      await made('/orders', { quantity: 1, payment: 'card' });
      await made(`/customers/${customer.id}/bundles`, { users: ['user1@fabrikam.test'] });
      const { graphUrl, authorityUrl, tenantId, clientId } = tenant;
      const source = await made(`/customers/${customer.id}/endpoints`, { name: 'tenant', kind: 'microsoft-365', tenantId, clientId, graphUrl, authorityUrl, credential: { kind: 'secret', value: secret } });
      const target = await made(`/customers/${customer.id}/endpoints`, { name: 'folder', kind: 'folder', path: destination });
      const project = await made(`/customers/${customer.id}/projects`, { name: 'Leavers', type: 'mailbox', sourceEndpointId: source.id, destinationEndpointId: target.id, container: 'mailboxes' });
      await seen(`/projects/${project.id}?atLeast=${project.stream}:${project.version}`);
      const added = await made(`/projects/${project.id}/mailboxes`, { items: [{ source: 'user1@fabrikam.test', destination: 'user1.pst' }] });
      await seen(`/projects/${project.id}/mailboxes?atLeast=${added.stream}:${added.version}`);
      const mailbox = async (): Promise<MailboxView> => {
        const { body } = await call<{ items: MailboxView[] }>('GET', `/projects/${project.id}/mailboxes`);
        return body.items[0]!;
      };
      return { projectId: project.id, sourceId: source.id, mailbox, parts: async () => (await call<{ items: PartView[] }>('GET', `/projects/${project.id}/parts`)).body.items };
    },
    close: async () => {
      await system.close();
      await tenant.close();
    },
  };
};

/** Asks until the answer is as wanted; tells the last answer when it never is. */
export const eventually = async <T>(ask: () => Promise<T>, wanted: (value: T) => boolean, withinMs = 60_000, everyMs = 50): Promise<T> => {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (performance.now() > end) throw new Error(`still not so: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
