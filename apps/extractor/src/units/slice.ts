import { createHash } from 'node:crypto';
import { putClaim } from '@pstream/blob';
import {
  itemRecord,
  ITEMS_TOPIC,
  type ExtractionEvent,
  type ItemMeta,
  type ItemOutcome,
  type ManifestItem,
  type SourceMailbox,
} from '@pstream/contracts';
import { planBatches } from '@pstream/graph';
import { backoffMs, deriveId, Fault, freeNow, retryDelayMs, untilAborted } from '@pstream/kernel';
import type { OutgoingRecord } from '@pstream/transport';
import type { Extraction } from '../domain/extraction/state.js';
import { unitName } from '../domain/extraction/units.js';
import type { CheckedItem, CheckedStream, Source } from '../source/source.js';
import type { Task } from '../worker.js';
import type { BuilderPace } from './builder-pace.js';
import { doubtAdvice, doubtCodes, doubtsOf, lookAgain, type ItemDoubt } from './doubted.js';
import { isForFallback, readAsMime } from './fallback.js';
import { joinedSlices, type Slice } from './joined-slices.js';

/** Exports the items of a slice, and of small ones that follow it, publishes them, and records how each slice ended. Nothing is asked of the
 *  tenant while the builder of the mailbox is too far behind. */
export const exportSlice = async (task: Task<'slice'>, pace: BuilderPace): Promise<Extraction> => {
  const { worker, control, state } = task;
  const slices = await joinedSlices(task);
  if (slices.length === 0) return state;
  await pace.check(control.refs.passId, state);
  const results = await exportAll(task, slices);
  const at = worker.clock.now();
  const events = results.flatMap(({ task: { unit }, published, bytes, skipped, failed, asMime, doubted }): ExtractionEvent[] => [
    {
      type: 'SliceExported',
      data: {
        ...control.refs,
        folderKey: unit.folderKey,
        page: unit.page,
        from: unit.from,
        items: published,
        bytes,
        skipped: skipped.length,
        failed: failed.length,
        ...(asMime.length === 0 ? {} : { mime: asMime.length }),
        ...countedDoubts([...asMime, ...doubted]),
        at,
      },
    },
    ...skipped.map((data): ExtractionEvent => ({ type: 'ItemSkipped', data: { ...control.refs, ...data } })),
    ...failed.map((data): ExtractionEvent => ({ type: 'ItemFailed', data: { ...control.refs, ...data } })),
    ...asMime.map((data): ExtractionEvent => ({ type: 'ItemReadAsMime', data: { ...control.refs, ...data } })),
    ...doubted.map((data): ExtractionEvent => ({ type: 'ItemDoubted', data: { ...control.refs, ...data } })),
  ]);
  const names = results.map(({ task: { unit } }) => unitName(unit));
  const isOpen = (now: Extraction, { unit }: Task<'slice'>): boolean =>
    now.folders.get(unit.folderKey)?.open.get(unit.page)?.slices.has(unit.from) === true;
  return worker.log.append(control.refs.passId, deriveId('slice', control.refs.passId, ...names), events, (now) =>
    results.every((one) => isOpen(now, one.task)),
  );
};

/** How many of these have doubts; nothing where none has, as events leave out a zero. */
const countedDoubts = (items: readonly ItemOutcome[]): { readonly doubts?: number } => {
  const doubts = items.filter((item) => item.doubts !== undefined).length;
  return doubts === 0 ? {} : { doubts };
};

/** A slice and what has become of its items so far. */
type SliceResult = Slice & {
  published: number;
  bytes: number;
  readonly skipped: ItemOutcome[];
  readonly failed: ItemOutcome[];
  readonly asMime: ItemOutcome[];
  readonly doubted: ItemOutcome[];
};

/** An item of one of the slices that are exported together. */
type Piece = { readonly id: string; readonly size: number; readonly item: ManifestItem; readonly slice: SliceResult };

