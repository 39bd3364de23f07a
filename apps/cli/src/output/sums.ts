import type { ProjectDetail } from '@pstream/api';
import { amountOf } from '@pstream/kernel';
import { count, size } from './format.js';
import type { Column } from './output.js';

/** Lines that tell sums over mailboxes. */
export const sumFields: readonly Column<Pick<ProjectDetail, 'sums'>>[] = [
  { title: 'Statuses', exact: ({ sums }) => statusText(sums.statuses) },
  {
    title: 'Discovered',
    exact: ({ sums }) => sums.totals.discovered,
    human: ({ sums }) => `${count(sums.totals.discovered)}${sums.listing === 'going-on' ? ' found so far' : ''}`,
  },
  { title: 'Exported', exact: ({ sums }) => sums.totals.exported, human: ({ sums }) => count(sums.totals.exported) },
  { title: 'of these as MIME', exact: ({ sums }) => sums.mime, human: ({ sums }) => count(sums.mime) },
  { title: 'of these with doubts', exact: ({ sums }) => sums.doubts, human: ({ sums }) => count(sums.doubts) },
  { title: 'Skipped', exact: ({ sums }) => sums.totals.skipped, human: ({ sums }) => count(sums.totals.skipped) },
  { title: 'Failed', exact: ({ sums }) => sums.totals.failed, human: ({ sums }) => count(sums.totals.failed) },
  {
    title: 'Folders not listed',
    exact: ({ sums }) => sums.foldersNotListed,
    human: ({ sums }) => count(sums.foldersNotListed),
  },
  { title: 'Open errors', exact: ({ sums }) => sums.openErrors, human: ({ sums }) => count(sums.openErrors) },
  { title: 'Still to account for', exact: ({ sums }) => sums.unaccounted, human: ({ sums }) => count(sums.unaccounted) },
  {
    title: 'Read',
    exact: ({ sums }) => sums.extracted.bytes,
    human: ({ sums }) => `${amountOf(sums.extracted.items, 'item')}, ${size(sums.extracted.bytes)}`,
  },
  { title: 'Parts', exact: ({ sums }) => sums.parts },
  {
    title: 'Waited',
    exact: ({ sums }) => Object.values(sums.waits).reduce((sum, { ms }) => sum + ms, 0),
    human: ({ sums }) => waitsText(sums.waits),
  },
  {
    title: 'Held up',
    exact: ({ sums }) => Object.values(sums.held).reduce((sum, mailboxes) => sum + mailboxes, 0),
    human: ({ sums }) => heldSums(sums),
  },
];

/** `12 s in 2 waits for MailboxConcurrency`. */
export const waitsText = (waits: ProjectDetail['sums']['waits']): string =>
  Object.entries(waits)
    .map(([limit, { times, ms }]) => `${count(Math.round(ms / 1000))} s in ${count(times)} waits for ${limit}`)
    .join('; ');

/** `2 held up by graph.throttled`; empty while nothing is. */
export const heldSums = ({ held }: ProjectDetail['sums']): string =>
  Object.entries(held)
    .map(([code, mailboxes]) => `${count(mailboxes)} held up by ${code}`)
    .join(', ');

/** `2 Migrating, 198 Completed`. */
export const statusText = (statuses: Readonly<Record<string, number>>): string =>
  Object.entries(statuses)
    .map(([status, mailboxes]) => `${mailboxes} ${status}`)
    .join(', ');
