import { queryOptions } from '@tanstack/react-query';
import { allPages } from '@pstream/api/client';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { live } from '../api/queries.js';

export type Agent = AnswerOf<'listPeople'>['items'][number];
export type Token = AnswerOf<'listTokens'>['items'][number];
export type Role = AnswerOf<'getMe'>['role'];

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: () => allPages((query) => client.listPeople({ query })),
  ...live,
});
export const workgroupQuery = queryOptions({ queryKey: ['workgroup'], queryFn: () => client.getWorkgroup(), ...live });
export const tokensQuery = queryOptions({ queryKey: ['tokens'], queryFn: () => client.listTokens(), ...live });
