import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { growing } from '../api/queries.js';
import type { AuditSearch } from '../search.js';

export type Entry = AnswerOf<'listAudit'>['items'][number];

const PAGE = 100;

/** What is on record, the newest first; more is read when it is asked for. */
export const auditQuery = (search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', search],
    queryFn: ({ pageParam }) => client.listAudit({ query: { ...search, limit: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } }),
    ...growing,
  });
