import type { AnswerOf } from '../api/answers.js';
import { shellWord } from '../parts/shell-word.js';

export type Plan = AnswerOf<'listPlans'>['items'][number];
type Window = NonNullable<Plan['window']>;

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof DAYS)[number];

/** The values of the form of a plan: a field for each of its settings, and one for each day. */
export type PlanField = 'limited' | 'from' | 'to' | 'zone' | 'maxMailboxes' | Day;
type Values = Readonly<Record<PlanField, string>>;

const NIGHT = { from: '20:00', to: '06:00' };

export const planValues = ({ window, maxMailboxes }: Pick<Plan, 'window' | 'maxMailboxes'>, ownZone: string): Values => ({
  limited: window === null ? '' : 'yes',
  from: window?.from ?? NIGHT.from,
  to: window?.to ?? NIGHT.to,
  zone: window?.zone ?? ownZone,
  maxMailboxes: maxMailboxes === null ? '' : String(maxMailboxes),
  ...(Object.fromEntries(DAYS.map((day) => [day, window === null || window.days.includes(day) ? 'yes' : ''])) as Record<Day, string>),
});

/** The plan as the API takes it; the gateway says what is wrong with it. */
export const planOf = (values: Values): { readonly maxMailboxes: number | null; readonly window: Window | null } => ({
  maxMailboxes: values.maxMailboxes.trim() === '' ? null : Number(values.maxMailboxes),
  window:
    values.limited === 'yes'
      ? { from: values.from, to: values.to, zone: values.zone, days: DAYS.filter((day) => values[day] === 'yes') }
      : null,
});

/** The field of the form for a place in the body. */
export const planFieldOf = (column: string): string => {
  const place = column.replace(/^window\./, '');
  return place.startsWith('days') ? 'mon' : place;
};

/** The command that does the same. */
export const planCommand = (projectId: string, values: Values): string => {
  const { window, maxMailboxes } = planOf(values);
  const hours =
    window === null
      ? '--window none'
      : `--window ${shellWord(`${window.from}-${window.to}[${window.zone}]`)}${window.days.length === DAYS.length ? '' : ` --days ${window.days.join(',')}`}`;
  return `pstream project plan ${projectId} --max-mailboxes ${maxMailboxes ?? 'none'} ${hours}`;
};
