import { apiClient, apiOpener, type ApiClient, type ClientOptions } from '@pstream/api/client';
import type { AnswerOf, ArgsOf } from './answers.js';
import { clock, here, ids, send } from '../browser.js';
import { sessionEnded } from './session.js';

const options: ClientOptions = {
  url: here(),
  fetch: async (url, init) => {
    const response = await send(url, { ...init, credentials: 'same-origin', cache: 'no-store' });
    if (response.status === 401 && !url.endsWith('/v1/sessions')) sessionEnded();
    return response;
  },
  clock,
  ids,
};

/** The API as the signed-in browser calls it: its cookie goes along by itself. An answer 401 ends the session on the page. */
export const client: ApiClient = apiClient(options);

/** The same for answers that are too long to be held: they are handed on unread. */
export const open = apiOpener(options);

/** What is read by itself, with a version. */
export type VersionedId =
  | 'getAgent'
  | 'getCustomer'
  | 'getEndpoint'
  | 'getMailbox'
  | 'getProject'
  | 'getProjectPlan'
  | 'getSubscription'
  | 'getWorkgroup'
  | 'listNoticeTemplates';
/** What was read, and the version that a change of it names. */
export type Tagged<T> = { readonly data: T; readonly etag: string };

/** Reads one thing with its version. */
export const readTagged = async <Id extends VersionedId>(id: Id, args: ArgsOf<Id>): Promise<Tagged<AnswerOf<Id>>> => {
  const response = await open(id, args);
  // What compresses an answer on its way may mark the version as weak.
  const etag = (response.headers.get('etag') ?? '*').replace(/^W\//, '');
  return { data: (await response.json()) as AnswerOf<Id>, etag };
};
