import { Inject, Injectable } from '@nestjs/common';
import type { ProblemCode } from '@pstream/api';
import { Fault, isFault, type Clock } from '@pstream/kernel';
import { CLOCK, PROJECTION_STORE } from '@pstream/wiring';
import { waitForVersion, type Document, type Filter, type ProjectionReader } from '@pstream/projections';
import { isExport, ProjectView, VIEWS, type ExportProjectView } from '@pstream/contracts';
import type { z } from 'zod';
import { problem } from '../door/problem.js';
import type { StoredMailbox } from './stored.js';

/** Which page of a list: how many items, the `next` of the page before, and a text to search for. */
export type Page = { readonly limit: number; readonly cursor?: string | undefined; readonly search?: string | undefined };
export type PageOf<T> = { readonly items: T[]; readonly total: number; readonly limit: number; readonly next: string | null };

type ViewName = (typeof VIEWS)[keyof typeof VIEWS];

/** Kinds of streams of the context `projects`. */
const PROJECTS = ['customer', 'endpoint', 'project', 'roster', 'mailbox-job', 'item-errors', 'operation'];

/** Kinds of streams that feed each read model: waiting for any other would never end. */
const FEEDING: Readonly<Record<ViewName, readonly string[]>> = {
  [VIEWS.customers]: PROJECTS,
  [VIEWS.endpoints]: PROJECTS,
  [VIEWS.projects]: PROJECTS,
  [VIEWS.operations]: PROJECTS,
  [VIEWS.operationRows]: PROJECTS,
  [VIEWS.licences]: ['licence-pool'],
  [VIEWS.bundles]: ['licence-pool'],
  [VIEWS.coupons]: ['coupon'],
  [VIEWS.mailboxes]: [...PROJECTS, 'verification', 'extraction', 'part', 'build'],
  [VIEWS.parts]: ['part', 'build'],
  [VIEWS.errors]: [...PROJECTS, 'extraction', 'part', 'build'],
  [VIEWS.folders]: ['extraction', 'part', 'build'],
  [VIEWS.flow]: ['extraction'],
  [VIEWS.agents]: ['workgroup'],
  [VIEWS.workgroups]: ['workgroup'],
  [VIEWS.audit]: [],
  [VIEWS.plans]: ['admission'],
  [VIEWS.subscriptions]: ['notice-rules'],
  [VIEWS.notices]: ['notice-outbox'],
  [VIEWS.noticeTemplates]: ['notice-templates'],
  [VIEWS.discoveryRuns]: ['discovery-run', 'discovery-report'],
  [VIEWS.discoveryFiles]: ['discovery-run', 'discovery-report'],
  [VIEWS.statistics]: [...PROJECTS, 'extraction', 'part', 'build'],
};

const ALL_AT_ONCE = 1_000;

