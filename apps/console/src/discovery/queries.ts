import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { growing } from '../api/queries.js';

export type Run = AnswerOf<'listDiscoveryRuns'>['items'][number];
export type File = AnswerOf<'listDiscoveredFiles'>['items'][number];

const PAGE = 100;
const from = (cursor: string): { readonly limit: number; readonly cursor?: string } => ({
  limit: PAGE,
  ...(cursor === '' ? {} : { cursor }),
});

export const runsQuery = (projectId: string) =>
  infiniteQueryOptions({
    ...growing,
    queryKey: ['discovery-runs', projectId],
    queryFn: ({ pageParam }) => client.listDiscoveryRuns({ params: { projectId }, query: from(pageParam) }),
  });

/** Files of a project, or with a state only those of which that became. */
export const filesQuery = (projectId: string, state: File['state'] | '') =>
  infiniteQueryOptions({
    ...growing,
    queryKey: ['discovered-files', projectId, state],
    queryFn: ({ pageParam }) =>
      client.listDiscoveredFiles({ params: { projectId }, query: { ...from(pageParam), ...(state === '' ? {} : { state }) } }),
  });
