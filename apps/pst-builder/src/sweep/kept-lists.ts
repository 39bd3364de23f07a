import { deleteBelow, type BlobStore } from '@pstream/blob';
import { partStream, streamName, type MailboxJobEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { evolve } from '../part/domain/evolve.js';
import { noPart } from '../part/domain/state.js';
import { isFollowed } from './leftovers.js';

/** What nobody needs any more of the lists that a pass has left for later ones: only the keys of its parts, or the pages and lists of updates too. */
export type Freed = 'keys' | 'all';

const JOBS = 'mailbox-job:';

/** The passes of a mailbox whose lists are free, wholly or in part. Of a removed mailbox, and of passes that were started over or given up, nothing
 *  is read any more. A closed one is not exported any more, so no update asks which part has an item; what changed since its export can still be
 *  asked for. What is free stays so. */
export const freedPasses = (job: readonly MailboxJobEvent[]): ReadonlyMap<string, Freed> => {
  const freed = new Map<string, Freed>();
  const is = (type: MailboxJobEvent['type']): boolean => job.some((event) => event.type === type);
  const [isRemoved, isClosed] = [is('MailboxRemoved'), is('MailboxClosed')];
  const completed = new Set(job.flatMap((event) => (event.type === 'PassCompleted' ? [event.data.passId] : [])));
  const replaced = new Set(job.flatMap((event) => (event.type === 'MailboxStartedOver' ? event.data.passIds : [])));
  for (const event of job) {
    if (event.type !== 'PassStarted') continue;
    const { passId } = event.data;
    const isGivenUp = !completed.has(passId) && isFollowed(job, passId);
    if (isRemoved || replaced.has(passId) || isGivenUp) freed.set(passId, 'all');
    else if (isClosed) freed.set(passId, 'keys');
  }
  return freed;
};

/** Removes pages, lists of updates and keys of parts that no pass and no question can need any more. What belongs to no known pass or part is left
 *  alone. Several may run at once. Returns how many of each kind were removed. */
export const sweepKeptLists = async (
  { store, work, clock }: { readonly store: EventStore; readonly work: BlobStore; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<{ readonly pages: number; readonly updates: number; readonly keys: number }> => {
  const freed = new Map<string, Freed>();
  for await (const name of store.streams(JOBS)) {
    signal?.throwIfAborted();
    for (const [passId, what] of freedPasses(await store.read(streamName<MailboxJobEvent>(name)))) freed.set(passId, what);
    await clock.yield();
  }
  const isOfFreedPass = (name: string): boolean => freed.get(name.split('/')[1] ?? '') === 'all';
  const pages = await deleteBelow(work, 'manifests/', isOfFreedPass, signal);
  const updates = await deleteBelow(work, 'updates/', isOfFreedPass, signal);
  // Names are listed in order, so one part is known at a time.
  let last: { readonly partId: string; readonly isFree: (epoch: number) => boolean } | undefined;
  const areFree = async (name: string): Promise<boolean> => {
    const [, partId = '', epoch] = name.split('/');
    if (last?.partId !== partId) last = { partId, isFree: await freeKeysOf(store, partId, freed) };
    return last.isFree(Number(epoch));
  };
  return { pages, updates, keys: await deleteBelow(work, 'keys/', areFree, signal) };
};

/** Of a part, only the keys that its last owner left count: those of the owner that decided the commit, or may still do so. */
const freeKeysOf = async (store: EventStore, partId: string, freed: ReadonlyMap<string, Freed>): Promise<(epoch: number) => boolean> => {
  const events = await store.read(partStream(partId));
  const [first] = events;
  if (first === undefined) return () => false;
  const part = events.reduce(evolve, noPart);
  if (freed.has(first.data.passId) || part.is === 'abandoned' || part.is === 'removed' || part.is === 'none') return () => true;
  return (epoch) => (part.is === 'open' ? epoch < part.epoch : epoch !== part.epoch);
};
