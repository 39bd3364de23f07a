import { join } from 'node:path';
import type { FolderSums } from '@pstream/api';
import type { ItemErrorView, MailboxView, PartView } from '@pstream/contracts';
import { systemIds, systemRandom, type Clock } from '@pstream/kernel';
import { readConfig } from '@pstream/wiring';
import { standaloneKeys, startSystem } from '@pstream/standalone';
import type { RunningTenant } from '@pstream/tenant-sim';
import { apiOf, type Api } from './api.js';

/** How to sign in to a tenant. */
export type Access = {
  readonly graphUrl: string;
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly outOfScope?: string;
};

/** Signing in as the app that the simulator knows. */
export const accessOf = ({ graphUrl, authorityUrl, tenantId, clientId, clientSecret }: RunningTenant): Access => ({
  graphUrl,
  authorityUrl,
  tenantId,
  clientId,
  secret: clientSecret,
});

/** What a project exports, and the folder that it exports to: one of its own below the test's `out`, unless it is named. */
export type Kind = { readonly type?: 'mailbox' | 'archive' | undefined; readonly folder?: string };

/** One mailbox, or one in-place archive, in a project of its own. */
export type Exported = {
  readonly projectId: string;
  readonly sourceId: string;
  readonly mailbox: () => Promise<MailboxView>;
  readonly parts: () => Promise<readonly PartView[]>;
  /** Every item that was not exported as its stream. */
  readonly errors: () => Promise<readonly ItemErrorView[]>;
  readonly folders: () => Promise<readonly FolderSums[]>;
};

/** The embedded system with licences for many users and any number of projects. */
export type Fleet = Pick<Api, 'get' | 'post' | 'send' | 'shows' | 'file' | 'stream'> & {
  /** A project with one mailbox of that tenant. */
  readonly add: (user: string, access: Access, kind?: Kind) => Promise<Exported>;
  /** A project with many. */
  readonly addAll: (
    users: readonly string[],
    access: Access,
    kind?: Kind,
  ) => Promise<{ readonly projectId: string; readonly sourceId: string }>;
  close(): Promise<void>;
};

/** Starts the system in a directory of the test, with a licence and a bundle for each of the users. */
export const startFleet = async (
  dir: string,
  users: readonly string[],
  ports: { readonly clock: Clock; readonly env?: Readonly<Record<string, string>> },
): Promise<Fleet> => {
  const config = readConfig(standaloneKeys, ports.env ?? {}, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' });
  const system = await startSystem(
    config,
    { clock: ports.clock, ids: systemIds, random: systemRandom, log: { write: () => undefined } },
    'inline',
  );
  const { get, post, send, file, stream, make, shows, all } = apiOf(system);
  const customer = await make('/customers', { name: 'Contoso' });
  await shows('/customers', customer);
  await make('/orders', { quantity: users.length, payment: 'card' });
  await make(`/customers/${customer.id}/bundles`, { users });
  let count = 0;
  const addAll: Fleet['addAll'] = async (mailboxes, { secret, ...access }, { type = 'mailbox', folder } = {}) => {
    const name = `${String(++count)} ${type}`;
    const source = await make(`/customers/${customer.id}/endpoints`, {
      name: `tenant ${name}`,
      kind: 'microsoft-365',
      ...access,
      credential: { kind: 'secret', value: secret },
    });
    const target = await make(`/customers/${customer.id}/endpoints`, {
      name: `folder ${name}`,
      kind: 'folder',
      path: folder ?? join(dir, 'out', String(count)),
    });
    const project = await make(`/customers/${customer.id}/projects`, {
      name,
      type,
      sourceEndpointId: source.id,
      destinationEndpointId: target.id,
      container: 'mailboxes',
    });
    await shows(`/projects/${project.id}`, project);
    const items = mailboxes.map((user) => ({ source: user, destination: `${user.split('@')[0]!}.pst` }));
    await shows(`/projects/${project.id}/mailboxes`, await make(`/projects/${project.id}/mailboxes`, { items }));
    return { projectId: project.id, sourceId: source.id };
  };
  return {
    get,
    post,
    send,
    shows,
    file,
    stream,
    addAll,
    add: async (user, access, kind) => {
      const { projectId, sourceId } = await addAll([user], access, kind);
      const mailbox = async (): Promise<MailboxView> =>
        (await get<{ items: MailboxView[] }>(`/projects/${projectId}/mailboxes`)).body.items[0]!;
      return {
        projectId,
        sourceId,
        mailbox,
        parts: () => all<PartView>(`/projects/${projectId}/parts`),
        errors: () => all<ItemErrorView>(`/projects/${projectId}/errors`),
        folders: async () => all<FolderSums>(`/mailboxes/${(await mailbox()).mailboxJobId}/folders`),
      };
    },
    close: () => system.close(),
  };
};
