import { amountOf, type Facts } from '@pstream/kernel';

/** What a code means to a person: a title, and a sentence or two with what to do next. */
export type ProblemText = { readonly title: string; readonly detail: string | ((facts: Facts) => string) };

/** A number among the facts, for people. */
export const count = (facts: Facts, name: string): string => {
  const value = facts[name];
  return typeof value === 'number' ? value.toLocaleString('en-GB') : 'some';
};

/** The same with its noun; of what is not known, some. */
export const amount = (facts: Facts, name: string, one: string, several = `${one}s`): string => {
  const value = facts[name];
  return typeof value === 'number' ? amountOf(value, one, several) : `some ${several}`;
};

/** What a sentence adds where the caller does not see all of the reason. */
export const alsoHidden = ({ hidden }: Facts): string =>
  hidden === true ? ' Besides, there are projects of others that you do not see: ask an owner or an admin of the workgroup.' : '';

/** The day of a time among the facts. */
export const day = (facts: Facts, name: string): string => String(facts[name] ?? '…').slice(0, 10);
