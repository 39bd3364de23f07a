import type { MailboxInReport, ReportHead } from '@pstream/api';
import { MAILBOX_KIND_TEXTS } from '@pstream/contracts';

// How the report writes numbers, sizes, times and states for people. Times are UTC.

/** 1,412,880. */
export const count = (value: number): string => value.toLocaleString('en-GB');

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size in powers of ten, as disks are sold: 1.2 GB. */
export const size = (bytes: number): string => {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1_000 ** power).toFixed(1)} ${UNITS[power]}`;
};

/** 2026-03-01 10:42 UTC; nothing for a time that is not known. */
export const time = (at: string | null | undefined): string =>
  at === null || at === undefined ? '' : `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** 1 h 12 min, 4 min 10 s, 0.4 s. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 10) return `${(ms / 1_000).toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours > 0 ? `${count(hours)} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
};

const OUTCOMES: Readonly<Record<ReportHead['causes'][number]['outcome'], string>> = {
  failed: 'Failed',
  skipped: 'Skipped',
  mime: 'As MIME',
  doubts: 'With doubts',
};

/** What became of items, in a few words. A failed item stays in the report when a later pass has mended it. */
export const outcomeText = ({ outcome, items, open }: Pick<ReportHead['causes'][number], 'outcome' | 'items' | 'open'>): string => {
  if (outcome !== 'failed' || open === items) return OUTCOMES[outcome];
  return open === 0 ? 'Failed, since mended or acknowledged' : `Failed, ${count(items - open)} since mended or acknowledged`;
};

const LEFT: Readonly<Record<string, string>> = {
  'search-folder': 'search folder: items are where they live',
  filtered: 'skipped by the folder filter',
  hidden: 'hidden in Outlook, and left out by the options',
  refused: 'not shown by the tenant',
};

/** What is to be said of a folder besides its sums. */
export const folderNote = ({ left, target, listed, cause, doubts }: MailboxInReport['folders'][number]): string =>
  [
    ...(left === null ? [] : [LEFT[left] ?? left]),
    ...(target === null ? [] : [`to ${target}`]),
    ...(listed ? [] : [`not listed: ${causeText(cause)}`]),
    ...(doubts === 0 ? [] : [`${count(doubts)} with doubts`]),
  ].join('; ');

/** A cause in one line: what to do, and its code. */
export const causeText = (cause: { readonly code: string; readonly advice?: string | null | undefined } | null): string =>
  cause === null ? '' : [cause.advice, `(${cause.code})`].filter((part) => part !== undefined && part !== null).join(' ');

/** What Verify found behind an address. */
export const foundText = ({ kind, archive, readable }: NonNullable<MailboxInReport['found']>): string =>
  `Verify found ${[MAILBOX_KIND_TEXTS[kind], ...(archive ? ['with an archive'] : []), readable ? 'readable' : 'not readable'].join(', ')}.`;

/** Passes as the Start menu calls them. */
export const PASSES: Readonly<Record<NonNullable<MailboxInReport['pass']>['kind'], string>> = {
  verify: 'Verify Credentials',
  trial: 'Trial',
  'pre-stage': 'Pre-Stage',
  full: 'Full Migration',
  'retry-errors': 'Retry Errors',
};
