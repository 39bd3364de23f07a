import { claimOwner, deleteBelow, freeClaims, type BlobStore } from '@pstream/blob';
import {
  buildStream,
  mailboxJobStream,
  partStream,
  passControl,
  type BuildEvent,
  type MailboxJobEvent,
  type PassRefs,
} from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { ASIDE, asideOwner, dropAside } from '../items/set-aside.js';
import { dropCheckpoints } from '../part/checkpoints.js';
import { dropLists } from '../part/open-part.js';

/** What a pass may still read in working storage: everything while it can go on; only its checkpoints, and claims and records of attempts that
 *  are yet to come, once it has rested for long; nothing after it was built to its end, or its mailbox removed. */
export type Need = { readonly is: 'everything' } | { readonly is: 'checkpoints'; readonly attempt: number } | { readonly is: 'nothing' };

/** What follows a pass that has not ended only once it is given up. */
const GIVES_UP: ReadonlySet<string> = new Set<MailboxJobEvent['type']>([
  'PassStarted',
  'MailboxEdited',
  'MailboxStartedOver',
  'MailboxClosed',
]);

const DAY_MS = 24 * 3_600_000;

const lastOf = (job: readonly MailboxJobEvent[], passId: string): number =>
  job.findLastIndex((event) => 'passId' in event.data && event.data.passId === passId);

/** Whether something came after a pass that comes only when the pass has ended or is given up. */
export const isFollowed = (job: readonly MailboxJobEvent[], passId: string): boolean => {
  const lastAt = lastOf(job, passId);
  return lastAt >= 0 && job.slice(lastAt + 1).some(({ type }) => GIVES_UP.has(type));
};

/** Decides what a pass needs by the events of its mailbox job and of its building. A pass that stopped or failed `keepDays` ago or
 *  earlier has rested for long. Of a pass that nobody knows everything is kept: what cannot be explained is not ours to delete. */
export const needOf = (
  job: readonly MailboxJobEvent[],
  build: readonly BuildEvent[],
  passId: string,
  now: string,
  keepDays: number,
): Need => {
  if (build.some((event) => event.type === 'BuildFinished') || job.some((event) => event.type === 'MailboxRemoved'))
    return { is: 'nothing' };
  if (isFollowed(job, passId)) return { is: 'nothing' };
  const last = job[lastOf(job, passId)];
  const rests = last?.type === 'PassStopped' || last?.type === 'PassFailed';
  if (!rests || Date.parse(now) - Date.parse(last.data.at) < keepDays * DAY_MS) return { is: 'everything' };
  return { is: 'checkpoints', attempt: passControl(job, passId)?.attempt ?? 0 };
};

/** Removes what a pass that was built to its end has left; may be repeated. Faults as of the working storage. */
export const clearPass = async (work: BlobStore, { mailboxJobId, passId }: PassRefs, partIds: readonly string[]): Promise<void> => {
  await freeClaims(work, { job: mailboxJobId, pass: passId });
  await dropAside(work, { mailboxJobId, passId });
  for (const partId of partIds) {
    await dropCheckpoints(work, partId);
    await dropLists(work, partId);
  }
};

/** Removes what no pass needs any more, whoever should have: after a crash between the end of a pass and its clearing, from workers that
 *  woke up late, from passes that have rested for long. Several may run at once. Returns how many of each kind were removed. */
export const sweepLeftovers = async (
  { store, work, clock }: { readonly store: EventStore; readonly work: BlobStore; readonly clock: Clock },
  keepDays: number,
  signal?: AbortSignal,
): Promise<{ readonly claims: number; readonly checkpoints: number; readonly aside: number; readonly lists: number }> => {
  const needs = new Map<string, Promise<Need>>();
  const need = (jobId: string, passId: string): Promise<Need> => {
    const known = needs.get(passId) ?? readNeed(store, jobId, passId, clock.now(), keepDays);
    needs.set(passId, known);
    return known;
  };
  const parts = new Map<string, Promise<boolean>>();
  const isDone = async (partId: string): Promise<boolean> => {
    const [first] = await store.read(partStream(partId));
    return first !== undefined && (await need(first.data.mailboxJobId, first.data.passId)).is === 'nothing';
  };
  const isOfNoUse = async (job: string, pass: string, attempt: number): Promise<boolean> => {
    const now = await need(job, pass);
    return now.is === 'nothing' || (now.is === 'checkpoints' && attempt <= now.attempt);
  };
  const claims = await deleteBelow(
    work,
    'claims/',
    async (name) => {
      const owner = claimOwner(name);
      return owner !== undefined && isOfNoUse(owner.job, owner.pass, owner.attempt);
    },
    signal,
  );
  const aside = await deleteBelow(
    work,
    ASIDE,
    async (name) => {
      const owner = asideOwner(name);
      return owner !== undefined && isOfNoUse(owner.mailboxJobId, owner.passId, owner.attempt);
    },
    signal,
  );
  const isOfDone = (name: string): Promise<boolean> => {
    const partId = name.split('/')[1] ?? '';
    const known = parts.get(partId) ?? isDone(partId);
    parts.set(partId, known);
    return known;
  };
  const checkpoints = await deleteBelow(work, 'ckpt/', isOfDone, signal);
  const lists = await deleteBelow(work, 'lists/', isOfDone, signal);
  return { claims, checkpoints, aside, lists };
};

const readNeed = async (store: EventStore, jobId: string, passId: string, now: string, keepDays: number): Promise<Need> => {
  const job = await store.read(mailboxJobStream(jobId));
  const build = await store.read(buildStream(passId));
  return needOf(job, build, passId, now, keepDays);
};
