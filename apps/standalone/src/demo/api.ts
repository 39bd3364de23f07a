import { apiClient, ApiError, type ApiClient } from '@pstream/api/client';
import { Fault, type Clock, type Ids } from '@pstream/kernel';

/** A client of the system that the demo runs. A refusal is thrown as Fault 'demo.refused' in the gateway's own words. */
export const demoApi = (url: string, token: string, { clock, ids }: { readonly clock: Clock; readonly ids: Ids }): ApiClient =>
  apiClient({
    url,
    token,
    clock,
    ids,
    // oxlint-disable-next-line no-restricted-globals -- the demo's door to the API
    fetch,
    failed: (error) => {
      if (!(error instanceof ApiError)) return error;
      const rows = (error.problem?.errors ?? []).map(
        ({ row, column, message }) => `${row === undefined ? '' : `row ${row}, `}${column}: ${message}`,
      );
      return new Fault('demo.refused', {
        message: [error.message, ...rows].join('\n  '),
        retry: 'never',
        facts: { status: error.status, code: error.code },
      });
    },
  });
