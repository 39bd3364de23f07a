import type { Facts } from '@pstream/kernel';

/** What a code means to a person: a title, and a sentence or two with what to do next. */
export type ProblemText = { readonly title: string; readonly detail: string | ((facts: Facts) => string) };
