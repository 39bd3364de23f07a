import { BUILDER_BEHIND, causeOf, causeOfDefect, WORK_TOPIC, type ExtractionEvent, type WorkUnit } from '@pstream/contracts';
import { readPassControl } from '@pstream/event-store';
import { assertNever, deriveId, isFault, retryDelayMs, type Fault } from '@pstream/kernel';
import type { Place } from '@pstream/transport';
import type { Extraction } from './domain/extraction/state.js';
import { folderUnits, outstanding, unitName } from './domain/extraction/units.js';
import { BuilderPace } from './units/builder-pace.js';
import { finish, goOn, pause } from './units/end.js';
import type { PageMemory } from './units/fetch-page.js';
import { ListingMemory } from './units/listing-memory.js';
import { listPage } from './units/page.js';
import { PagesAhead } from './units/pages-ahead.js';
import { planExport } from './units/plan.js';
import { planRetry } from './units/plan-retry.js';
import { SeenItems } from './units/seen-items.js';
import { exportSlice } from './units/slice.js';
import { mailboxesOf, ShownWaits } from './shown-waits.js';
import type { Task, Worker } from './worker.js';

/** How often a running unit looks whether its pass is still wanted. */
const CONTROL_MS = 500;
/** As long as Exchange may take to move a mailbox (Graph §9); whatever stays away longer needs a person. */
const GIVE_UP_MS = 24 * 3_600_000;
/** Redirects that lead nowhere may be a move going on, but not for long. */
const CIRCLES: ReadonlySet<string> = new Set(['graph.redirect-loop', 'graph.too-many-redirects']);
const CIRCLE_MS = 9 * 60_000;
const TELL_AGAIN_MS = 60_000;
/** A builder may be behind for this long before it is reported. */
const BEHIND_MS = 5_000;

/** Works on units of the topic: does what a unit says, records it, and puts what follows on the topic. Repeating a unit
 *  is harmless. Faults that cannot be retried end the pass with their cause; others go up to the consumer loop. */
