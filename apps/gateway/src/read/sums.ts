import { Inject, Injectable } from '@nestjs/common';
import {
  discoveryScope,
  discoverySums,
  errorScope,
  flowHours,
  flowMinutes,
  flowScope,
  mailboxScope,
  mailboxSums,
  openErrors,
  VIEWS,
  type Amounts,
  type DiscoverySums,
  type FlowMinute,
  type MailboxIn,
  type MailboxSums,
  type SumOf,
} from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { waitForSums, type Filter, type ProjectionReader } from '@pstream/projections';
import { CLOCK, PROJECTION_STORE } from '@pstream/wiring';
import { leftOf } from './views.js';

const DAY_MS = 86_400_000;

/** Where a sum is asked for: some customers together are a workgroup among others, some projects those that an agent sees. */
export type SumOver = SumOf | { readonly customers: readonly string[] } | { readonly projects: readonly string[] };

const partsOf = (over: SumOver): SumOf[] => {
  if (over === 'workgroup') return [over];
  if ('customers' in over) return over.customers.map((customerId) => ({ customerId }));
  return 'projects' in over ? over.projects.map((projectId) => ({ projectId })) : [over];
};

const narrowed = (over: SumOver): Filter => {
  if (over === 'workgroup' || 'projectId' in over || 'projects' in over) return {};
  return { customerId: 'customers' in over ? { in: over.customers } : over.customerId };
};

const together = (sums: Iterable<readonly [string, Amounts]>): Amounts => {
  const all: Record<string, number> = {};
  for (const [, amounts] of sums) for (const [name, amount] of Object.entries(amounts)) all[name] = (all[name] ?? 0) + amount;
  return all;
};

/** Reads sums over many mailboxes: never the mailboxes themselves. */
@Injectable()
export class Sums {
  constructor(
    @Inject(PROJECTION_STORE) private readonly reader: ProjectionReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Sums over mailboxes. With `atLeast`, once they count what the view of the mailboxes shows of that command.
   *  Fault 'projection.behind' (retry). */
  async of(over: SumOver, atLeast?: string): Promise<MailboxSums & { readonly openErrors: number }> {
    if (atLeast !== undefined && (over === 'workgroup' || 'projectId' in over || 'customerId' in over))
      await this.#counted(mailboxScope(over), over, atLeast);
    const parts = partsOf(over);
    const [mailboxes, errors] = await Promise.all([
      this.reader.sums(VIEWS.mailboxes, parts.map(mailboxScope)),
      this.reader.sums(VIEWS.errors, parts.map(errorScope)),
    ]);
    return { ...mailboxSums(together(mailboxes)), openErrors: openErrors(together(errors)) - (await this.#leftErrors(over)) };
  }

  /** What the files of runs or of Discovery projects have become, by the ids of these and in their order. */
  async discovery(ids: readonly string[]): Promise<DiscoverySums[]> {
    const sums = await this.reader.sums(VIEWS.discoveryFiles, ids.map(discoveryScope));
    return ids.map((id) => discoverySums(sums.get(discoveryScope(id)) ?? {}));
  }

  /** Open errors that mailboxes left behind in projects that they are no longer in: they stay on record and count nowhere. */
  async #leftErrors(of: SumOver): Promise<number> {
    const filter = { shrunk: true, ...narrowed(of) };
    const ids = of === 'workgroup' ? undefined : 'projectId' in of ? [of.projectId] : 'projects' in of ? of.projects : undefined;
    const projects =
      ids === undefined
        ? (await this.reader.find(VIEWS.projects, { filter, sort: 'name' })).documents
        : await Promise.all(ids.map((id) => this.reader.get(VIEWS.projects, id)));
    const left = projects.flatMap((project) =>
      leftOf(project?.document).map((mailboxJobId) => errorScope({ projectId: project?.id ?? '', mailboxJobId })),
    );
    if (left.length === 0) return 0;
    return [...(await this.reader.sums(VIEWS.errors, left)).values()].reduce((sum, amounts) => sum + openErrors(amounts), 0);
  }

  /** How many errors are open, by mailbox. */
  async openErrors(mailboxes: readonly MailboxIn[]): Promise<ReadonlyMap<string, number>> {
    const scopeOf = new Map(mailboxes.map((mailbox) => [mailbox.mailboxJobId, errorScope(mailbox)]));
    const sums = await this.reader.sums(VIEWS.errors, [...scopeOf.values()]);
    return new Map([...scopeOf].map(([mailboxJobId, scope]) => [mailboxJobId, openErrors(sums.get(scope) ?? {})]));
  }

  /** The minutes of the last 24 hours in which something came in or something waited, oldest first. */
  async throughput(over: SumOver): Promise<FlowMinute[]> {
    const now = this.clock.now();
    const hours = flowHours(now);
    const scopesOf = (hour: string): string[] => partsOf(over).map((of) => flowScope(hour, of));
    const sums = await this.reader.sums(VIEWS.flow, hours.flatMap(scopesOf));
    const of = (hour: string): Amounts => together(scopesOf(hour).map((scope) => [scope, sums.get(scope) ?? {}] as const));
    const dayAgo = new Date(Date.parse(now) - DAY_MS).toISOString();
    return hours.flatMap((hour) => flowMinutes(hour, of(hour))).filter(({ at }) => at >= dayAgo);
  }

  /** A pass concerns one mailbox. What else changes sums adds mailboxes: then as many are counted as there are. */
  async #counted(scope: string, of: SumOf, atLeast: string): Promise<void> {
    const [kind, id = ''] = atLeast.split(':');
    const { reader, clock } = this;
    if (kind === 'mailbox-job') {
      const { current } = await reader.revisions(VIEWS.mailboxes, id);
      await waitForSums(clock, VIEWS.mailboxes, current, async () => (await reader.revisions(VIEWS.mailboxes, id)).counted);
    } else if (of !== 'workgroup' && 'projectId' in of) {
      const { total } = await reader.find(VIEWS.mailboxes, { filter: { projectId: of.projectId }, limit: 0 });
      await waitForSums(
        clock,
        VIEWS.mailboxes,
        total,
        async () => (await reader.sums(VIEWS.mailboxes, [scope])).get(scope)?.['mailboxes'] ?? 0,
      );
    }
  }
}
