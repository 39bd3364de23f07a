import type { Fault } from '@pstream/kernel';

// What to do about a folder that is not listed as it should be. Pure: the calls are made elsewhere.

/** How long a folder may fail in a way that may pass, before the pass goes on without it. The rest of the mailbox does not wait. */
export const PASSING_MS = 10 * 60_000;
/** A lasting refusal is asked for again after this: a mailbox that has just been granted answers so now and then. */
export const LASTING_AGAIN_MS = 1_000;
/** Times that a folder is asked for, at least, before a lasting refusal is believed. */
export const LASTING_TRIES = 2;
/** The shortest wait before a folder is asked for again. */
export const LATER_MS = 5_000;

/** Another way to go on listing a folder: its delta from the start, its plain listing from the start, after a look whether it is there at
 *  all, or none. */
export type OtherWay = 'from-start' | 'without-delta' | 'is-it-there' | 'none';

/** How a folder has been listed so far. `dead` and `stuck`: how often its delta was begun again, since a paging link last held and in all;
 *  `shifted`: the same of its plain listing; `attempts`: how often its page has failed before. */
export type Course = {
  readonly isPlain: boolean;
  readonly dead: number;
  readonly stuck: number;
  readonly shifted: number;
  readonly attempts: number;
};

/** So many times in a row a folder whose paging links the tenant forgets is begun again. */
const DEAD_AGAIN = 5;
const STUCK_AGAIN = 1;
const SHIFTED_AGAIN = 3;

/** Refusals that another form of the question must not get round, and those that no form of it would. */
const FINAL: ReadonlySet<string> = new Set([
  'entra.conditional-access',
  'graph.token-refused',
  'graph.directory-forbidden',
  'graph.mailbox-forbidden',
  'graph.access-policy',
  'graph.mailbox-not-online',
  'graph.user-not-found',
  'graph.foreign-url',
  'graph.redirect-loop',
  'graph.too-many-redirects',
]);
/** Faults that one item or one place of a delta can cause each time; the others of those that may pass are left to pass. */
const OF_A_PAGE: ReadonlySet<string> = new Set([
  'graph.server-error',
  'graph.item-corrupt',
  'graph.bad-reply',
  'graph.truncated-reply',
  'graph.reply-too-large',
  'graph.too-much-at-once',
  'graph.timed-out',
]);

/** Which way to go on when a page of a folder has failed. */
export const otherWay = ({ code, retry }: Pick<Fault, 'code' | 'retry'>, { isPlain, dead, stuck, shifted, attempts }: Course): OtherWay => {
  if (code === 'graph.folder-gone' || code === 'graph.not-found') return 'is-it-there';
  if (code === 'graph.listing-shifted') return shifted < SHIFTED_AGAIN ? 'without-delta' : 'none';
  if (isPlain || FINAL.has(code)) return 'none';
  switch (code) {
    case 'graph.delta-expired':
      return dead < DEAD_AGAIN ? 'from-start' : 'without-delta';
    case 'graph.paging-loop':
    case 'graph.no-progress':
      return stuck < STUCK_AGAIN ? 'from-start' : 'without-delta';
    default:
      if (retry === 'never') return 'without-delta';
      return attempts > 0 && OF_A_PAGE.has(code) ? 'without-delta' : 'none';
  }
};

/** Whether the folder will be the same the next time it is asked for. A listing that shifts under every round is taken for one, too. */
export const isLasting = ({ code, retry }: Pick<Fault, 'code' | 'retry'>): boolean => retry === 'never' || code === 'graph.listing-shifted';
