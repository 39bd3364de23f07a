import { amountOf } from '@pstream/kernel';
import type { ProblemText } from './problem-text.js';

/** Codes about what projects will cost, about those that are closed, and about what becomes of their PSTs. */
export const CLOSING_TEXTS = {
  'project.closed': {
    title: 'The project is closed',
    detail: 'Nothing is changed or exported in a closed project any more. Create another project for its mailboxes.',
  },
  'prices.unavailable': {
    title: 'The price list cannot be read',
    detail: ({ because }) =>
      `It was not possible to use the price list of Azure: ${String(because ?? 'unknown')}. Try again, give a file with \`--prices FILE\`, or leave the option out for the table that ships with pstream.`,
  },
  'project.passes-open': {
    title: 'Passes are under way',
    detail: ({ passes, mailboxes }) =>
      `${typeof passes === 'number' ? amountOf(passes, 'mailbox has', 'mailboxes have') : 'Some mailboxes have'} a pass that waits or runs: ${Array.isArray(mailboxes) ? mailboxes.join(', ') : ''}${typeof passes === 'number' && Array.isArray(mailboxes) && passes > mailboxes.length ? ' and others' : ''}. Wait for their end or stop them with \`pstream export stop\`, and close the project then. Nothing is closed yet.`,
  },
  'part.foreign-blob': {
    title: 'Another file has this name',
    detail: 'What is under the name of this PST was not written by this project, so it is left alone.',
  },
  'part.changed': {
    title: 'Changed since it was written',
    detail: 'Its length or its ETag is not that on record, so it is left alone. Look at it, and delete it yourself if nobody needs it.',
  },
  'part.immutability-policy': {
    title: 'Under an immutability policy',
    detail: 'Azure does not let it be deleted before the policy of its container or its own has run out. Close the project again then.',
  },
  'part.legal-hold': {
    title: 'Under a legal hold',
    detail:
      'Azure does not let it be deleted while there is a legal hold on it or on its container. Close the project again when the hold is lifted.',
  },
  'part.leased': {
    title: 'Leased',
    detail: 'Another program holds a lease on it. Break the lease or wait for its end, and close the project again.',
  },
  'part.has-snapshots': {
    title: 'It has snapshots',
    detail: 'Somebody made snapshots of it. Delete them if nobody needs them, and close the project again.',
  },
  'part.unreachable': {
    title: 'The destination did not delete it',
    detail: ({ cause }) =>
      `It cannot be reached, or refuses (${String(cause ?? 'unknown')}). Check the endpoint with \`pstream endpoint test\`, and close the project again.`,
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
