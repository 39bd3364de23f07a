import type { ApiClient, EndpointBody, ItemError, Mailbox, Operation, Part } from '@pstream/api';
import { allPages, atItsEnd, rowsOf, WAIT_SECONDS } from '@pstream/api/client';
import { Fault, type Clock } from '@pstream/kernel';
import type { DemoOptions } from './options.js';
import type { Progress } from './progress.js';
import type { SpaceWatch } from './space-watch.js';
import type { DemoUser, TenantAddress } from './tenant.js';

/** The two projects of the demo: a mix of mailboxes and archives needs one of each type. */
const PROJECTS = [
  { name: 'Mailboxes', type: 'mailbox', container: 'mailboxes', kind: 'primary' },
  { name: 'Archives', type: 'archive', container: 'archives', kind: 'archive' },
] as const;

/** A project of the demo with the mailboxes in it. */
export type DemoProject = { readonly projectId: string; readonly kind: 'primary' | 'archive'; readonly name: string };

/** Everything that the main job needs, done through the API as an operator would. An interrupted demo finds what is
 *  there already and goes on. */
export class DemoFlow {
  readonly #api: ApiClient;
  readonly #clock: Clock;
  readonly #progress: Progress;
  readonly #options: DemoOptions;
  readonly #space: SpaceWatch;

  constructor(api: ApiClient, clock: Clock, progress: Progress, options: DemoOptions, space: SpaceWatch) {
    this.#space = space;
    this.#api = api;
    this.#clock = clock;
    this.#progress = progress;
    this.#options = options;
  }

