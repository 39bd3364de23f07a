import type { NoticeEntry, NoticeKind, Totals } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import type { Notice } from '../channels/notice.js';
import { filled, type Values } from './fill.js';

/** Entries that a text lists; the others are counted. */
export const MOST_LINES = 50;

/** One of a kind, and several. */
const WORDS: Readonly<Record<NoticeKind, readonly [string, string]>> = {
  'pass.failed': ['pass failed', 'passes failed'],
  'pass.completed-with-errors': ['pass completed with errors', 'passes completed with errors'],
  'pass.held': ['pass held for more than an hour', 'passes held for more than an hour'],
  'pass.silent': ['pass without a sign of life for half an hour', 'passes without a sign of life for half an hour'],
  'secret.ending': ['warning of a client secret that ends', 'warnings of client secrets that end'],
  'licence.ending': ['warning of licences that end', 'warnings of licences that end'],
  'licence.released': ['release of licences', 'releases of licences'],
  'pass.completed': ['pass completed', 'passes completed'],
  'pass.started': ['pass started', 'passes started'],
  test: ['test', 'tests'],
};

/** What somebody has to look at comes first. */
export const byUrgency = Object.keys(WORDS) as readonly NoticeKind[];

/** Line breaks and other controls have no place in a line of text, whoever named something with them. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** What a notice is made of, as far as its words need it. */
export type Said = Pick<Notice, 'counts' | 'project' | 'entries' | 'templates' | 'subscription'>;

/** What a notice says in one line: in the words of its most urgent kind, where that has its own. */
export const headline = (notice: Said): { readonly text: string; readonly isOwn: boolean } => {
  const usual = usualHeadline(notice);
  const kind = byUrgency.find((one) => notice.counts[one] !== undefined);
  const entry = notice.entries.find((one) => one.kind === kind);
  if (entry === undefined || kind === undefined || kind === 'test') return { text: usual, isOwn: false };
  const own = filled(notice.templates?.[kind]?.subject, kind, { ...valuesOf(entry, notice), usual });
  return own === undefined ? { text: usual, isOwn: false } : { text: own, isOwn: true };
};

const usualHeadline = ({ counts, project }: Pick<Notice, 'counts' | 'project'>): string => {
  if (counts.test !== undefined) return 'This is a test';
  const said = byUrgency.flatMap((kind) => {
    const count = counts[kind] ?? 0;
    return count === 0 ? [] : [`${count} ${WORDS[kind][count === 1 ? 0 : 1]}`];
  });
  return `${project === null ? '' : `${oneLine(project.name)}: `}${said.join(', ')}`;
};

/** Project and customer, where the notice has some. */
export const aboutLine = ({ project }: Pick<Notice, 'project'>): string | undefined =>
  project === null ? undefined : `Project ${oneLine(project.name)} of ${oneLine(project.customer)}`;

const totalsLine = ({ discovered, exported, skipped, failed }: Totals): string =>
  `${exported} of ${discovered} items exported, ${skipped} skipped, ${failed} failed`;

type Lines = { readonly head: string; readonly details: readonly string[] };

/** What an entry says: its heading and its details, in the words of its kind where that has its own. */
export const entryLines = (entry: NoticeEntry, notice: Said): Lines => {
  const usual = usualLines(entry);
  const { kind } = entry;
  if (kind === 'test') return usual;
  const own = filled(notice.templates?.[kind]?.body, kind, { ...valuesOf(entry, notice), usual: usual.head });
  const [head = '', ...details] = own?.split('\n') ?? [];
  return own === undefined ? usual : { head, details };
};

/** One line for each placeholder. */
const valuesOf = (entry: NoticeEntry, { counts, project, subscription }: Said): Values => {
  const { kind, at, source, pass, passKind, totals, code, advice, orderId, quantity, daysLeft, expiresAt, clientId, customer } = entry;
  const values: Readonly<Record<keyof Values, string | number | undefined>> = {
    kind: WORDS[kind][0],
    count: counts[kind] ?? 1,
    at: minute(at),
    subscription: subscription.name,
    usual: undefined,
    project: project?.name,
    customer: project?.customer ?? customer,
    mailbox: source,
    pass,
    'pass-kind': passKind,
    discovered: totals?.discovered,
    exported: totals?.exported,
    skipped: totals?.skipped,
    failed: totals?.failed,
    cause: code,
    advice,
    order: orderId,
    licences: quantity,
    until: expiresAt?.slice(0, 10),
    days: daysLeft,
    app: clientId,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, oneLine(String(value ?? ''))]));
};

const usualLines = (entry: NoticeEntry): Lines => {
  if (entry.kind === 'test') return { head: 'The subscription works: notices arrive here.', details: [] };
  if (entry.orderId !== undefined) return { head: `${minute(entry.at)} ${licenceLine(entry)}`, details: [`Order ${entry.orderId}`] };
  if (entry.clientId !== undefined) return { head: `${minute(entry.at)} ${secretLine(entry)}`, details: [] };
  const pass = entry.passKind === undefined ? '' : ` (${entry.passKind}${entry.pass === undefined ? '' : `, pass ${entry.pass}`})`;
  const details = [
    ...(entry.totals === undefined || entry.kind === 'pass.started' ? [] : [totalsLine(entry.totals)]),
    ...(entry.code === undefined ? [] : [`Cause: ${entry.code}`]),
    ...(entry.advice === undefined ? [] : [oneLine(entry.advice)]),
  ];
  return { head: `${minute(entry.at)} ${oneLine(entry.source ?? '')}: ${WORDS[entry.kind][0]}${pass}`, details };
};

/** What has become of licences. */
const licenceLine = ({ kind, quantity = 0, daysLeft, expiresAt = '' }: NoticeEntry): string => {
  const licences = amountOf(quantity, 'licence');
  const day = expiresAt.slice(0, 10);
  return kind === 'licence.ending'
    ? `${licences}: they end on ${day}, in at most ${amountOf(daysLeft ?? 0, 'day')}. Renew them with: pstream licence renew`
    : `${licences} released, until ${day}`;
};

/** What is about to become of a client secret. */
const secretLine = ({ customer = '', clientId, daysLeft = 0, expiresAt = '' }: NoticeEntry): string =>
  `${oneLine(customer)}: the client secret of the app ${oneLine(clientId ?? '')} ends on ${expiresAt.slice(0, 10)}, in at most ${amountOf(daysLeft, 'day')}. Make another one in Entra, and: pstream endpoint rotate-secret`;

const minute = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** The entries of a notice as they are listed: the most urgent first, in the order of their times within a kind. */
export const listed = ({ entries, counts }: Pick<Notice, 'entries' | 'counts'>, most: number) => {
  const shown = entries.toSorted((a, b) => byUrgency.indexOf(a.kind) - byUrgency.indexOf(b.kind)).slice(0, most);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { shown, more: total - shown.length };
};

/** What a notice says of what it does not list. */
export const moreLine = (more: number): string => `and ${more} more, which \`pstream export watch\` and the console show`;

/** Why somebody gets this. */
export const footer = ({ subscription }: Pick<Notice, 'subscription'>): string =>
  `Sent by pstream because of the subscription "${oneLine(subscription.name)}". Change it with: pstream notice edit ${subscription.subscriptionId}`;
