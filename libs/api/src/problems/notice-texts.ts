import { subscribableKinds } from '@pstream/contracts';
import { count, type ProblemText } from './problem-text.js';

/** Codes about who is notified of what. */
export const NOTICE_TEXTS = {
  'notice.unknown': {
    title: 'No such subscription',
    detail: 'Your workgroup has no subscription with this id. `pstream notice list` shows them.',
  },
  'notice.name-taken': {
    title: 'Name already in use',
    detail: 'Your workgroup has a subscription with this name. Choose another name, or change that one with `pstream notice edit`.',
  },
  'notice.too-many': {
    title: 'Too many subscriptions',
    detail: (facts) =>
      `A workgroup has at most ${count(facts, 'most')} subscriptions. Remove one that nobody needs, or give one several addresses.`,
  },
  'notice-kind.unknown': {
    title: 'No such kind of notices',
    detail: `There are notices about these: ${subscribableKinds.join(', ')}.`,
  },
  'notice.template-placeholder': {
    title: 'No such placeholder',
    detail: ({ kind, field, placeholder, known }) =>
      `"{${String(placeholder ?? '…')}}" in the ${String(field ?? 'text')} is no placeholder of ${String(kind ?? 'this kind')}. There are ${String(known ?? 'those that `pstream notice templates` lists')}. Write {{ and }} for braces that stand for themselves.`,
  },
  'notice.template-brace': {
    title: 'A brace without its other half',
    detail: ({ field, position }) =>
      `The ${String(field ?? 'text')} has a brace${position === undefined ? '' : ` at position ${String(position)}`} that neither begins nor ends a placeholder. Write {{ or }} for one that stands for itself.`,
  },
  'notice.other-channel': {
    title: 'A subscription of another channel',
    detail:
      'Mail addresses are of subscriptions by mail, an address to post to is of webhooks and Teams. Add another subscription for another channel.',
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
