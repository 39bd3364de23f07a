import type { ProblemText } from './problem-text.js';

/** Codes about what PSTs and reports show. */
export const CONTENT_TEXTS = {
  // Links to reports.
  'report-link.unknown': {
    title: 'This link shows nothing',
    detail: 'The link to the report has expired, was revoked, or is not complete. Ask whoever sent it for another one.',
  },
  'report-link.too-many': {
    title: 'Too many open links',
    detail: 'The report of this project has 100 open links. Revoke those that nobody needs with `pstream project unshare`.',
  },

  // Looking at PSTs.
  'project.viewing-off': {
    title: 'Looking at content is not allowed',
    detail:
      'This project does not allow anybody to look at messages in its PSTs. An owner or admin allows it with `pstream project viewing PROJECT on`, or on the page of the project.',
  },
  'part.unknown': {
    title: 'No such finished PST',
    detail:
      'The mailbox has no finished PST of this id. `pstream part list` shows them; a PST that is still being written cannot be looked at.',
  },
  'part.no-such-item': {
    title: 'Not in this PST',
    detail: 'The PST has no such folder, message or attachment. `pstream part folders` and `pstream part messages` list what it has.',
  },
  'part.not-readable': {
    title: 'The PST cannot be read now',
    detail: (facts) =>
      `The destination refuses it with ${String(facts['cause'] ?? 'an error')}. ${typeof facts['advice'] === 'string' ? facts['advice'] : 'Test the destination to see why.'}`,
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
