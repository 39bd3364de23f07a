import type { NoticeEntry, NoticeProject, TemplateKind } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import type { Notice } from '../channels/notice.js';

/** What a sample says of itself. */
export const SAMPLE_LINE = 'This is a test. Everything below is made up.';

type Sample = Omit<NoticeEntry, 'kind' | 'at'>;

const PASS = { source: 'ada@contoso.com', passKind: 'full', pass: 2 } as const;
const totals = (failed: number) => ({ discovered: 1_200, exported: 1_200 - failed, skipped: 0, failed });
const UNTIL = '2027-03-31T10:00:00.000Z';
const ORDER = '01J8ZQ4N5W9K7C1B2D3E4F5G6H';

/** What stands for the project of a sample. */
const SAMPLE_PROJECT: NoticeProject = {
  projectId: '01J8ZQ4N5W9K7C1B2D3E4F5G6B',
  name: 'Leavers',
  customerId: '01J8ZQ4N5W9K7C1B2D3E4F5G6A',
  customer: 'Contoso',
};

/** Something of a kind that has not happened. */
export const sampleOf = (kind: TemplateKind): Sample => {
  switch (kind) {
    case 'pass.started':
      return PASS;
    case 'pass.completed':
      return { ...PASS, totals: totals(0) };
    case 'pass.completed-with-errors':
      return { ...PASS, totals: totals(3) };
    case 'pass.failed':
      return { ...PASS, code: 'graph.mailbox-forbidden', advice: 'Grant the app access to this mailbox.' };
    case 'pass.held':
      return { ...PASS, code: 'graph.throttled', advice: 'Nothing: pstream goes on when the tenant lets it.' };
    case 'pass.silent':
      return { ...PASS, code: 'pass.silent', advice: 'Its worker may be lost; pstream gives the work to another one.' };
    case 'licence.released':
      return { orderId: ORDER, quantity: 10, expiresAt: UNTIL };
    case 'licence.ending':
      return { orderId: ORDER, quantity: 10, daysLeft: 7, expiresAt: UNTIL };
    case 'secret.ending':
      return { clientId: '6731de76-14a6-49ae-97bc-6eba6914391e', customer: 'Contoso', daysLeft: 7, expiresAt: UNTIL };
    default:
      return assertNever(kind);
  }
};

/** A test that shows how notices of a kind look, as the notice that it shows; undefined for every other notice. */
export const shownBy = (notice: Notice): Notice | undefined => {
  const [entry] = notice.entries;
  if (entry?.kind !== 'test' || entry.sampleOf === undefined) return undefined;
  const { sampleOf: kind, ...said } = entry;
  const project = kind.startsWith('pass.') ? SAMPLE_PROJECT : null;
  return { ...notice, project, counts: { [kind]: 1 }, entries: [{ ...said, kind }] };
};
