import type { ApiClient } from '@pstream/api/client';

/** What an operation of the API answers. */
export type AnswerOf<Id extends keyof ApiClient> = Awaited<ReturnType<ApiClient[Id]>>;

/** What an operation of the API takes. */
export type ArgsOf<Id extends keyof ApiClient> = NonNullable<Parameters<ApiClient[Id]>[0]>;
