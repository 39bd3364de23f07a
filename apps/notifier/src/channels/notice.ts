import type { NoticeCounts, NoticeEntry, NoticeProject } from '@pstream/contracts';

/** What goes out. It is the same each time that it is tried again: it is made of what is on record. */
export type Notice = {
  readonly noticeId: string;
  readonly workgroupId: string;
  readonly subscription: { readonly subscriptionId: string; readonly name: string };
  readonly project: NoticeProject | null;
  readonly madeAt: string;
  readonly counts: NoticeCounts;
  /** What happened, the first of it first; `counts` may count more. */
  readonly entries: readonly NoticeEntry[];
  /** Where more is to be seen, as it is configured. */
  readonly link: string | undefined;
};
