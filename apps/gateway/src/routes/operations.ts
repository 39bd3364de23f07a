import { Inject, Injectable } from '@nestjs/common';
import { Operation, textOf, type OperationRow, type Selection } from '@pstream/api';
import {
  operationStream,
  OperationRowView,
  OperationView,
  queuedOperation,
  VIEWS,
  type OperationSelection,
  type OperationWork,
} from '@pstream/contracts';
import type { Clock, Facts } from '@pstream/kernel';
import type { Filter } from '@pstream/projections';
import { CLOCK } from '@pstream/wiring';
import type { Caller } from '../door/http.js';
import { problem } from '../door/problem.js';
import { NameHolders, type Tell } from '../read/name-holders.js';
import { Scope } from '../scope/scope.js';
import { Views, type Page, type PageOf } from '../read/views.js';
import { idFor, Sender } from '../send/sender.js';

/** What an operation is asked for: mailboxes of a project, or users of a customer. */
export type Wanted = {
  readonly customerId: string;
  readonly projectId: string | null;
  readonly work: OperationWork;
  readonly selection: OperationSelection;
};

/** How long an answer waits for the request to be readable; then it says what was requested. */
const READABLE_WITHIN_MS = 100;
/** How long the answer about an operation that has ended waits for the lists that it changed. */
const SHOWN_WITHIN_MS = 5_000;
const FIRST_LOOK_MS = 2;
const LONGEST_LOOK_MS = 50;

/** Requests operations, and says how far they are. */
@Injectable()
export class Operations {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(NameHolders) private readonly holders: NameHolders,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Puts a request on record; with `Prefer: wait` it waits for the end. Problem 'project.unknown' (404). */
  async request(caller: Caller, wanted: Wanted): Promise<Operation> {
    const intent = this.sender.intent(caller);
    const operationId = idFor(intent, 'operation');
    const body = { workgroupId: caller.principal.workgroupId, operationId, ...wanted };
    const { version } = await this.sender.send(intent, 'projects', 'RequestOperation', body);
    const readable = await this.views.shows(VIEWS.operations, [{ stream: operationStream(operationId), version }], READABLE_WITHIN_MS);
    if (readable || caller.waitMs > 0) {
      const known = await this.#until(operationId, caller.waitMs);
      if (known !== undefined) return known;
    }
    return this.#shaped(queuedOperation({ operationId, ...wanted, by: caller.by, at: this.clock.now() }), false);
  }

  /** Problem 'operation.unknown' (404). */
  async show(caller: Caller, operationId: string): Promise<Operation> {
    const known = await this.#until(operationId, caller.waitMs);
    if (known === undefined) throw problem('operation.unknown', 404);
    return known;
  }

  /** A page of operations, newest first. */
  async list({ principal }: Caller, projectId: string | undefined, page: Page): Promise<PageOf<Operation>> {
    const filter: Filter = { ...(await this.scope.within(principal)), ...among(projectId, await this.scope.projects(principal)) };
    const found = await this.views.page(VIEWS.operations, OperationView, filter, page, '-createdAt');
    return { ...found, items: found.items.map((view) => this.#shaped(view, isEnded(view))) };
  }

  /** A page of the rows of an operation, in their order. Problem 'operation.unknown' (404). */
  async rows(caller: Caller, operationId: string, outcome: OperationRow['outcome'] | undefined, page: Page): Promise<PageOf<OperationRow>> {
    await this.views.need(VIEWS.operations, OperationView, operationId, 'operation.unknown');
    const filter = { operationId, ...(outcome === undefined ? {} : { outcome }) };
    const found = await this.views.page(VIEWS.operationRows, OperationRowView, filter, page, 'row');
    const tell = this.holders.tellFor(caller);
    return { ...found, items: await Promise.all(found.items.map((view) => rowOf(view, tell))) };
  }

  /** The operation at its end and in the lists that it changes, or as it is when the time is up. */
  async #until(operationId: string, waitMs: number): Promise<Operation | undefined> {
    const until = this.clock.monotonicMs() + waitMs;
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
      const view = await this.views.get(VIEWS.operations, OperationView, operationId);
      const left = Math.max(0, until - this.clock.monotonicMs());
      if (view !== undefined && isEnded(view)) {
        const list = view.verb === 'apply-bundles' ? VIEWS.bundles : VIEWS.mailboxes;
        return this.#shaped(view, await this.views.shows(list, view.last, Math.min(left, SHOWN_WITHIN_MS)));
      }
      if (left === 0) return view === undefined ? undefined : this.#shaped(view, false);
      await this.clock.sleep(Math.min(wait, left));
    }
  }

  #shaped({ cause, total, done, last: _last, ...view }: OperationView, shown: boolean): Operation {
    return {
      ...view,
      total,
      done,
      progress: isEnded(view) ? 1 : total === null || total === 0 ? 0 : done / total,
      cause: cause === null ? null : reasonOf(cause.code, cause.facts),
      shown,
    };
  }
}

/** How a request names mailboxes, as the operation keeps it. */
export const selectionOf = (selection: Selection): OperationSelection => {
  if (selection === 'all') return { by: 'all' };
  return Array.isArray(selection) ? { by: 'list', entries: selection } : { by: 'status', statuses: selection.status };
};

/** One project, or those that somebody sees; nothing if that one is hidden. */
const among = (projectId: string | undefined, seen: readonly string[] | undefined): Filter => {
  if (seen === undefined) return projectId === undefined ? {} : { projectId };
  return { projectId: { in: seen.filter((id) => projectId === undefined || id === projectId) } };
};

const isEnded = ({ state }: Pick<OperationView, 'state'>): boolean => state === 'finished' || state === 'failed';

const reasonOf = (code: string, facts: Facts): { readonly code: string; readonly title: string; readonly detail: string } => ({
  code,
  ...textOf(code, facts),
});

const rowOf = async (
  { row, mailboxJobId, source, outcome, code, facts, stream, version, renamed, parts, at }: OperationRowView,
  tell: Tell,
): Promise<OperationRow> => ({
  row,
  mailboxJobId,
  source,
  outcome,
  stream,
  version,
  renamed: renamed ?? null,
  parts:
    parts?.map(({ why, cause, ...part }) => ({ ...part, reason: why === null ? null : reasonOf(why, { cause: cause ?? null }) })) ?? null,
  reason: code === null ? null : reasonOf(code, (await tell({ code, facts })).words),
  at,
});
