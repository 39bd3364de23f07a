import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { allPages } from '@pstream/api/client';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { growing, live, queries } from '../api/queries.js';

export type Subscription = AnswerOf<'listSubscriptions'>['items'][number];
export type Notice = AnswerOf<'listNotices'>['items'][number];
export type Channel = Subscription['channel'];

export const subscriptionsQuery = queryOptions({
  queryKey: ['subscriptions'],
  queryFn: () => allPages((query) => client.listSubscriptions({ query })),
  ...live,
});

export type Template = AnswerOf<'listNoticeTemplates'>['items'][number];

/** The words of each kind of notices. */
export const templatesQuery = queryOptions({
  queryKey: ['notice-templates'],
  queryFn: () => client.listNoticeTemplates(),
  ...live,
});

const PAGE = 50;
/** What was sent and what was not, the newest first; more is read when it is asked for. */
export const noticesQuery = (state: Notice['state'] | undefined) =>
  infiniteQueryOptions({
    queryKey: ['notices', state ?? ''],
    queryFn: ({ pageParam }) =>
      client.listNotices({
        query: { limit: PAGE, ...(state === undefined ? {} : { state }), ...(pageParam === '' ? {} : { cursor: pageParam }) },
      }),
    ...growing,
  });

type Done = { readonly stream: string; readonly version: number };

/** Reads again what a command has done, once the view shows it. */
export const readAgain = async ({ stream, version }: Done): Promise<void> => {
  await client.listSubscriptions({ query: { limit: 1, atLeast: `${stream}:${version}` } });
  await queries.invalidateQueries({ queryKey: ['subscriptions'] });
};

/** The same of other words. */
export const readWordsAgain = async ({ stream, version }: Done): Promise<void> => {
  await client.listNoticeTemplates({ query: { atLeast: `${stream}:${version}` } });
  await queries.invalidateQueries({ queryKey: templatesQuery.queryKey });
};
