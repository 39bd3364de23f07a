import type { NoticeEntry } from '@pstream/contracts';
import type { Notice } from '../channels/notice.js';

export const AT = '2026-03-31T10:00:00.000Z';

/** A notice about one pass that completed and two that failed. */
export const noticeOf = (entries: readonly NoticeEntry[], link?: string): Notice => ({
  noticeId: 'N',
  workgroupId: 'w',
  subscription: { subscriptionId: 'S', name: 'Ops' },
  project: { projectId: 'P', name: 'Leavers', customerId: 'C', customer: 'Contoso' },
  madeAt: AT,
  counts: { 'pass.completed': 1, 'pass.failed': 2 },
  entries,
  link,
});
