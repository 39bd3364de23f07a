import { STATUSES } from './parts/statuses.js';
import { SORTS, VIEWS as TABLE_VIEWS, type Row, type Sort, type View } from './project/views.js';

// What the addresses of pages say beside their path. Whatever is not understood is left out: an address is typed, shared and kept for years.

/** The table of a project. */
export type ProjectSearch = { view?: View; q?: string; code?: string; status?: Row['status'] | ''; sort?: Sort; desc?: boolean };
export const MAILBOX_TABS = ['folders', 'errors', 'parts', 'passes', 'checks'] as const;
export type MailboxTab = (typeof MAILBOX_TABS)[number];
export const ERROR_STATES = ['open', 'acknowledged', 'mended', 'all'] as const;
export type ErrorState = (typeof ERROR_STATES)[number];
/** Columns that the list of projects can be sorted by. */
export const PROJECT_SORTS = ['name', 'running', 'attention', 'done', 'mailboxes'] as const;
export type ProjectSort = (typeof PROJECT_SORTS)[number];

type Given = Readonly<Record<string, unknown>>;
const one = <T extends string>(allowed: readonly T[], value: unknown): T | undefined => allowed.find((each) => each === value);
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value).slice(0, 200) : undefined;

/** A code, which is shown: an address that somebody sends must not put words of theirs on the page. */
const codeIn = (value: unknown): string | undefined => (typeof value === 'string' && /^[a-z\d.-]{1,100}$/.test(value) ? value : undefined);

/** Leaves out what is undefined, so that addresses stay short. */
const given = <T extends object>(search: T): T =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;

export const projectSearch = ({ view, q, code, status, sort, desc }: Given): ProjectSearch =>
  given({
    view: one(
      TABLE_VIEWS.filter((each) => each !== 'all'),
      view,
    ),
    q: text(q),
    code: codeIn(code),
    status: one(STATUSES, status),
    sort: one(
      SORTS.filter((each) => each !== 'source'),
      sort,
    ),
    desc: desc === true ? true : undefined,
  }) as ProjectSearch;

export const mailboxSearch = ({ tab }: Given): { tab?: MailboxTab } => given({ tab: one(MAILBOX_TABS, tab) }) as { tab?: MailboxTab };

export const errorSearch = ({ state }: Given): { state?: ErrorState } =>
  given({ state: one(ERROR_STATES, state) }) as { state?: ErrorState };

export const projectsSearch = ({ q, by }: Given): { q?: string; by?: ProjectSort } =>
  given({ q: text(q), by: one(PROJECT_SORTS, by) }) as { q?: string; by?: ProjectSort };

const ID = /^[0-9A-Z]{26}$/;
const idIn = (value: unknown): string | undefined => (typeof value === 'string' && ID.test(value) ? value : undefined);

/** What a first migration is about. */
export const startSearch = ({ customer, project, mailbox }: Given): { customer?: string; project?: string; mailbox?: string } =>
  given({ customer: idIn(customer), project: idIn(project), mailbox: idIn(mailbox) }) as {
    customer?: string;
    project?: string;
    mailbox?: string;
  };

/** The order that is renewed, instead of buying new licences. */
export const buySearch = ({ renew }: Given): { renew?: string } => given({ renew: idIn(renew) }) as { renew?: string };

/** Nodes of a PST in hexadecimal, those that lead to one within another with dots between. */
const nodes = (value: unknown): string | undefined => {
  const given = typeof value === 'number' ? String(value) : value;
  return typeof given === 'string' && /^[0-9a-f]{1,8}(?:\.[0-9a-f]{1,8}){0,7}$/.test(given) ? given : undefined;
};

/** What is looked at in a PST. */
export const viewerSearch = ({ folder, q, message }: Given): { folder?: string; q?: string; message?: string } =>
  given({ folder: nodes(folder), q: text(q), message: nodes(message) }) as { folder?: string; q?: string; message?: string };

/** What is searched in the manual, or the code that is to be explained. */
export const helpSearch = ({ q, code }: Given): { q?: string; code?: string } =>
  given({ q: text(q), code: codeIn(code) }) as { q?: string; code?: string };

/** Outcomes of what is on record. */
export const OUTCOMES = ['done', 'refused', 'failed', 'viewed', 'unknown'] as const;
/** What is shown of the record; all of that of the workgroup unless something is given. */
export type AuditSearch = {
  of?: 'installation';
  person?: string;
  action?: string;
  object?: string;
  outcome?: (typeof OUTCOMES)[number];
  from?: string;
  before?: string;
};
const instant = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : undefined;

export const auditSearch = ({ of, person, action, object, outcome, from, before }: Given): AuditSearch =>
  given({
    of: of === 'installation' ? of : undefined,
    person: text(person)?.slice(0, 64),
    action: text(action)?.slice(0, 64),
    object: text(object)?.slice(0, 64),
    outcome: one(OUTCOMES, outcome),
    from: instant(from),
    before: instant(before),
  }) as AuditSearch;

/** What becomes of a notice. */
export const NOTICE_STATES = ['sending', 'retrying', 'sent', 'given-up'] as const;

/** Which notices are listed. */
export const noticesSearch = ({ state }: Given): { state?: (typeof NOTICE_STATES)[number] } =>
  given({ state: one(NOTICE_STATES, state) }) as { state?: (typeof NOTICE_STATES)[number] };
