import type { NoticeCounts, NoticeEntry, NoticeProject, NoticeTemplate, TemplateKind } from '@pstream/contracts';

/** Words of kinds that do not say the usual. */
export type NoticeTemplates = Readonly<Partial<Record<TemplateKind, NoticeTemplate>>>;

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
  /** Its own words, by kind. */
  readonly templates?: NoticeTemplates | undefined;
  /** Where more is to be seen, as it is configured. */
  readonly link: string | undefined;
};
