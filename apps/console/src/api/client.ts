import { apiClient, type ApiClient } from '@pstream/api/client';
import { clock, here, ids, send } from '../browser.js';
import { sessionEnded } from './session.js';

/** The API as the signed-in browser calls it: its cookie goes along by itself. An answer 401 ends the session on the page. */
export const client: ApiClient = apiClient({
  url: here(),
  fetch: async (url, init) => {
    const response = await send(url, { ...init, credentials: 'same-origin', cache: 'no-store' });
    if (response.status === 401 && !url.endsWith('/v1/sessions')) sessionEnded();
    return response;
  },
  clock,
  ids,
});
