import type { AnswerOf } from '../api/answers.js';
import { groupBy } from '../parts/group-by.js';

export type ItemError = AnswerOf<'listProjectErrors'>['items'][number];

/** Errors with the same cause and outcome. */
export type ErrorGroup = {
  readonly code: string;
  readonly outcome: ItemError['outcome'];
  readonly advice: string | null;
  readonly items: readonly ItemError[];
  readonly open: number;
  readonly mailboxes: readonly string[];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
};

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a > b ? a : b);

/** The errors by what became of the item and why; those with the most open ones first. */
export const groupErrors = (errors: readonly ItemError[]): readonly ErrorGroup[] => {
  return [...groupBy(errors, ({ outcome, code }) => `${outcome} ${code}`).values()]
    .flatMap((items) => {
      const [first] = items;
      if (first === undefined) return [];
      return {
        code: first.code,
        outcome: first.outcome,
        advice: items.find(({ advice }) => advice !== null)?.advice ?? null,
        items,
        open: items.filter(({ state }) => state === 'open').length,
        mailboxes: [...new Set(items.map(({ mailboxJobId }) => mailboxJobId))],
        firstSeenAt: items.reduce((at, item) => earlier(at, item.firstSeenAt), first.firstSeenAt),
        lastSeenAt: items.reduce((at, item) => later(at, item.lastSeenAt), first.lastSeenAt),
      };
    })
    .sort((a, b) => b.open - a.open || b.items.length - a.items.length || (a.code < b.code ? -1 : 1));
};
