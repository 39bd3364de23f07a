import { apiClient, apiOpener, type ApiClient, type ClientOptions } from '@pstream/api/client';
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