/** Exports and publishes slices of one mailbox. */
const exportAll = async (task: Task<'slice'>, slices: readonly Slice[]): Promise<readonly SliceResult[]> => {
  const siblings = new AbortController();
  const signal = AbortSignal.any([task.signal, siblings.signal]);
  const results = slices.map(
    (slice): SliceResult => ({
      ...slice,
      task: { ...slice.task, signal },
      published: 0,
      bytes: 0,
      skipped: [],
      failed: [],
      asMime: [],
      doubted: [],
    }),
  );
  const pieces = results.flatMap((slice) => slice.items.map((item): Piece => ({ id: item.id, size: item.size, item, slice })));
  const batches = planBatches(pieces.filter((piece) => !refusedAsTooLarge(piece, task.worker.limits.mostItemBytes)));
  const next = batches.entries();
  // Batches are exported side by side and published in the order of the listing, so that a mailbox always gives the same PST.
  const published = batches.map(() => Promise.withResolvers<void>());
  const lane = async (): Promise<void> => {
    for (const [n, batch] of next) {
      const records = await exportBatch(batch);
      await untilAborted(published[n - 1]?.promise ?? Promise.resolve(), signal);
      if (records.length > 0) await task.worker.transport.send(ITEMS_TOPIC, records);
      published[n]!.resolve();
      for (const { value } of records) freeNow(value);
    }
  };
  // On the first failure the other lanes are stopped and waited for before the error goes up.
  const lanes = await Promise.allSettled(
    Array.from({ length: Math.min(task.worker.limits.batchesAtOnce, batches.length) }, () =>
      lane().catch((error: unknown) => {
        siblings.abort(error);
        throw error;
      }),
    ),
  );
  const failure = lanes.find((settled) => settled.status === 'rejected');
  if (failure !== undefined) throw siblings.signal.reason;
  return results;
};

/** Whether an item is larger than any PST may be; then it has failed, and the tenant is not asked for it. */
const refusedAsTooLarge = ({ item, size, slice: { task, mailbox, failed } }: Piece, mostBytes: number): boolean => {
  if (size <= mostBytes) return false;
  failed.push({
    ...place(task, mailbox, item, 1),
    code: 'item.too-large',
    advice: `This item has ${inGb(size)}; a PST, and so an item, has at most ${inGb(mostBytes)}. Save it by other means, such as an eDiscovery export of Microsoft Purview, and acknowledge the error.`,
  });
  return true;
};

const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Exports a batch and returns the records to publish, in the order of the listing. */
const exportBatch = async (batch: readonly Piece[]): Promise<OutgoingRecord[]> => {
  const { task, mailbox } = batch[0]!.slice;
  const client = await task.worker.client(task.control);
  const open = new Map(batch.map((piece) => [piece.id, piece]));
  const records = new Map<string, OutgoingRecord>();
  const troubled: { readonly piece: Piece; readonly exported: CheckedItem }[] = [];
  const doubted = new Map<Piece, CheckedStream>();
  /** How often an item was asked for, where that was more than once. */
  const asked = new Map<Piece, number>();
  const take = async ({ id, item, slice }: Piece, from: SourceMailbox, exported: Exported): Promise<void> => {
    slice.bytes += exported.data.length;
    records.set(id, await toRecord(slice.task, from, item, exported));
    slice.published++;
  };
  for await (const exported of client.exportItems(mailbox, [...open.keys()], task.signal)) {
    const piece = open.get(exported.itemId);
    if (piece === undefined) continue;
    open.delete(exported.itemId);
    if (!isStream(exported)) troubled.push({ piece, exported });
    else if (doubtsOf(exported, piece.item).length > 0) doubted.set(piece, exported);
    else await take(piece, exported.mailbox, exported);
  }
  // Only now: while a reply is being read it holds one of the mailbox's few places, and these calls need one too.
  for (const { piece, exported } of troubled) {
    const { last: whole, attempts } = await wholeStream(task, client, exported);
    asked.set(piece, attempts);
    if (!('fault' in whole) && doubtsOf(whole, piece.item).length > 0) {
      doubted.set(piece, whole);
      continue;
    }
    const read = 'fault' in whole ? await otherWay(client, mailbox, piece, { fault: whole.fault, attempts }) : whole;
    if (read !== undefined) await take(piece, read.mailbox, read);
  }
  for (const [piece, exported] of await lookAgain(client, doubted, task.signal)) {
    const doubts = doubtsOf(exported, piece.item);
    if (doubts[0] !== undefined) {
      const attempts = (asked.get(piece) ?? 1) + 1;
      piece.slice.doubted.push(doubtOutcome(piece, exported.mailbox, attempts, doubts[0], doubts));
    }
    await take(piece, exported.mailbox, { ...exported, doubts });
  }
  if (open.size > 0) throw new Fault('graph.items-unanswered', { retry: 'now', facts: { missing: open.size } });
  return batch.flatMap(({ id }) => records.get(id) ?? []);
};

