import { causeOf, WORK_TOPIC, workRecord, type Cause, type ExtractionEvent, type PageManifest } from '@pstream/contracts';
import { isListingFault, PLAIN_LISTING } from '@pstream/graph';
import { deriveId, Fault, isFault, retryDelayMs } from '@pstream/kernel';
import { isLasting, LASTING_AGAIN_MS, LASTING_TRIES, LATER_MS, PASSING_MS } from '../domain/extraction/listing-trouble.js';
import { cutSlices } from '../domain/extraction/units.js';
import type { Extraction, FolderProgress } from '../domain/extraction/state.js';
import { manifestKey, storeManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import { fetchPage, type PageMemory } from './fetch-page.js';
import type { Trouble } from './listing-memory.js';

/** Lists one page of a folder, fixes it in a manifest, and records how it is cut into slices. A folder that cannot be listed does not hold
 *  up the others: it is asked for again when they are done, and given up in the end (ADR 49). */
export const listPage = async (task: Task<'page'>, memory: PageMemory): Promise<Extraction> => {
  const { control, state, unit } = task;
  const progress = state.folders.get(unit.folderKey);
  if (progress === undefined || progress.listed || progress.listedPages > unit.page) return state;
  const trouble = memory.listing.trouble(control.refs.passId, unit.folderKey);
  const { badItemLimit = Infinity } = control.settings.options ?? {};
  if (state.failed > badItemLimit)
    return giveUp(task, memory, unit.folderKey, { fault: tooManyErrors(badItemLimit), attempts: trouble?.attempts ?? 1 });
  const nowMs = task.worker.clock.monotonicMs();
  if (trouble !== undefined && nowMs < trouble.notBeforeMs) {
    if (isOthersTurn(task, memory)) return later(task, memory);
    if (!trouble.pending) throw again(task, trouble);
  }
  // Asked before the folder is: what that answers may slow the whole mailbox down.
  const isLastTry = trouble !== undefined && !trouble.pending && nowMs - trouble.sinceMs >= PASSING_MS && (await isMailboxThere(task));
  for (;;) {
    let fetched: PageManifest;
    try {
      fetched = await fetchPage(task, progress, memory);
    } catch (error) {
      if (!isFault(error) || !isListingFault(error)) throw error;
      const judged = await judge(task, memory, error, isLastTry);
      if (judged === 'ask again') continue;
      return judged;
    }
    return recordPage(task, memory, fetched);
  }
};

const recordPage = async (task: Task<'page'>, memory: PageMemory, fetched: PageManifest): Promise<Extraction> => {
  const { worker, control, unit, signal } = task;
  const { passId } = control.refs;
  const attempts = (memory.listing.trouble(passId, unit.folderKey)?.attempts ?? 0) + 1;
  // An empty page has nothing to fix: if it is listed again, whatever it holds then counts.
  const stored =
    fetched.items.length === 0 && fetched.kept === undefined
      ? undefined
      : await storeManifest(worker.work, manifestKey(passId, unit.folderKey, unit.page), fetched, signal);
  const page = stored?.page ?? fetched;
  memory.seen.add(task, page);
  memory.listing.setTrouble(passId, unit.folderKey, undefined);
  if (page.next === null) {
    memory.seen.forget(passId, unit.folderKey);
    memory.listing.forget(passId, unit.folderKey);
  }
  const listed: ExtractionEvent = {
    type: 'PageListed',
    data: {
      ...control.refs,
      folderKey: unit.folderKey,
      page: unit.page,
      mailbox: page.mailbox,
      items: page.items.length,
      bytes: page.items.reduce((sum, item) => sum + item.size, 0),
      again: false,
      repeats: page.repeats,
      ...(page.leftOut === undefined ? {} : { leftOut: page.leftOut }),
      ...(page.superseded === undefined ? {} : { superseded: page.superseded }),
      ...(page.idle === undefined ? {} : { idle: page.idle }),
      slices: cutSlices(
        page.items.map((item) => item.size),
        { items: worker.limits.sliceItems, bytes: worker.limits.sliceBytes },
      ),
      manifest: stored?.ref ?? null,
      ...(page.refused === undefined ? {} : { refused: page.refused }),
      next: page.next,
      delta: page.delta,
      at: worker.clock.now(),
    },
  };
  const events = page.short === undefined ? [listed] : [listed, notListed(task, unit.folderKey, shortCause(page.short), attempts)];
  const after = await worker.log.append(
    passId,
    deriveId('page', passId, unit.folderKey, unit.page),
    events,
    (now) => now.folders.get(unit.folderKey)?.listedPages === unit.page,
  );
  return giveUpPending(task, memory, after);
};

/** What becomes of a folder whose page has failed. */
const judge = async (task: Task<'page'>, memory: PageMemory, fault: Fault, isLastTry: boolean): Promise<Extraction | 'ask again'> => {
  const { worker, control, unit, signal } = task;
  const { passId } = control.refs;
  const nowMs = worker.clock.monotonicMs();
  const before = memory.listing.trouble(passId, unit.folderKey);
  const trouble: Trouble = {
    sinceMs: before?.sinceMs ?? nowMs,
    attempts: (before?.attempts ?? 0) + 1,
    notBeforeMs: nowMs + Math.max(LATER_MS, retryDelayMs(fault.retry) ?? 0),
    fault,
    pending: false,
    letPassAt: before?.letPassAt,
  };
  memory.listing.setTrouble(passId, unit.folderKey, trouble);
  if (isLasting(fault)) {
    if (trouble.attempts < LASTING_TRIES) {
      await worker.clock.sleep(LASTING_AGAIN_MS, signal);
      return 'ask again';
    }
    // As long as nothing of the mailbox was listed, the refusal may be one of the whole mailbox. A retry comes after a pass that listed some.
    if (control.kind === 'retry-errors' || listedFolders(task).length > 0) return giveUp(task, memory, unit.folderKey, trouble);
    memory.listing.setTrouble(passId, unit.folderKey, { ...trouble, notBeforeMs: Infinity, pending: true });
    if (isOthersTurn(task, memory)) return later(task, memory);
    throw fault;
  }
  if (isLastTry) return giveUp(task, memory, unit.folderKey, trouble);
  if (isOthersTurn(task, memory)) return later(task, memory);
  throw again(task, trouble);
};

/** The fault with which the unit is tried again: not at once, and not after the time that the folder has. */
const again = ({ worker }: Task<'page'>, { fault, sinceMs, notBeforeMs }: Trouble): Fault => {
  const nowMs = worker.clock.monotonicMs();
  const left = sinceMs + PASSING_MS - nowMs;
  const afterMs = Math.max(LATER_MS, left > 0 ? Math.min(notBeforeMs - nowMs, left) : notBeforeMs - nowMs);
  const { code, facts, advice } = fault;
  return new Fault(code, { retry: { afterMs: Math.ceil(afterMs) }, facts, ...(advice === undefined ? {} : { advice }), cause: fault });
};

/** Folders of the pass that were listed, be it in part. */
const listedFolders = ({ state, unit }: Task<'page'>): FolderProgress[] =>
  [...state.folders.values()].filter(
    ({ folder, listed, listedPages, notListed: cause }) =>
      folder.key !== unit.folderKey && folder.left === undefined && cause === null && (listed || listedPages > 0),
  );

/** Whether anything else of the pass can be done now. What the folder let pass has to have done something since. */
const isOthersTurn = ({ state, unit, worker, control }: Task<'page'>, { listing }: PageMemory): boolean => {
  const nowMs = worker.clock.monotonicMs();
  if (listing.trouble(control.refs.passId, unit.folderKey)?.letPassAt === state.version) return false;
  const waits = (key: string): boolean => (listing.trouble(control.refs.passId, key)?.notBeforeMs ?? 0) > nowMs;
  return [...state.folders.values()].some(
    ({ folder, listed, open }) => open.size > 0 || (!listed && folder.key !== unit.folderKey && !waits(folder.key)),
  );
};

/** Puts the unit behind all that is on the topic for this mailbox. */
const later = async ({ worker, control, state, unit }: Task<'page'>, { listing }: PageMemory): Promise<Extraction> => {
  const { passId } = control.refs;
  const trouble = listing.trouble(passId, unit.folderKey);
  if (trouble !== undefined) listing.setTrouble(passId, unit.folderKey, { ...trouble, letPassAt: state.version });
  await worker.transport.send(WORK_TOPIC, [workRecord(unit)]);
  return state;
};

/** Whether the mailbox lets anything be listed at all: then it is the folder that does not. */
const isMailboxThere = async (task: Task<'page'>): Promise<boolean> => {
  const { control, state } = task;
  const [other] = listedFolders(task).filter(({ folder }) => folder.recoverable !== true);
  // A retry may list this folder alone.
  if (other === undefined && (control.kind !== 'retry-errors' || state.mailbox === null)) return false;
  const client = await task.worker.client(control);
  try {
    if (other === undefined) {
      for await (const _entry of client.folders(state.mailbox!, task.signal)) break;
    } else await client.itemPage(other.folder.mailbox, other.folder.id, PLAIN_LISTING, { pageSize: 1 }, task.signal);
    return true;
  } catch (error) {
    // A limit that is still being waited for says nothing of either.
    if (!isFault(error) || !isListingFault(error)) throw error;
    return false;
  }
};

/** The pass goes on without the folder. */
const giveUp = async (
  task: Task<'page'>,
  memory: PageMemory,
  folderKey: string,
  { fault, attempts }: Pick<Trouble, 'fault' | 'attempts'>,
  known = task.state,
): Promise<Extraction> => {
  const { passId } = task.control.refs;
  const page = known.folders.get(folderKey)?.listedPages;
  const event = notListed(task, folderKey, causeOf(fault), attempts, known);
  memory.seen.forget(passId, folderKey);
  memory.listing.forget(passId, folderKey);
  return task.worker.log.append(passId, deriveId('not-listed', passId, folderKey), [event], (now) => {
    const folder = now.folders.get(folderKey);
    return folder !== undefined && !folder.listed && folder.listedPages === page;
  });
};

/** More items have failed than the project allows: what is listed is still exported, and the pass ends without what is not. */
const tooManyErrors = (badItemLimit: number): Fault =>
  new Fault('pass.too-many-errors', {
    retry: 'never',
    facts: { badItemLimit },
    advice:
      'More items failed than badItemLimit allows. See the errors of the mailbox; Retry Errors asks for them, and lists this folder, again.',
  });

/** Now that a folder has been listed, those that could not be are given up: the mailbox as a whole is not refused. */
const giveUpPending = async (task: Task<'page'>, memory: PageMemory, state: Extraction): Promise<Extraction> => {
  let after = state;
  for (const [folderKey, trouble] of memory.listing.pending(task.control.refs.passId))
    after = await giveUp(task, memory, folderKey, trouble, after);
  return after;
};

const notListed = (task: Task<'page'>, folderKey: string, cause: Cause, attempts: number, known = task.state): ExtractionEvent => ({
  type: 'FolderNotListed',
  data: {
    ...task.control.refs,
    folderKey,
    what: 'items',
    cause,
    attempts,
    ...((known.folders.get(folderKey)?.notListed ?? null) === null ? {} : { already: true as const }),
    at: task.worker.clock.now(),
  },
});

const shortCause = ({ listed, expected }: NonNullable<PageManifest['short']>): Cause => ({
  code: 'graph.listing-incomplete',
  advice: 'Exchange lists fewer items of this folder than it counts. Retry Errors lists it again; if it stays, report it to Microsoft.',
  facts: { listed, expected },
});
