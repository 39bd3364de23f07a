import type { Row } from './views.js';

/** A mailbox of which nothing has been read, but for what the test says of it. */
export const row = (facts: Partial<Row>): Row => ({
  mailboxJobId: `id of ${facts.source ?? ''}`,
  projectId: 'p',
  customerId: 'c',
  source: 'ann@contoso.com',
  destination: 'ann.pst',
  status: 'Not Submitted',
  pass: null,
  totals: { discovered: 0, exported: 0, skipped: 0, failed: 0 },
  mime: 0,
  doubts: 0,
  leftOut: 0,
  listing: 'finished',
  extracted: { items: 0, bytes: 0 },
  waits: {},
  held: null,
  progressAt: null,
  folders: 0,
  foldersNotListed: 0,
  parts: 0,
  cause: null,
  checks: [],
  openErrors: 0,
  place: null,
  ...facts,
});