/** The item as MIME where that is called for and works; else its outcome is noted. */
const otherWay = async (
  client: Source,
  mailbox: SourceMailbox,
  { item, slice }: Piece,
  failure: Failure,
): Promise<(Exported & { readonly mailbox: SourceMailbox }) | undefined> => {
  const { task } = slice;
  const { fault, attempts } = failure;
  const isRefused = isSkip(fault) && task.state.folders.get(task.unit.folderKey)?.folder.recoverable === true;
  if (!isRefused && (isSkip(fault) || !isForFallback(fault, task.control.kind))) {
    slice[isSkip(fault) ? 'skipped' : 'failed'].push(outcome(task, mailbox, item, failure));
    return undefined;
  }
  const asMime = { fault, attempts: attempts + 1 };
  const why: ItemOutcome = { ...outcome(task, mailbox, item, asMime), ...(isRefused ? NOT_RECOVERABLE : {}) };
  const read = await readAsMime(task, client, mailbox, item);
  if (read instanceof Fault) {
    if (isSkip(read)) slice.skipped.push(outcome(task, mailbox, item, { ...asMime, fault: read }));
    else slice.failed.push({ ...why, fallback: read.code, ...(isRefused || read.advice === undefined ? {} : { advice: read.advice }) });
    return undefined;
  }
  slice.asMime.push({ ...why, ...marked(read.doubts) });
  return { ...read, mailbox, reason: why.code };
};

/** Why an item was not exported, and how often it was asked for. */
type Failure = { readonly fault: Fault; readonly attempts: number };

/** What is on record of an item that is exported although it may not be whole. */
const doubtOutcome = (
  { item, slice: { task } }: Piece,
  mailbox: SourceMailbox,
  attempts: number,
  strongest: ItemDoubt,
  doubts: readonly ItemDoubt[],
): ItemOutcome => ({
  ...place(task, mailbox, item, attempts),
  code: `doubt.${strongest}`,
  advice: doubtAdvice(strongest),
  ...marked(doubts),
});

/** Doubts as records and events carry them: left out where there are none. */
const marked = (doubts: readonly ItemDoubt[]): { readonly doubts?: readonly string[] } =>
  doubts.length === 0 ? {} : { doubts: doubtCodes(doubts) };

/** Times that an item is exported again, alone, when its stream came cut off, and the waits between them. */
const STREAM_TRIES = 2;
const STREAM_WAITS = { firstMs: 1_000, mostMs: 10_000 };

