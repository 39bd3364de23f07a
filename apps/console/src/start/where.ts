import type { AnswerOf } from '../api/answers.js';

type Customer = AnswerOf<'listCustomers'>['items'][number];
type Endpoint = AnswerOf<'listEndpoints'>['items'][number];
type Project = AnswerOf<'listProjects'>['items'][number];
type Row = AnswerOf<'getMailbox'>;
type Part = AnswerOf<'listMailboxParts'>['items'][number];

/** The steps of a first migration, in their order. */
export const STEPS = ['customer', 'source', 'destination', 'project', 'mailbox', 'verify', 'licence', 'export', 'pst'] as const;
export type StepName = (typeof STEPS)[number];
export type StepState = 'done' | 'now' | 'later' | 'optional';

/** What the API says of everything that a step asks for; undefined where there is none, or where somebody has to choose. */
export type Facts = {
  readonly customer: Customer | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly project: Project | undefined;
  readonly row: Row | undefined;
  readonly parts: readonly Part[];
  /** Whether passes need licences here, and whether the user of the mailbox has one. */
  readonly enforced: boolean;
  readonly licensed: boolean;
};

/** The one that the address names, or the only one there is. Of several, somebody chooses. */
export const chosenOf = <T>(items: readonly T[], idOf: (item: T) => string, id: string | undefined): T | undefined =>
  items.find((item) => idOf(item) === id) ?? (items.length === 1 ? items[0] : undefined);

export const isSource = ({ kind }: Pick<Endpoint, 'kind'>): boolean => kind === 'microsoft-365';

/** Whether a bundle is of a user and has not ended; addresses mean the same in capitals. */
export const isLicensed = (
  { user, expiresAt }: { readonly user: string; readonly expiresAt: string },
  address: string,
  nowMs: number,
): boolean => user.toLowerCase() === address.toLowerCase() && Date.parse(expiresAt) > nowMs;

/** A check that only warns leaves the mailbox readable. */
const isVerified = ({ checks }: Row): boolean => checks.length > 0 && checks.every(({ verdict }) => verdict !== 'fail');

const isExported = ({ status, pass }: Row): boolean =>
  (status === 'Completed' || status === 'Completed with errors') && pass !== null && pass.kind !== 'verify';

const DONE: Readonly<Record<StepName, (facts: Facts) => boolean>> = {
  customer: ({ customer }) => customer !== undefined,
  source: ({ endpoints }) => endpoints.some(isSource),
  destination: ({ endpoints }) => endpoints.some((endpoint) => !isSource(endpoint)),
  project: ({ project }) => project !== undefined,
  mailbox: ({ row }) => row !== undefined,
  verify: ({ row }) => row !== undefined && (isVerified(row) || row.totals.exported > 0),
  licence: ({ licensed }) => licensed,
  export: ({ row }) => row !== undefined && isExported(row),
  pst: ({ parts }) => parts.some(({ state }) => state === 'verified'),
};

/** How far each step is. A Trial is free, so that a licence is never what has to be done next. */
export const statesOf = (facts: Facts): readonly (readonly [StepName, StepState])[] => {
  const steps = STEPS.filter((step) => step !== 'licence' || facts.enforced);
  const next = steps.find((step) => step !== 'licence' && !DONE[step](facts));
  return steps.map((step) => {
    if (DONE[step](facts)) return [step, 'done'];
    if (step === next) return [step, 'now'];
    return [step, step === 'licence' && facts.row !== undefined ? 'optional' : 'later'];
  });
};
