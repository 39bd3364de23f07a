import { z } from 'zod';

/** Kinds of projects; a mix of mailboxes and archives needs one project of each. */
export const projectTypes = ['mailbox', 'archive'] as const;
export const ProjectType = z.enum(projectTypes);
export type ProjectType = z.infer<typeof ProjectType>;

/** Kinds of projects in a list: those that export, and those that keep the record of PSTs that were found and uploaded. */
export const anyProjectTypes = [...projectTypes, 'discovery'] as const;

/** Kinds of passes, in the words and the order of the Start menu. */
export const passKinds = ['verify', 'trial', 'pre-stage', 'full', 'retry-errors'] as const;
export const PassKind = z.enum(passKinds);
export type PassKind = z.infer<typeof PassKind>;

/** Whether a pass of this kind lists the mailbox and takes what no pass before it has taken. */
export const listsMailbox = (kind: PassKind): boolean => kind === 'trial' || kind === 'pre-stage' || kind === 'full';

/** What a Trial takes at the most: so many items of each folder, and so many bytes (as the mailbox counts them) in all. */
export const TRIAL = { itemsPerFolder: 10, bytes: 5 * 1024 ** 2 } as const;

/** What the Status column says. */
export const statuses = [
  'Not Submitted',
  'Verifying',
  'Verified',
  'Verification failed',
  'Submitted',
  'Queued',
  'Migrating',
  'Stopping',
  'Stopped',
  'Completed',
  'Completed with errors',
  'Failed',
] as const;
export type Status = (typeof statuses)[number];

/** How a mailbox stands once a pass has exported it: never plainly completed while items failed, or while a folder is not listed, of which
 *  nobody knows what it holds. */
export const completedStatus = ({ failed }: Totals, foldersNotListed: number): 'Completed' | 'Completed with errors' =>
  failed > 0 || foldersNotListed > 0 ? 'Completed with errors' : 'Completed';

/** The sum that must hold for every folder and every mailbox: discovered = exported + skipped + failed. Counts of items. */
export const Totals = z.strictObject({
  discovered: z.int().nonnegative(),
  exported: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
  failed: z.int().nonnegative(),
});
export type Totals = z.infer<typeof Totals>;

/** Items that are neither exported nor explained. Zero on anything complete. */
export const unaccounted = (totals: Totals): number => totals.discovered - totals.exported - totals.skipped - totals.failed;

export const noItems: Totals = { discovered: 0, exported: 0, skipped: 0, failed: 0 };

/** The sum of both. */
export const addTotals = (a: Totals, b: Partial<Totals>): Totals => ({
  discovered: a.discovered + (b.discovered ?? 0),
  exported: a.exported + (b.exported ?? 0),
  skipped: a.skipped + (b.skipped ?? 0),
  failed: a.failed + (b.failed ?? 0),
});

/** A ULID: 26 characters of Crockford base 32. */
export const Ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'Give an id of 26 letters and digits.');

/** An SMTP address as administrators type it. */
export const SmtpAddress = z
  .string()
  .max(320)
  .regex(/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/, 'Give an SMTP address such as user@contoso.com.');

/** Why a pass, a check or an item did not end well: a code of ours, and what a person can do next. */
export const Cause = z.strictObject({
  code: z.string(),
  advice: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
});
export type Cause = z.infer<typeof Cause>;
