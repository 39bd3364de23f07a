import type { ReportHead } from '@pstream/api';
import { markup, Markup, table } from './markup.js';
import { estimateSection } from './page-estimate.js';
import { mailboxSection } from './page-mailbox.js';
import type { MailboxLine, Report } from './project-report.js';
import { causeBars, growth, stepsOf } from './plots.js';
import { REPORT_STYLE } from './style.js';
import { count, duration, outcomeText, size, time } from './words.js';

/** What the report may do in a browser: set its own styles, and stand in a frame of the console. */
export const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** The report as a page of its own: no script, no address outside, nothing to load. It comes in pieces, a mailbox at a time. */
export async function* reportPage({ head, lines, sealed, mailboxes }: Report): AsyncGenerator<string> {
  yield markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Report: ${head.project.name}</title><style>${new Markup(REPORT_STYLE)}</style></head><body>
${top(head)}<main>
${growth(stepsOf(sealed))}${estimateSection(head.estimate)}${notCovered(head)}${causes(head)}${waits(head)}${settings(head)}${overview(lines)}`
    .text;
  for await (const mailbox of mailboxes) yield mailboxSection(mailbox).text;
  yield '</main></body></html>\n';
}

const top = (head: ReportHead): Markup => {
  const { customer, project, generatedAt, release, verdict, sums, parts } = head;
  const { discovered, exported, skipped, failed } = sums.totals;
  const figures: readonly (readonly [string, string])[] = [
    ['Mailboxes done', `${count(verdict.done)} of ${count(sums.mailboxes)}`],
    ['Items discovered', count(discovered)],
    ['Exported', count(exported)],
    ['Skipped', count(skipped)],
    ['Failed', count(failed)],
    ['Still to account for', count(sums.unaccounted)],
    ['PSTs verified', `${count(parts.verified)} of ${count(parts.files)}`],
    ['Size of the PSTs', size(parts.bytes)],
  ];
  const sum = `${count(exported)} exported + ${count(skipped)} skipped + ${count(failed)} failed = ${count(exported + skipped + failed)} of ${count(discovered)} discovered${sums.unaccounted === 0 ? '' : `; ${count(sums.unaccounted)} still to account for`}.`;
  const { overLimit } = parts;
  const larger = overLimit === 1 ? 'One PST is larger than a part should be' : `${count(overLimit)} PSTs are larger than a part should be`;
  return markup`<header><p class="over">Export report · ${customer} · ${time(generatedAt)} · pstream ${release}</p><h1>${project.name}</h1>
<p class="verdict${verdict.complete ? ' good' : ''}"><span aria-hidden="true">${verdict.complete ? '✓' : '!'}</span> ${verdict.sentence}</p>
<dl class="figures">${figures.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="soft">${sum}${overLimit === 0 ? '' : ` ${larger}, because a single item is: a part ends between items.`}</p></header>
`;
};

const notCovered = (head: ReportHead): Markup => markup`<h2>What is not covered, and why</h2>
${table(
  'What the PSTs do not hold',
  [
    { title: 'What', of: ({ title }) => title },
    { title: 'Folders', of: ({ folders }) => (folders === 0 ? '' : count(folders)), number: true },
    { title: 'Items', of: ({ items }) => (items === 0 ? '' : count(items)), number: true },
    { title: 'Why', of: ({ why }) => why },
  ],
  head.notCovered,
)}`;

const causes = (head: ReportHead): Markup =>
  head.causes.length === 0
    ? markup`<h2>Items that did not arrive as they were</h2>
<p>None: every exported item came as its own stream, and none failed or was skipped.</p>
`
    : markup`<h2>Items that did not arrive as they were</h2>
${causeBars(head.causes)}${table(
        'Skipped, failed and converted items by cause',
        [
          { title: 'Cause', of: ({ code, advice }) => markup`<code>${code}</code>${advice === null ? '' : markup`<br>${advice}`}` },
          { title: 'Outcome', of: outcomeText },
          { title: 'Items', of: ({ items }) => count(items), number: true },
          { title: 'Still open', of: ({ open }) => (open === 0 ? '' : bad(open)), number: true },
          { title: 'Mailboxes', of: (cause) => count(cause.mailboxes), number: true },
        ],
        head.causes,
      )}`;

const bad = (value: number): Markup => markup`<span class="bad">${count(value)}</span>`;

const waits = ({ sums }: ReportHead): Markup => {
  const rows = Object.entries(sums.waits).sort(([, a], [, b]) => b.ms - a.ms);
  if (rows.length === 0)
    return markup`<h2>Waits</h2>
<p>No limit of the tenant made the last passes wait.</p>
`;
  return markup`<h2>Waits</h2>
${table(
  'What limits of the tenant cost in the last pass of each mailbox',
  [
    { title: 'Limit', of: ([limit]) => markup`<code>${limit}</code>` },
    { title: 'Waits', of: ([, { times }]) => count(times), number: true },
    { title: 'Time, all mailboxes together', of: ([, { ms }]) => duration(ms), number: true },
  ],
  rows,
)}`;
};

const settings = ({ project, source, destination }: ReportHead): Markup => {
  const { options } = project;
  const rows: readonly (readonly [string, string])[] = [
    ['Project type', project.type],
    ['Source', endpointText(source)],
    ['Destination', `${endpointText(destination)}, container ${project.container}`],
    ['Part size', size(project.partBytes ?? 0)],
    ['Item types', options.itemTypes?.join(', ') ?? 'all'],
    ['Items from', options.itemsFrom ?? 'the first'],
    ['Items before', options.itemsBefore ?? 'no end'],
    ['Folder filter', options.folderFilter?.join('  ') ?? 'none'],
    ['Folder mapping', options.folderMapping?.join('  ') ?? 'none'],
    ['Bad item limit', options.badItemLimit === undefined ? 'none' : count(options.badItemLimit)],
    ['Hidden folders', options.skipHiddenFolders === true ? 'left out' : 'exported'],
    ['Recoverable Items', options.recoverableItems === true ? 'yes, best effort' : 'no'],
  ];
  return markup`<h2>Settings</h2>
${table(
  'Settings for passes started from now on',
  [
    { title: 'Setting', of: ([name]) => name },
    { title: 'Value', of: ([, value]) => value },
  ],
  rows,
)}`;
};

const endpointText = (endpoint: ReportHead['source']): string => {
  if (endpoint === null) return 'removed';
  const { tenantId, account, path } = endpoint.settings;
  return `${endpoint.name} (${tenantId ?? account ?? path ?? endpoint.kind})`;
};

const overview = (lines: readonly MailboxLine[]): Markup => markup`<h2>Mailboxes</h2>
${table(
  'Every mailbox of the project',
  [
    { title: 'Mailbox', of: ({ mailboxJobId, source }) => markup`<a href="#m-${mailboxJobId}">${source}</a>` },
    { title: 'PST', of: ({ destination }) => destination },
    { title: 'Status', of: ({ status, done }) => (done ? markup`<span class="good">✓</span>\u00A0${status}` : status) },
    { title: 'Discovered', of: ({ totals }) => count(totals.discovered), number: true },
    { title: 'Exported', of: ({ totals }) => count(totals.exported), number: true },
    { title: 'Skipped', of: ({ totals }) => count(totals.skipped), number: true },
    { title: 'Failed', of: ({ totals }) => count(totals.failed), number: true },
    { title: 'Unaccounted', of: ({ unaccounted }) => (unaccounted === 0 ? '0' : bad(unaccounted)), number: true },
    { title: 'PSTs', of: ({ parts }) => count(parts), number: true },
    { title: 'Size', of: ({ exportedBytes }) => (exportedBytes === null ? '' : size(exportedBytes)), number: true },
  ],
  lines,
)}`;
