import { Inject, Injectable } from '@nestjs/common';
import { Customer, Endpoint, Part, type MailboxInReport, type ReportHead } from '@pstream/api';
import { unaccounted, VIEWS, type ExportProjectView, type MailboxView, type PassKind } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { CLOCK } from '@pstream/wiring';
import { DEFAULT_VERSION, GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';
import { Estimates, factsOf, type Facts, type OnRecord } from '../estimate/estimates.js';
import { foldersOf } from '../read/folders.js';
import { ProblemError } from '../door/problem.js';
import { previewOptions } from '../read/options-preview.js';
import { ItemErrors } from '../read/item-errors.js';
import { StoredFolders, StoredStatistics, type StoredMailbox } from '../read/stored.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';
import { NotCovered } from './not-covered.js';
import type { Sealed } from './plots.js';

type CauseOfMailbox = MailboxInReport['causes'][number];
type CauseOfProject = ReportHead['causes'][number];
/** Items that did not arrive as they were, of the whole project and by mailbox. */
type Causes = {
  readonly ofProject: readonly CauseOfProject[];
  readonly ofMailbox: ReadonlyMap<string, readonly CauseOfMailbox[]>;
  /** Failed items that nothing but their stream could have brought. */
  readonly withoutOtherWay: number;
};

/** A line for each mailbox: few numbers, so that all of them can be kept. */
export type MailboxLine = Pick<
  MailboxInReport,
  'mailboxJobId' | 'source' | 'destination' | 'status' | 'done' | 'totals' | 'unaccounted' | 'openErrors' | 'exportedBytes'
> & { readonly parts: number };

/** A report: what stands at its head, a line for each mailbox, and the mailboxes as they are read. */
export type Report = {
  readonly head: ReportHead;
  readonly lines: readonly MailboxLine[];
  /** The PSTs in it, as the plots have them. */
  readonly sealed: readonly Sealed[];
  readonly mailboxes: AsyncGenerator<MailboxInReport>;
};

/** Makes the report of a project from the read models. It reads every mailbox twice, and holds none: first for the sums at the head. */
@Injectable()
export class ProjectReports {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Sums) private readonly sums: Sums,
    @Inject(ItemErrors) private readonly errors: ItemErrors,
    @Inject(Estimates) private readonly estimates: Estimates,
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Problems 'project.unknown' (404), 'project.is-discovery' (409). */
  async of(projectId: string): Promise<Report> {
    const project = await this.views.exporting(projectId);
    const causes = await this.#causes(projectId);
    const lines: MailboxLine[] = [];
    const sealed: Sealed[] = [];
    return { head: await this.#head(project, causes, lines, sealed), lines, sealed, mailboxes: this.#mailboxes(project, causes) };
  }

  async #head(project: ExportProjectView, causes: Causes, lines: MailboxLine[], sealed: Sealed[]): Promise<ReportHead> {
    const covered = new NotCovered({ withoutOtherWay: causes.withoutOtherWay, idleRules: await this.#idleRules(project) });
    const parts = { files: 0, verified: 0, bytes: 0, overLimit: 0 };
    const facts: Facts[] = [];
    for await (const { mailbox, onRecord } of this.#read(project, causes)) {
      facts.push(factsOf(onRecord));
      covered.add(mailbox);
      lines.push(lineOf(mailbox));
      for (const { state, bytes, overLimit, replaced, sealedAt, items, pass } of mailbox.parts) {
        if (replaced || (state !== 'sealed' && state !== 'verified')) continue;
        if (sealedAt !== null) sealed.push({ at: sealedAt, kind: pass?.kind ?? null, items, bytes });
        parts.files++;
        parts.bytes += bytes;
        if (state === 'verified') parts.verified++;
        if (overLimit) parts.overLimit++;
      }
    }
    const [mailboxes, done] = [lines.length, lines.filter((line) => line.done).length];
    const { customerId, sourceEndpointId, destinationEndpointId } = project;
    return {
      generatedAt: this.clock.now(),
      release: this.options.version ?? DEFAULT_VERSION,
      customer: (await this.views.get(VIEWS.customers, Customer, customerId))?.name ?? '',
      project,
      source: await this.#endpoint(sourceEndpointId),
      destination: await this.#endpoint(destinationEndpointId),
      verdict: { complete: mailboxes > 0 && done === mailboxes, done, sentence: sentenceOf(mailboxes, done) },
      sums: await this.sums.of({ projectId: project.projectId }),
      exportedBytes: lines.reduce((sum, line) => sum + (line.exportedBytes ?? 0), 0),
      parts,
      estimate: await this.estimates.ofRecord(project, facts),
      causes: [...causes.ofProject],
      notCovered: covered.of(project),
    };
  }

  /** Filters and mappings that match no folder, once folders are known. */
  async #idleRules({ projectId, options }: ExportProjectView): Promise<string[]> {
    if ((options.folderFilter ?? []).length + (options.folderMapping ?? []).length === 0) return [];
    const preview = await previewOptions(this.views, projectId, options).catch((error: unknown) => {
      // An expression that does not come to an end is a matter of its own, and must not keep the report from being made.
      if (error instanceof ProblemError && error.problem.code === 'filter.too-slow') return undefined;
      throw error;
    });
    if (preview === undefined) return [];
    const { listed, filters, mappings } = preview;
    return listed === 0 ? [] : [...filters, ...mappings].flatMap(({ rule, folders }) => (folders === 0 ? [rule] : []));
  }

  /** Without the reference to its secret. */
  async #endpoint(endpointId: string): Promise<ReportHead['source']> {
    const found = await this.views.get(VIEWS.endpoints, Endpoint, endpointId);
    if (found === undefined) return null;
    const { name, kind, settings } = found;
    return { endpointId, name, kind, settings: Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'secretRef')) };
  }

  async *#mailboxes(project: ExportProjectView, causes: Causes): AsyncGenerator<MailboxInReport> {
    for await (const { mailbox } of this.#read(project, causes)) yield mailbox;
  }

  /** Every mailbox, as the report has it and as it is on record. */
  async *#read(
    { projectId, partBytes }: ExportProjectView,
    causes: Causes,
  ): AsyncGenerator<{ readonly mailbox: MailboxInReport; readonly onRecord: OnRecord }> {
    for await (const mailbox of this.views.mailboxesOf(projectId)) {
      const { mailboxJobId } = mailbox;
      const [folders, statistics, parts, open] = await Promise.all([
        this.views.get(VIEWS.folders, StoredFolders, mailboxJobId),
        this.views.get(VIEWS.statistics, StoredStatistics, mailboxJobId),
        this.views.all(VIEWS.parts, Part, { mailboxJobId }, 'name'),
        this.sums.openErrors([mailbox]),
      ]);
      const openErrors = open.get(mailboxJobId) ?? 0;
      const inReport: MailboxInReport = {
        ...picked(mailbox),
        done: isDone(mailbox, openErrors),
        unaccounted: unaccounted(mailbox.totals),
        openErrors,
        exportedBytes: statistics === undefined ? 0 : statistics.total.exported.bytes,
        causes: [...(causes.ofMailbox.get(mailboxJobId) ?? [])],
        parts: parts
          .filter(({ state }) => state !== 'abandoned' && state !== 'removed')
          .sort((a, b) => a.ordinal - b.ordinal)
          .map(({ partId, passId, name, state, items, bytes, sha256, sealedAt, verifiedAt, location }) => ({
            partId,
            name,
            state,
            items,
            bytes,
            sha256,
            sealedAt,
            verifiedAt,
            location,
            overLimit: bytes > partBytes,
            replaced: mailbox.givenUp?.includes(passId) === true,
            pass: passOf(statistics?.passes?.[passId]),
          })),
        folders: foldersOf(folders ?? { folders: {} }),
      };
      yield { mailbox: inReport, onRecord: { mailbox, statistics, folders, parts } };
    }
  }

  async #causes(projectId: string): Promise<Causes> {
    const ofProject = new Map<string, CauseOfProject>();
    const ofMailbox = new Map<string, CauseOfMailbox[]>();
    let withoutOtherWay = 0;
    for await (const { mailboxJobId, outcome, state, code, advice, fallback } of this.errors.all({ projectId })) {
      const open = outcome === 'failed' && state === 'open' ? 1 : 0;
      if (fallback === 'fallback.not-offered') withoutOtherWay += open;
      const here = ofMailbox.get(mailboxJobId) ?? [];
      ofMailbox.set(mailboxJobId, here);
      const total = ofProject.get(`${outcome}/${code}`) ?? { outcome, code, items: 0, open: 0, advice, mailboxes: 0 };
      ofProject.set(`${outcome}/${code}`, total);
      let mine = here.find((one) => one.outcome === outcome && one.code === code);
      if (mine === undefined) {
        mine = { outcome, code, items: 0, open: 0 };
        here.push(mine);
        total.mailboxes++;
      }
      for (const sum of [mine, total]) {
        sum.items++;
        sum.open += open;
      }
    }
    return { ofProject: [...ofProject.values()].sort((a, b) => b.items - a.items), ofMailbox, withoutOtherWay };
  }
}