/** The stream as it came, or a better one: a stream that the server cut off is asked for again. `attempts` counts how often it was asked for. */
const wholeStream = async (
  task: Task<'slice'>,
  client: Source,
  exported: CheckedItem,
): Promise<{ readonly last: CheckedStream | Extract<CheckedItem, { readonly fault: Fault }>; readonly attempts: number }> => {
  let last = exported;
  for (let tries = 0; ; tries++) {
    const attempts = tries + 1;
    if ('fault' in last || isStream(last)) return { last, attempts };
    const { damage } = last;
    const wait = retryDelayMs(damage.retry);
    if (wait === undefined || tries === STREAM_TRIES) return { last: { itemId: last.itemId, fault: damage }, attempts };
    await task.worker.clock.sleep(Math.max(wait, backoffMs(STREAM_WAITS, tries + 1)), task.signal);
    for await (const again of client.exportItems(last.mailbox, [last.itemId], task.signal)) last = again;
  }
};

/** Whether an item came as a stream that can be parsed. */
const isStream = (exported: CheckedItem): exported is CheckedStream => 'doubts' in exported;

/** A stream to publish; `reason` says why it was made of MIME. */
type Exported = Pick<CheckedStream, 'data' | 'sha256' | 'doubts'> & { readonly reason?: string };

/** Permanent, known, documented: the item is not there any more. Everything else is a failure that can be retried. */
const isSkip = (fault: Fault): boolean => fault.code === 'graph.item-gone';

/** Exchange answers for a recoverable item that it does not export as it does for one that is gone. */
const NOT_RECOVERABLE = {
  code: 'item.recoverable-refused',
  advice:
    'Exchange lists this item among the recoverable ones and does not export it, or it was purged meanwhile. Where it is needed, use an eDiscovery export of Microsoft Purview.',
};

const outcome = (task: Task<'slice'>, mailbox: SourceMailbox, item: ManifestItem, { fault, attempts }: Failure): ItemOutcome => ({
  ...place(task, mailbox, item, attempts),
  code: isSkip(fault) ? 'item.gone' : fault.code,
  ...(fault.advice === undefined ? {} : { advice: fault.advice }),
});

const place = (
  task: Task<'slice'>,
  mailbox: SourceMailbox,
  item: ManifestItem,
  attempts: number,
): Omit<ItemOutcome, 'code' | 'advice'> => ({
  itemKey: item.key,
  itemId: item.id,
  folderKey: task.unit.folderKey,
  mailbox,
  itemType: item.type,
  ...(item.date === undefined ? {} : { itemDate: item.date }),
  sizeBytes: item.size,
  attempts,
  at: task.worker.clock.now(),
});

const toRecord = async (
  task: Task<'slice'>,
  mailbox: SourceMailbox,
  item: ManifestItem,
  { data, sha256, reason, doubts }: Exported,
): Promise<OutgoingRecord> => {
  const { worker, control, unit } = task;
  const isClaim = data.length > worker.limits.claimFromBytes;
  const claim = isClaim
    ? await putClaim(
        worker.work,
        {
          jobKey: claimKey(control.refs.mailboxJobId),
          job: control.refs.mailboxJobId,
          pass: control.refs.passId,
          attempt: control.attempt,
          sha256,
        },
        data,
      )
    : undefined;
  const bytes = data.length;
  if (isClaim) freeNow(data);
  const meta: ItemMeta = {
    kind: 'item',
    passId: control.refs.passId,
    itemKey: item.key,
    itemId: item.id,
    folderKey: unit.folderKey,
    mailbox,
    itemType: item.type,
    ...(item.date === undefined ? {} : { itemDate: item.date }),
    ...(item.changed === undefined ? {} : { itemChanged: item.changed }),
    sha256,
    bytes,
    ...(claim === undefined ? {} : { claim: claim.key }),
    ...(reason === undefined ? {} : { fidelity: 'mime' as const, reason }),
    ...marked(doubts),
  };
  return isClaim ? itemRecord(control.refs.mailboxJobId, meta) : itemRecord(control.refs.mailboxJobId, meta, data);
};

/** Keeps the names of two jobs' claims apart, so that equal mails do not show as equal. */
const claimKey = (mailboxJobId: string): Uint8Array => createHash('sha256').update(`claims\u0000${mailboxJobId}`).digest();
