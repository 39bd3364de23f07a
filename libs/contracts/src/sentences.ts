import { z } from 'zod';

// What a validator says to a person: a sentence with what to do, in words that fit an option of a command line, a column of a file and a field of a
// request alike. It never repeats what was given. Loaded with this library, it holds for every schema of the process that says nothing else.

/** Said of what is missing or empty; the words that administrators know from the form. */
const BLANK = 'This field cannot be left blank.';

const KINDS: Readonly<Record<string, string>> = {
  string: 'Enter text.',
  number: 'Enter a number.',
  int: 'Enter a whole number.',
  boolean: 'Use true or false.',
  array: 'Enter a list.',
  object: 'Enter an object.',
  record: 'Enter an object.',
  null: 'Use null.',
  date: 'Enter a date.',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'Give an address such as user@contoso.com.',
  url: 'Give an address such as https://example.com.',
  date: 'Give a day such as 2026-01-31.',
  datetime: 'Give a time such as 2026-01-31T12:00:00Z.',
  uuid: 'Give an id such as 6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11.',
  base64: 'Give text in base64.',
};

const number = (value: number | bigint): string => value.toLocaleString('en-GB');

/** `1 character`, `2 rows`. */
const amount = (count: number | bigint, origin: string): string => {
  const [one, several] = origin === 'string' ? ['character', 'characters'] : ['entry', 'entries'];
  return `${number(count)} ${Number(count) === 1 ? one : several}`;
};

const isSized = (origin: string): boolean => origin === 'string' || origin === 'array' || origin === 'set' || origin === 'map';

const list = (values: readonly unknown[]): string => values.map(String).join(', ');

/** The sentence of an issue whose schema has none of its own. */
const sentenceOf = (issue: z.core.$ZodRawIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined || issue.input === null
        ? BLANK
        : (KINDS[String(issue.expected)] ?? 'The type of this value is not valid. See /docs for the expected one.');
    case 'invalid_value':
      if (issue.input === undefined) return BLANK;
      return issue.values.length === 1 ? `The only valid value is ${list(issue.values)}.` : `Use one of: ${list(issue.values)}.`;
    case 'too_small':
      if (!isSized(String(issue.origin))) return `Use at least ${number(issue.minimum)}.`;
      return Number(issue.minimum) === 1 ? BLANK : `Use at least ${amount(issue.minimum, String(issue.origin))}.`;
    case 'too_big':
      return `Use at most ${isSized(String(issue.origin)) ? amount(issue.maximum, String(issue.origin)) : number(issue.maximum)}.`;
    case 'not_multiple_of':
      return `Use a multiple of ${number(issue.divisor)}.`;
    case 'invalid_format':
      return FORMATS[String(issue.format)] ?? 'The format of this value is not valid. See /docs for the expected one.';
    case 'unrecognized_keys':
      return 'Unknown field. Remove it, or check its spelling in /docs.';
    case 'invalid_union': {
      const options = Array.isArray(issue.options) ? issue.options : [];
      if (issue.input === undefined) return BLANK;
      return options.length > 0 ? `Use one of: ${list(options)}.` : 'Give one of the forms that /docs shows.';
    }
    default:
      return 'This value is not valid. See /docs for what is allowed.';
  }
};

z.config({ localeError: sentenceOf });