const lineOf = ({ parts, ...mailbox }: MailboxInReport): MailboxLine => {
  const { mailboxJobId, source, destination, status, done, totals, unaccounted: open, openErrors, exportedBytes } = mailbox;
  const line = { mailboxJobId, source, destination, status, done, totals, unaccounted: open, openErrors, exportedBytes };
  return { ...line, parts: parts.filter(({ replaced }) => !replaced).length };
};

/** The pass that wrote a PST, if it is known by now. */
const passOf = (pass: { readonly kind: PassKind | null; readonly number: number } | undefined): MailboxInReport['parts'][number]['pass'] =>
  pass === undefined || pass.kind === null ? null : { number: pass.number, kind: pass.kind };

const picked = (mailbox: MailboxView) => {
  const { mailboxJobId, source, destination, status, pass, totals, mime, doubts, superseded } = mailbox;
  const { leftOut, foldersNotListed, waits, held, cause, found } = mailbox;
  const counts = { totals, mime, doubts, superseded, leftOut, foldersNotListed };
  return { mailboxJobId, source, destination, status, pass, ...counts, waits, held, cause, found };
};

/** Whether everything that the options take has been listed and exported, or is explained. A Trial or a Pre-Stage leaves the rest to another pass. */
const isDone = ({ status, exported, lastExport, totals, foldersNotListed, leftOut }: StoredMailbox, openErrors: number): boolean =>
  (status === 'Completed' || status === 'Completed with errors') &&
  exported === true &&
  unaccounted(totals) === 0 &&
  openErrors === 0 &&
  foldersNotListed === 0 &&
  (leftOut === 0 || lastExport?.kind === 'full');

const sentenceOf = (mailboxes: number, done: number): string => {
  const [all, open] = [mailboxes.toLocaleString('en-GB'), (mailboxes - done).toLocaleString('en-GB')];
  if (mailboxes === 0) return 'The project has no mailbox yet.';
  if (mailboxes === done) return 'Complete: every item that the tenant listed is exported, or has a stated reason why it is not.';
  return `Not complete: ${open} of ${all} ${mailboxes === 1 ? 'mailbox is' : 'mailboxes are'} not done.`;
};
