import { randomUUID } from 'node:crypto';
import { operationStream, type MailboxView, type PartView } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import { waitFor } from '@pstream/testing';
import type { RunningTenant } from '@pstream/tenant-sim';

type Done = { readonly id: string; readonly stream: string; readonly version: number };
type Operation = { readonly operationId: string; readonly state: string; readonly rejected: number };
type List<T> = { readonly items: readonly T[]; readonly total: number };

/** Where an operator's requests are answered. */
export type Door = { readonly url: string; readonly token: string };

/** How often a view that is behind is asked for; the door waits for it each time. */
const BEHIND_TRIES = 20;

/** Does over HTTP what an operator does for one mailbox. */
export class Operator {
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  /** Customer, licences, endpoints, project, line items: everything before the first pass. `target` is the endpoint of the destination. Returns
   *  the project's id and those of the mailboxes. */
  async prepare(
    tenant: RunningTenant,
    target: Readonly<Record<string, unknown>>,
    container: string,
    users: readonly string[],
    name = 'Fabrikam',
  ): Promise<{ readonly projectId: string; readonly mailboxJobIds: readonly string[] }> {
    const { graphUrl, authorityUrl, tenantId, clientId, clientSecret } = tenant;
    const customer = await this.post<Done>('/customers', { name });
    await this.get(`/customers?atLeast=${seen(customer)}`);
    await this.post('/orders', { quantity: users.length, payment: 'card' });
    await this.#carryOut(`/customers/${customer.id}/bundles`, { users });
    const source = await this.post<Done>(`/customers/${customer.id}/endpoints`, {
      name: 'Tenant',
      kind: 'microsoft-365',
      tenantId,
      clientId,
      credential: { kind: 'secret', value: clientSecret },
      graphUrl,
      authorityUrl,
    });
    const destination = await this.post<Done>(`/customers/${customer.id}/endpoints`, { name: 'Storage', ...target });
    const project = await this.post<Done>(`/customers/${customer.id}/projects`, {
      name: 'Mailboxes',
      type: 'mailbox',
      sourceEndpointId: source.id,
      destinationEndpointId: destination.id,
      container,
    });
    await this.get(`/projects/${project.id}?atLeast=${seen(project)}`);
    const added = await this.post<Done>(`/projects/${project.id}/mailboxes`, {
      items: users.map((user) => ({ source: user, destination: `${user.split('@')[0]}.pst` })),
    });
    const { items } = await this.get<List<MailboxView>>(`/projects/${project.id}/mailboxes?atLeast=${seen(added)}`);
    return { projectId: project.id, mailboxJobIds: items.map(({ mailboxJobId }) => mailboxJobId) };
  }

  async start(projectId: string, kind: 'verify' | 'full'): Promise<void> {
    await this.#carryOut(`/projects/${projectId}/passes`, { kind, mailboxes: 'all' });
  }

  /** Requests an operation and waits for its end; every row must be accepted. */
  async #carryOut(path: string, body: unknown): Promise<void> {
    const { operationId } = await this.post<Operation>(path, body);
    const look = async (): Promise<Operation> => {
      await systemClock.sleep(50);
      // The views follow a moment later than in one process.
      return this.get<Operation>(`/operations/${operationId}?atLeast=${operationStream(operationId)}:1`);
    };
    const ended = await waitFor(look, { what: path, stallMs: 60_000, until: ({ state }) => state === 'finished' || state === 'failed' });
    if (ended.state === 'failed' || ended.rejected > 0) throw new Error(`${path} was refused: ${JSON.stringify(ended)}`);
  }

  /** Waits until the mailbox is as wanted; gives up when it stands still. */
  until(mailboxJobId: string, what: string, wanted: (view: MailboxView) => boolean, stallMs = 60_000): Promise<MailboxView> {
    const look = async (): Promise<MailboxView> => {
      await systemClock.sleep(50);
      return this.get<MailboxView>(`/mailboxes/${mailboxJobId}`);
    };
    return waitFor(look, { what, stallMs, until: wanted });
  }

  async parts(mailboxJobId: string): Promise<readonly PartView[]> {
    return (await this.get<List<PartView>>(`/mailboxes/${mailboxJobId}/parts`)).items;
  }

  /** Views that are behind for longer than the door waits are asked for again. */
  get<T>(path: string): Promise<T> {
    return this.#call('GET', path, undefined, BEHIND_TRIES);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call('POST', path, body);
  }

  /** A download as text. */
  async download(path: string): Promise<string> {
    const response = await fetch(`${this.#door.url}/v1${path}`, { headers: { authorization: `Bearer ${this.#door.token}` } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.text();
  }

  async #call<T>(method: string, path: string, body?: unknown, tries = 1): Promise<T> {
    const headers = { authorization: `Bearer ${this.#door.token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const response = await fetch(`${this.#door.url}/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 503 && tries > 1) return this.#call(method, path, body, tries - 1);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}

/** What `atLeast` takes. */
const seen = ({ stream, version }: Done): string => `${stream}:${version}`;
