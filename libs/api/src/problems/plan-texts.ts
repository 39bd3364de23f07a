import type { ProblemText } from './problem-text.js';

/** Codes about when passes begin. */
export const PLAN_TEXTS = {
  'pass.start-out-of-range': {
    title: 'Not a time to start at',
    detail: (facts) =>
      `${String(facts['startAt'] ?? 'The time')} has passed, or is more than a year ahead. Give a time to come, with its zone; leave it out to start at once.`,
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
