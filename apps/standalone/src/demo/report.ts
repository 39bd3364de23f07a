import { resolve } from 'node:path';
import type { Mailbox, Part } from '@pstream/api';
import { unaccounted, type Totals } from '@pstream/contracts';

/** One mailbox as the demo reports it. */
export type MailboxReport = Totals & {
  /** Items among the exported ones that were made from MIME or JSON instead of their stream. */
  readonly mime: number;
  /** Folders that could not be listed to their end. */
  readonly foldersNotListed: number;
  /** Items among the exported ones that may not be what the mailbox holds. */
  readonly doubts: number;
  readonly userPrincipalName: string;
  readonly kind: 'primary' | 'archive';
  readonly parts: readonly { readonly path: string; readonly bytes: number; readonly sha256: string; readonly items: number }[];
};

/** What `--json` prints. */
export type DemoReport = {
  readonly ok: boolean;
  readonly mailboxes: readonly MailboxReport[];
  readonly seconds: number;
  readonly peakRssBytes: number;
};

/** A mailbox at the end of the demo, and what is wrong with it, if anything is. */
export const reportMailbox = (
  view: Mailbox,
  kind: 'primary' | 'archive',
  parts: readonly Part[],
): { readonly report: MailboxReport; readonly problems: readonly string[] } => {
  const problems: string[] = [];
  const open = unaccounted(view.totals);
  const inParts = parts.reduce((sum, part) => sum + part.items, 0);
  if (view.status !== 'Completed' && view.status !== 'Completed with errors')
    problems.push(
      `${view.status}${view.cause === null ? '' : `: ${view.cause.code}${view.cause.advice === undefined ? '' : ` (${view.cause.advice})`}`}`,
    );
  if (open !== 0) problems.push(`${open} items are not accounted for`);
  if (view.foldersNotListed > 0) problems.push(`${view.foldersNotListed} folders could not be listed`);
  if (inParts !== view.totals.exported) problems.push(`the parts hold ${inParts} items, ${view.totals.exported} were exported`);
  for (const part of parts)
    if (part.state !== 'abandoned' && (part.state !== 'verified' || part.sha256 === null))
      problems.push(`${part.name} is ${part.state}, not verified`);
  const report: MailboxReport = {
    userPrincipalName: view.source,
    kind,
    ...view.totals,
    mime: view.mime,
    foldersNotListed: view.foldersNotListed,
    doubts: view.doubts,
    // A part that is open is no file yet; it is among the problems.
    parts: parts.flatMap((part) =>
      part.location === null ? [] : [{ path: resolve(part.location), bytes: part.bytes, sha256: part.sha256 ?? '', items: part.items }],
    ),
  };
  return { report, problems };
};

/** Bytes as people read them. */
export const size = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
};

/** The report for people: PSTs, the sum of each mailbox, and how to open what was made. */
export const printReport = (report: DemoReport): string => {
  const lines: string[] = ['', 'PST files'];
  for (const mailbox of report.mailboxes) {
    for (const part of mailbox.parts) lines.push(`  ${part.path}`, `    ${size(part.bytes)}, ${part.items} items, SHA-256 ${part.sha256}`);
  }
  lines.push('', 'Reconciliation: discovered = exported + skipped + failed');
  for (const mailbox of report.mailboxes) {
    const { userPrincipalName, kind, discovered, exported, skipped, failed, mime, doubts, foldersNotListed } = mailbox;
    const holds = discovered === exported + skipped + failed;
    const notes = [
      ...(mime === 0 ? [] : [`(${mime} of the exported as MIME)`]),
      ...(doubts === 0 ? [] : [`(${doubts} of the exported with doubts)`]),
      ...(holds ? [] : ['does not hold']),
      ...(foldersNotListed === 0 ? [] : [`(${foldersNotListed} folders not listed)`]),
    ];
    lines.push(
      `  ${holds ? '✓' : '✗'} ${userPrincipalName} (${kind}): ${[`${discovered} = ${exported} + ${skipped} + ${failed}`, ...notes].join('   ')}`,
    );
  }
  lines.push(
    '',
    'How to open them: in Outlook, File > Open & Export > Open Outlook Data File. Without Outlook:',
    `  npm run -s pstream -- pst ls ${report.mailboxes[0]?.parts[0]?.path ?? 'FILE.pst'}`,
    '',
    `${report.ok ? 'Every item is exported or explained, and every part was read back and verified.' : 'Not complete: see above.'} ${report.seconds.toFixed(1)} s, at most ${size(report.peakRssBytes)} of memory.`,
  );
  return `${lines.join('\n')}\n`;
};
