import type { ArgsOf } from '../api/answers.js';
import { shellWord } from '../parts/shell-word.js';
import type { Template } from './queries.js';

export type TemplateValues = { readonly subject: string; readonly body: string };

/** The values of the form; what is blank stands for the usual words. */
export const valuesOf = ({ subject, body }: Template): TemplateValues => ({ subject: subject ?? '', body: body ?? '' });

/** A notice keeps the spaces within its words, but none around them. */
const worded = (text: string): string | null => (text.trim() === '' ? null : text.trim());

type Words = ArgsOf<'editNoticeTemplate'>['body'];

/** Words as the API takes them. */
export const wordsOf = ({ subject, body }: TemplateValues): Words => ({ subject: worded(subject), body: worded(body) });

/** What of the form differs from the template; undefined if nothing does. */
export const changeOf = (before: Template, values: TemplateValues): Words | undefined => {
  const { subject, body } = wordsOf(values);
  const change = { ...(subject === before.subject ? {} : { subject }), ...(body === before.body ? {} : { body }) };
  return Object.keys(change).length === 0 ? undefined : change;
};

/** The command that gives a kind these words. */
export const wordCommand = (kind: Template['kind'], { subject, body }: Words): string => {
  const flag = (name: string, text: string | null | undefined): string =>
    text === undefined ? '' : ` --${name} ${shellWord(text ?? 'usual')}`;
  return `pstream notice word ${kind}${flag('subject', subject)}${flag('body', body)}`;
};