export class UnitHandler {
  readonly #worker: Worker;
  readonly #pages: PageMemory = { seen: new SeenItems(), ahead: new PagesAhead(), listing: new ListingMemory() };
  readonly #pace: BuilderPace;
  /** The units at work here, by pass: one of its data at a time, and what it is stopped with. */
  readonly #atWork = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  /** Units that this worker has put on the topic: a repeated unit does not multiply those that follow it. */
  readonly #sent = new Map<string, Set<string>>();
  /** Units that have failed without a success between: since when, and with what code that was last recorded, in monotonic milliseconds. */
  readonly #failing = new Map<string, { readonly sinceMs: number; code: string; recordedMs: number }>();

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#pace = new BuilderPace(worker.store, worker.transport, worker.limits);
  }

  /** Handles one unit; `signal` is the consumer's own, `place` is lent to others while the unit waits. Units that stop a pass or go on with it may come while another unit of the pass is at
   *  work here: that one is given up first. */
  async handle(unit: WorkUnit, signal: AbortSignal, place: Pick<Place, 'lend'>): Promise<void> {
    const { passId } = unit;
    if (isControl(unit)) {
      await this.#interrupt(passId);
      return this.#handle(unit, signal, place, new AbortController());
    }
    const stop = new AbortController();
    const ended = Promise.withResolvers<void>();
    this.#atWork.set(passId, { stop, ended: ended.promise });
    try {
      await this.#handle(unit, signal, place, stop);
    } finally {
      this.#atWork.delete(passId);
      ended.resolve();
    }
  }

  async #interrupt(passId: string): Promise<void> {
    const other = this.#atWork.get(passId);
    other?.stop.abort();
    await other?.ended;
  }

  async #handle(unit: WorkUnit, signal: AbortSignal, place: Pick<Place, 'lend'>, stop: AbortController): Promise<void> {
    const control = await readPassControl(this.#worker.store, unit.mailboxJobId, unit.passId);
    if (control === undefined || control.state === 'completed' || control.state === 'failed') return this.#forget(unit.passId);
    if (control.state === 'stopping' && unit.kind !== 'pause') return this.#forget(unit.passId);
    const watching = this.#watch(unit, control.attempt, stop);
    const shown = new ShownWaits(this.#worker, unit, place);
    try {
      const state = await this.#worker.log.state(unit.passId);
      const task: Task = { worker: this.#worker, unit, control, state, signal: AbortSignal.any([signal, stop.signal]) };
      const done = await this.#perform(task);
      await shown.close();
      await this.#sendNew(unit, following(unit, done, task));
      this.#failing.delete(nameOf(unit));
      await this.#recordWaits(unit, state, undefined);
      if (unit.kind === 'finish') this.#forget(unit.passId);
    } catch (error) {
      await shown.close();
      if (signal.aborted) throw error;
      if (stop.signal.aborted) return this.#forget(unit.passId);
      if (isFault(error) && error.code.startsWith('entra.')) this.#worker.refused(control);
      if (isFault(error) && error.retry !== 'never' && !this.#givesUp(unit, error)) {
        await this.#recordWaits(unit, await this.#worker.log.state(unit.passId), error);
        throw error;
      }
      await this.#fail(unit, control.attempt, isFault(error) ? error : undefined);
      if (!isFault(error)) this.#worker.defect(error);
    } finally {
      stop.abort();
      await watching;
    }
  }

  /** Records time lost to limits, and what holds the pass up where its unit could not be done. */
  async #recordWaits(unit: WorkUnit, state: Extraction, fault: Fault | undefined): Promise<void> {
    const { waits, clock, log } = this.#worker;
    const waited = waits.take(mailboxesOf(state));
    const news = fault !== undefined && this.#isNews(unit, fault);
    if (!news && Object.keys(waited).length === 0) return;
    const at = clock.now();
    const { workgroupId, customerId, projectId, mailboxJobId, passId } = unit;
    const held = !news
      ? {}
      : {
          held: {
            code: fault.code,
            ...(typeof fault.facts['limit'] === 'string' ? { limit: fault.facts['limit'] } : {}),
            ...(fault.advice === undefined ? {} : { advice: fault.advice }),
            retryAt: new Date(Date.parse(at) + (retryDelayMs(fault.retry) ?? 0)).toISOString(),
          },
        };
    if (held.held !== undefined) this.#worker.held({ mailboxJobId, passId, unit: unit.kind, ...held.held });
    const event: ExtractionEvent = {
      type: 'ExtractionWaited',
      data: { workgroupId, customerId, projectId, mailboxJobId, passId, waits: waited, ...held, at },
    };
    await log.append(passId, deriveId('waited', passId, state.version), [event], (now) => !now.finished);
  }

  /** The same cause is recorded once a minute at most. */
  #isNews(unit: WorkUnit, fault: Fault): boolean {
    const nowMs = this.#worker.clock.monotonicMs();
    const failing = this.#failing.get(nameOf(unit));
    if (failing === undefined || (failing.code === fault.code && nowMs - failing.recordedMs < TELL_AGAIN_MS)) return false;
    // A builder that needs a moment is no news, and one that waits itself has said so.
    if (fault.code === BUILDER_BEHIND && (fault.facts['told'] === true || nowMs - failing.sinceMs < BEHIND_MS)) return false;
    failing.code = fault.code;
    failing.recordedMs = nowMs;
    return true;
  }

  /** Whether a unit has failed for so long that its pass ends with the cause; a resumed pass has the whole time again. */
  #givesUp(unit: WorkUnit, fault: Fault): boolean {
    const nowMs = this.#worker.clock.monotonicMs();
    const failing = this.#failing.get(nameOf(unit)) ?? { sinceMs: nowMs, code: '', recordedMs: nowMs };
    this.#failing.set(nameOf(unit), failing);
    // A folder that leads in circles is given up by itself, in its own time.
    const circles = unit.kind !== 'page' && CIRCLES.has(fault.code);
    if (fault.code === BUILDER_BEHIND || nowMs - failing.sinceMs < (circles ? CIRCLE_MS : GIVE_UP_MS)) return false;
    this.#failing.delete(nameOf(unit));
    return true;
  }

  async #perform(task: Task): Promise<Extraction> {
    switch (task.unit.kind) {
      case 'plan':
        return task.state.treeComplete ? task.state : (task.control.kind === 'retry-errors' ? planRetry : planExport)(task as Task<'plan'>);
      case 'page':
        return listPage(task as Task<'page'>, this.#pages);
      case 'slice':
        return exportSlice(task as Task<'slice'>, this.#pace);
      case 'finish':
        return finish(task as Task<'finish'>);
      case 'pause':
        this.#forget(task.unit.passId);
        return pause(task as Task<'pause'>);
      case 'continue':
        return goOn(task as Task<'continue'>);
      default:
        return assertNever(task.unit);
    }
  }

  async #sendNew(unit: WorkUnit, units: readonly WorkUnit[]): Promise<void> {
    const { passId } = unit;
    if (unit.kind === 'continue') this.#sent.delete(passId);
    const sent = this.#sent.get(passId) ?? new Set<string>();
    this.#sent.set(passId, sent);
    // Whoever had it before has put it on the topic, or it has put itself there again: it does not follow itself.
    sent.add(unitName(unit));
    const fresh = units.filter((one) => !sent.has(unitName(one)));
    if (fresh.length === 0) return;
    await this.#worker.transport.send(
      WORK_TOPIC,
      fresh.map((unit) => ({ key: unit.mailboxJobId, value: new TextEncoder().encode(JSON.stringify(unit)) })),
    );
    for (const one of fresh) sent.add(unitName(one));
  }

  /** Aborts the unit when its pass is stopped or has begun another attempt. */
  async #watch(unit: WorkUnit, attempt: number, stop: AbortController): Promise<void> {
    if (unit.kind === 'pause') return;
    while (!stop.signal.aborted) {
      await this.#worker.clock.sleep(CONTROL_MS, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) return;
      const now = await readPassControl(this.#worker.store, unit.mailboxJobId, unit.passId).catch(() => undefined);
      if (now !== undefined && (now.state !== 'open' || now.attempt !== attempt)) stop.abort();
    }
  }

  async #fail(unit: WorkUnit, attempt: number, fault: Fault | undefined): Promise<void> {
    const event: ExtractionEvent = {
      type: 'ExtractionFailed',
      data: {
        workgroupId: unit.workgroupId,
        customerId: unit.customerId,
        projectId: unit.projectId,
        mailboxJobId: unit.mailboxJobId,
        passId: unit.passId,
        attempt,
        cause: fault === undefined ? causeOfDefect('extractor') : causeOf(fault),
        at: this.#worker.clock.now(),
      },
    };
    await this.#worker.log.append(unit.passId, deriveId('failed', unit.passId, attempt, unitName(unit)), [event], () => true);
    this.#forget(unit.passId);
  }

  #forget(passId: string): void {
    this.#sent.delete(passId);
    this.#pages.seen.forgetPass(passId);
    this.#pages.ahead.forget(passId);
    this.#pages.listing.forgetPass(passId);
    this.#pace.forget(passId);
    // Whoever goes on with the pass counts from the start.
    for (const unit of this.#failing.keys()) if (unit.startsWith(`${passId}/`)) this.#failing.delete(unit);
  }
}

/** Whether a unit must not wait behind others: it stops a pass, or goes on with one. */
export const isControl = ({ kind }: WorkUnit): boolean => kind === 'pause' || kind === 'continue';

const nameOf = (unit: WorkUnit): string => `${unit.passId}/${unitName(unit)}`;

/** What a unit's end makes possible. */
const following = (unit: WorkUnit, state: Extraction, task: Task): WorkUnit[] => {
  switch (unit.kind) {
    case 'plan':
    case 'continue':
      return outstanding(state, task.control.refs);
    case 'page': {
      const progress = state.folders.get(unit.folderKey);
      const units = progress === undefined ? [] : folderUnits(progress, task.control.refs);
      return units.length > 0 ? units : ended(state, task);
    }
    case 'slice':
      return ended(state, task);
    case 'finish':
    case 'pause':
      return [];
    default:
      return assertNever(unit);
  }
};

const ended = (state: Extraction, task: Task): WorkUnit[] => outstanding(state, task.control.refs).filter((unit) => unit.kind === 'finish');