/** Reads the read models. */
@Injectable()
export class Views {
  constructor(
    @Inject(PROJECTION_STORE) private readonly reader: ProjectionReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Waits until each of the read models shows what a command did. Problem 'request.at-least' (400); Fault 'projection.behind' (retry). */
  async atLeast(wanted: string | undefined, views: readonly ViewName[]): Promise<void> {
    if (wanted === undefined) return;
    const colon = wanted.lastIndexOf(':');
    const stream = wanted.slice(0, colon);
    const fed = views.filter((view) => FEEDING[view].includes(stream.split(':')[0] ?? ''));
    if (fed.length === 0) throw problem('request.at-least', 400);
    await Promise.all(
      fed.map((projection) => waitForVersion(this.reader, this.clock, { projection, stream, version: Number(wanted.slice(colon + 1)) })),
    );
  }

  /** Whether a read model shows every one of these streams before the time is up. */
  async shows(
    projection: ViewName,
    streams: readonly { readonly stream: string; readonly version: number }[],
    timeoutMs: number,
  ): Promise<boolean> {
    const until = this.clock.monotonicMs() + timeoutMs;
    try {
      for (const { stream, version } of streams) {
        await waitForVersion(this.reader, this.clock, {
          projection,
          stream,
          version,
          timeoutMs: Math.max(0, until - this.clock.monotonicMs()),
        });
      }
      return true;
    } catch (error) {
      if (isFault(error) && error.code === 'projection.behind') return false;
      throw error;
    }
  }

  /** Version of a stream as a read model shows it, for the ETag of what is read next. */
  version(view: ViewName, stream: string): Promise<number> {
    return this.reader.position(view, stream);
  }

  /** One document as its schema names it; undefined if there is none. */
  async get<S extends z.ZodType>(view: ViewName, schema: S, id: string): Promise<z.infer<S> | undefined> {
    const stored = await this.reader.get(view, id);
    return stored === undefined || isHidden(stored.document) ? undefined : shaped(view, schema, stored.document);
  }

  /** Narrows a list of what became of mailboxes to those that are still in the project. */
  async stillIn(projectId: string): Promise<Filter> {
    const left = leftOf((await this.reader.get(VIEWS.projects, projectId))?.document);
    return { projectId, ...(left.length > 0 ? { mailboxJobId: { notIn: left } } : {}) };
  }

  /** The project that a mailbox is in, or was in before it was removed. Problem 'mailbox-job.unknown' (404). */
  async projectOf(mailboxJobId: string): Promise<string> {
    const { removedFrom, projectId } = (await this.reader.get(VIEWS.mailboxes, mailboxJobId))?.document ?? {};
    const id = (removedFrom as { readonly projectId: string } | undefined)?.projectId ?? projectId;
    if (typeof id !== 'string' || id === '') throw problem('mailbox-job.unknown', 404);
    return id;
  }

  /** One document; problem `unknown` (404) if there is none. */
  async need<S extends z.ZodType>(view: ViewName, schema: S, id: string, unknown: ProblemCode): Promise<z.infer<S>> {
    const found = await this.get(view, schema, id);
    if (found === undefined) throw problem(unknown, 404);
    return found;
  }

  /** A project that exports mailboxes. Problems 'project.unknown' (404), 'project.is-discovery' (409). */
  async exporting(projectId: string): Promise<ExportProjectView> {
    const project = await this.need(VIEWS.projects, ProjectView, projectId, 'project.unknown');
    if (!isExport(project)) throw problem('project.is-discovery', 409, { projectId });
    return project;
  }

  /** A Discovery project. Problems 'project.unknown' (404), 'project.not-discovery' (409). */
  async discovery(projectId: string): Promise<ProjectView> {
    const project = await this.need(VIEWS.projects, ProjectView, projectId, 'project.unknown');
    if (isExport(project)) throw problem('project.not-discovery', 409, { projectId });
    return project;
  }

  /** How many documents match. */
  async count(view: ViewName, filter: Filter): Promise<number> {
    return (await this.reader.find(view, { filter, limit: 0 })).total;
  }

  /** A page of a list. Problem 'request.bad-cursor' (400). */
  async page<S extends z.ZodType>(
    view: ViewName,
    schema: S,
    filter: Filter,
    { limit, cursor, search }: Page,
    sort?: string,
  ): Promise<PageOf<z.infer<S>>> {
    const wanted = {
      filter,
      limit,
      ...(cursor === undefined ? {} : { after: cursor }),
      ...(search === undefined ? {} : { search }),
      ...(sort === undefined ? {} : { sort }),
    };
    const {
      documents,
      total,
      next = null,
    } = await this.reader.find(view, wanted).catch((error: unknown) => {
      throw isFault(error) && error.code === 'projection.bad-cursor' ? problem('request.bad-cursor', 400) : error;
    });
    return { items: documents.map(({ document }) => shaped(view, schema, document)), total, limit, next };
  }

  /** Every document that matches, read a thousand at a time. */
  async all<S extends z.ZodType>(view: ViewName, schema: S, filter: Filter, sort: string): Promise<z.infer<S>[]> {
    const items: z.infer<S>[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.page(view, schema, filter, { limit: ALL_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) }, sort);
      items.push(...page.items);
      if (page.next === null) return items;
      cursor = page.next;
    }
  }

  /** Every mailbox of a project, as stored, a thousand at a time. */
  async *mailboxesOf(projectId: string): AsyncGenerator<StoredMailbox> {
    const list = { filter: { projectId }, sort: 'source', limit: ALL_AT_ONCE };
    for (let after: string | undefined; ; ) {
      const { documents, next } = await this.reader.find(VIEWS.mailboxes, { ...list, ...(after === undefined ? {} : { after }) });
      for (const { document } of documents) yield document as unknown as StoredMailbox;
      if (next === undefined) return;
      after = next;
      await this.clock.yield();
    }
  }
}

/** Mailboxes that a project had. */
export const leftOf = (project: Document | undefined): readonly string[] => (project?.['left'] as readonly string[] | undefined) ?? [];

/** On record only because of what was heard of it before its beginning, or so that what is heard after its end changes nothing. */
const isHidden = ({ created, removedFrom }: Document): boolean => created === false || removedFrom !== undefined;

const shaped = <S extends z.ZodType>(view: ViewName, schema: S, document: Document): z.infer<S> => {
  const parsed = schema.safeParse(document);
  if (!parsed.success)
    throw new Fault('projection.unreadable', {
      retry: 'never',
      facts: { projection: view, fields: parsed.error.issues.map((issue) => issue.path.join('.')) },
    });
  return parsed.data;
};