  /** Customer, licences, endpoints, projects, Bulk Add. */
  async prepare(users: readonly DemoUser[], tenant: TenantAddress, out: string): Promise<DemoProject[]> {
    const customerId = await this.#customer();
    await this.#licences(customerId, users);
    const source = await this.#endpoint(customerId, {
      name: 'Simulated tenant',
      kind: 'microsoft-365',
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      credential: { kind: 'secret', value: tenant.clientSecret },
      graphUrl: tenant.graphUrl,
      authorityUrl: tenant.authorityUrl,
    });
    const destination = await this.#endpoint(customerId, { name: 'Output folder', kind: 'folder', path: out });
    const projects: DemoProject[] = [];
    for (const plan of PROJECTS) {
      const members = plan.kind === 'archive' ? users.filter((user) => user.hasArchive) : users;
      if (members.length === 0) continue;
      const projectId = await this.#project(customerId, source, destination, plan);
      const { total } = await this.#mailboxes(projectId);
      if (total === 0) {
        await this.#api.addMailboxes({ params: { projectId }, csv: bulkAdd(members), idempotencyKey: `bulk-add-${plan.kind}` });
        this.#progress.say(`✓ Bulk Add: ${members.length} line items in project ${plan.name}`);
      }
      projects.push({ projectId, kind: plan.kind, name: plan.name });
    }
    await this.#until(
      'Bulk Add',
      projects,
      (views) =>
        views.length ===
        projects.reduce(
          (sum, project) => sum + (project.kind === 'archive' ? users.filter((user) => user.hasArchive).length : users.length),
          0,
        ),
    );
    return projects;
  }

  /** Verify Credentials for every mailbox that was never submitted. */
  async verify(projects: readonly DemoProject[]): Promise<void> {
    const fresh = (view: Mailbox): boolean => view.status === 'Not Submitted';
    if (!(await this.#start(projects, 'verify', fresh, 'verify'))) return;
    const views = await this.#until('Verify Credentials', projects, (all) =>
      all.every((view) => view.pass?.kind !== 'verify' || view.pass.endedAt !== null),
    );
    const bad = views.filter((view) => view.status === 'Verification failed');
    for (const view of bad) this.#progress.say(`✗ ${view.source}: ${view.cause?.code ?? 'failed'}. ${view.cause?.advice ?? ''}`);
    if (bad.length > 0)
      throw new Fault('demo.verification-failed', {
        message: `Verify Credentials failed for ${bad.length} of ${views.length} mailboxes; see above.`,
        retry: 'never',
      });
    this.#progress.say(`✓ Verify Credentials: ${views.length} of ${views.length} passed`);
  }

  /** Full Migration of every mailbox that has none yet; what was failed or stopped is resumed. */
  async migrate(projects: readonly DemoProject[]): Promise<void> {
    await this.#start(projects, 'full', (view) => view.pass?.kind === 'verify', 'full');
    const views = await this.#until('Full Migration', projects, (all) => all.every(isDone));
    const failed = views.filter((view) => view.status === 'Failed').length;
    for (const view of views.filter(({ mime }) => mime > 0)) await this.#tell(view, 'mime', 'exported as MIME');
    for (const view of views.filter(({ doubts }) => doubts > 0)) await this.#tell(view, 'doubts', 'exported with doubts');
    this.#progress.say(
      `${failed === 0 ? '✓' : '✗'} Full Migration: ${views.length - failed} of ${views.length} mailboxes${failed === 0 ? '' : `, ${failed} failed`}`,
    );
  }

  /** Retry Errors, where a finished pass has errors. */
  async retryErrors(projects: readonly DemoProject[]): Promise<void> {
    const wrong = (await this.#all(projects)).filter(
      (view) => view.status === 'Completed with errors' && view.pass?.kind !== 'retry-errors',
    );
    if (wrong.length === 0) return;
    for (const view of wrong) await this.#tell(view, 'failed', 'not exported');
    await this.#start(projects, 'retry-errors', (view) => wrong.some((other) => other.mailboxJobId === view.mailboxJobId), 'retry');
    const views = await this.#until('Retry Errors', projects, (all) => all.every(isDone));
    const left = views.reduce((sum, view) => sum + view.totals.failed, 0);
    const folders = views.reduce((sum, view) => sum + view.foldersNotListed, 0);
    const missing = [
      ...(left === 0 ? [] : [`${left} items still fail`]),
      ...(folders === 0 ? [] : [`${folders} folders could not be listed`]),
    ];
    this.#progress.say(
      `${missing.length === 0 ? '✓' : '!'} Retry Errors: ${missing.length === 0 ? 'every failed item was mended' : missing.join(', ')}`,
    );
  }

  /** The mailboxes with their parts, once every part has been verified or the wait has no end in sight. */
  async outcome(project: DemoProject): Promise<readonly { readonly view: Mailbox; readonly parts: readonly Part[] }[]> {
    const { items } = await this.#mailboxes(project.projectId);
    const result = [];
    for (const view of items) {
      const { mailboxJobId } = view;
      const parts = await allPages((query) => this.#api.listMailboxParts({ params: { mailboxJobId }, query }));
      result.push({ view, parts: [...parts.items].sort((a, b) => a.ordinal - b.ordinal) });
    }
    return result;
  }

  /** The items of a mailbox that ended so, with the reason, those with the same one together. */
  async #tell(view: Mailbox, outcome: ItemError['outcome'], what: string): Promise<void> {
    const { items } = await allPages((page) =>
      this.#api.listMailboxErrors({ params: { mailboxJobId: view.mailboxJobId }, query: { ...page, outcome } }),
    );
    for (const alike of Map.groupBy(items, ({ itemType, code }) => `${itemType} ${code}`).values()) {
      const { itemType, code } = alike[0]!;
      const who = alike.length === 1 ? `one ${itemType} was` : `${alike.length} ${itemType} were`;
      this.#progress.say(`! ${view.source}: ${who} ${what} (${code})`);
    }
  }

  async #customer(): Promise<string> {
    const { items } = await this.#api.listCustomers();
    if (items[0] !== undefined) return items[0].customerId;
    const { id, stream, version } = await this.#api.createCustomer({ body: { name: 'Demo' }, idempotencyKey: 'customer' });
    await this.#api.listCustomers({ query: { atLeast: `${stream}:${version}` } });
    this.#progress.say('✓ Customer: Demo');
    return id;
  }

  async #licences(customerId: string, users: readonly DemoUser[]): Promise<void> {
    const { total } = await this.#api.listBundles({ params: { customerId }, query: { limit: 1 } });
    if (total > 0) return;
    await this.#api.placeOrder({ body: { quantity: users.length, payment: 'card' }, idempotencyKey: 'order' });
    const named = users.map((user) => user.userPrincipalName);
    const body = { users: named };
    await this.#carriedOut(
      await this.#api.applyBundles({ params: { customerId }, body, idempotencyKey: 'bundles', waitSeconds: WAIT_SECONDS }),
    );
    this.#progress.say(`✓ Licences: ${users.length} User Migration Bundles bought (trial card, no money moves) and applied`);
  }

  async #endpoint(customerId: string, body: EndpointBody): Promise<string> {
    const { items } = await this.#api.listEndpoints({ params: { customerId } });
    const known = items.find((endpoint) => endpoint.name === body.name);
    if (known !== undefined) return known.endpointId;
    const { id } = await this.#api.addEndpoint({ params: { customerId }, body, idempotencyKey: `endpoint-${body.name}` });
    this.#progress.say(`✓ Endpoint: ${body.name}`);
    return id;
  }

  async #project(customerId: string, source: string, destination: string, plan: (typeof PROJECTS)[number]): Promise<string> {
    const { items } = await this.#api.listCustomerProjects({ params: { customerId } });
    const known = items.find((project) => project.name === plan.name);
    if (known !== undefined) return known.projectId;
    const body = {
      name: plan.name,
      type: plan.type,
      sourceEndpointId: source,
      destinationEndpointId: destination,
      container: plan.container,
      partBytes: this.#options.partBytes,
    };
    const { id, stream, version } = await this.#api.createProject({
      params: { customerId },
      body,
      idempotencyKey: `project-${plan.kind}`,
    });
    await this.#api.getProject({ params: { projectId: id }, query: { atLeast: `${stream}:${version}` } });
    this.#progress.say(`✓ Project: ${plan.name}`);
    return id;
  }

  async #start(
    projects: readonly DemoProject[],
    kind: 'verify' | 'full' | 'retry-errors',
    wanted: (view: Mailbox) => boolean,
    purpose: string,
  ): Promise<boolean> {
    let started = false;
    for (const project of projects) {
      const { items } = await this.#mailboxes(project.projectId);
      const chosen = items.filter(wanted).map((view) => view.mailboxJobId);
      if (chosen.length === 0) continue;
      const requested = await this.#api.startPasses({
        params: { projectId: project.projectId },
        body: { kind, mailboxes: chosen },
        idempotencyKey: `${purpose}-${project.kind}`,
        waitSeconds: WAIT_SECONDS,
      });
      const rejected = await rowsOf(this.#api, await this.#carriedOut(requested), 'rejected');
      for (const { source, reason } of rejected) this.#progress.say(`✗ ${source}: ${reason?.title}. ${reason?.detail}`);
      if (rejected.length > 0)
        throw new Fault('demo.refused', { message: `${rejected.length} mailboxes could not be started; see above.`, retry: 'never' });
      // The views follow a moment later.
      await this.#until(kind, [project], (views) =>
        views.filter((view) => chosen.includes(view.mailboxJobId)).every((view) => view.pass?.kind === kind),
      );
      started = true;
    }
    return started;
  }

  /** Waits for the end of an operation. Fault 'demo.refused' if it fails as a whole. */
  async #carriedOut(requested: Operation): Promise<Operation> {
    let last = requested.done;
    let changedMs = this.#clock.monotonicMs();
    // The services wait for space, and so would the demo.
    const operation = await atItsEnd(this.#api, requested, async ({ done }) => {
      if (done !== last) changedMs = this.#clock.monotonicMs();
      last = done;
      await this.#space.check(this.#clock.monotonicMs() - changedMs);
    });
    if (operation.cause === null) return operation;
    throw new Fault('demo.refused', { message: `${operation.cause.title}. ${operation.cause.detail}`, retry: 'never' });
  }

  async #until(title: string, projects: readonly DemoProject[], done: (views: readonly Mailbox[]) => boolean): Promise<readonly Mailbox[]> {
    let last = '';
    let changedMs = this.#clock.monotonicMs();
    for (;;) {
      const views = await this.#all(projects);
      if (done(views)) return views;
      const now = JSON.stringify(views);
      if (now !== last) changedMs = this.#clock.monotonicMs();
      last = now;
      await this.#space.check(this.#clock.monotonicMs() - changedMs);
      this.#progress.show(title, views);
      await this.#clock.sleep(300);
    }
  }

  async #all(projects: readonly DemoProject[]): Promise<Mailbox[]> {
    const all: Mailbox[] = [];
    for (const project of projects) all.push(...(await this.#mailboxes(project.projectId)).items);
    return all;
  }

  #mailboxes(projectId: string): Promise<{ readonly items: readonly Mailbox[]; readonly total: number }> {
    return allPages((query) => this.#api.listMailboxes({ params: { projectId }, query }));
  }
}

const isDone = (view: Mailbox): boolean => view.pass?.kind !== 'verify' && view.pass?.endedAt !== null && view.pass !== null;

/** A CSV as an administrator would bring it: name of the PST after the user, with the domain where two share it. */
const bulkAdd = (users: readonly DemoUser[]): string => {
  const local = (user: DemoUser): string =>
    user.userPrincipalName
      .split('@')[0]!
      .toLowerCase()
      .replace(/[^a-z0-9._-]/g, '_');
  const rows = users.map((user) => {
    const isShared = users.some((other) => other !== user && local(other) === local(user));
    return `${user.userPrincipalName},${isShared ? user.userPrincipalName.toLowerCase().replace(/[^a-z0-9._-]/g, '_') : local(user)}.pst`;
  });
  return `Source,Destination\n${rows.join('\n')}\n`;
};
