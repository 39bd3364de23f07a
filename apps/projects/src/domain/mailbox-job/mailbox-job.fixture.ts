import type { MailboxJobEvent, PassKind, Totals } from '@pstream/contracts';
import { decider, passSettings } from '@pstream/testing';
import type { MailboxJobCommand } from './commands.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { newMailboxJob } from './state.js';

// A mailbox job, and the commands and events that specs are about.

export const at = '2026-03-01T00:00:00.000Z';
export const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'p1' };
export const item = { mailboxJobId: 'm', source: 'ada@contoso.com', destination: 'ada.pst' };
export const opened: MailboxJobEvent = {
  type: 'MailboxJobOpened',
  data: { workgroupId: 'w', customerId: 'c', projectId: 'p', ...item, at },
};
export const untouched = decider({ decide, evolve, initial: newMailboxJob });
export const job = decider({ decide, evolve, initial: evolve(newMailboxJob, opened) });
export const { source: _source, destinationName: _destinationName, ...settings } = passSettings;
export const start = (kind: PassKind, coveredUntil: string | null = null): MailboxJobCommand => ({
  type: 'StartPass',
  at,
  kind,
  refs,
  item,
  settings,
  coveredUntil,
});
export const started = (kind: PassKind, number = 1, passId = 'p1'): Extract<MailboxJobEvent, { type: 'PassStarted' }> => ({
  type: 'PassStarted',
  data: { ...refs, passId, number, kind, settings: kind === 'trial' ? { ...passSettings, folder: 'trial' } : passSettings, at },
});
/** The same pass, with its PSTs in the folder for Trials. */
export const inTrial = ({ data, ...event }: Extract<MailboxJobEvent, { type: 'PassStarted' }>): MailboxJobEvent => ({
  ...event,
  data: { ...data, settings: { ...data.settings, folder: 'trial' } },
});
export const begun: MailboxJobEvent = { type: 'PassBegun', data: { ...refs, at } };
export const stopRequested: MailboxJobEvent = { type: 'PassStopRequested', data: { ...refs, attempt: 1, at } };
export const stopped: MailboxJobEvent = { type: 'PassStopped', data: { ...refs, at } };
export const completed = (kind: PassKind, pass: Totals, mailbox = pass, passId = 'p1'): MailboxJobEvent => ({
  type: 'PassCompleted',
  data: { ...refs, passId, kind, pass, mailbox, at },
});
export const failed = (kind: PassKind): MailboxJobEvent => ({
  type: 'PassFailed',
  data: { ...refs, kind, cause: { code: 'graph.x' }, at },
});
/** Every folder was listed, and a retry found no item that was not discovered before. */
export const allListed = { foldersNotListed: 0, firstSeen: 0, superseded: 0 };
export const sum = (discovered: number, exported: number, skipped: number, failures: number): Totals => ({
  discovered,
  exported,
  skipped,
  failed: failures,
});
