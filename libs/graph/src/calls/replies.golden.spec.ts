import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@pstream/testing';
import { classifyReply } from './classify.js';

// docs/formats/graph-replies.md shows what each code means under each status, for a page of a folder. Here every cell of it is judged.

const STATUSES = [400, 401, 403, 404, 409, 410, 412, 429, 500, 503, 504, 507] as const;

/** What a code means whatever its status (429 excepted). */
const BY_CODE = {
  ApplicationThrottled: 'throttled',
  TooManyRequests: 'throttled',
  activityLimitReached: 'throttled',
  ErrorServerBusy: 'mailbox-busy',
  ErrorMailboxStoreUnavailable: 'mailbox-busy',
  ErrorMailboxMoveInProgress: 'mailbox-moving',
  ErrorTimeoutExpired: 'mailbox-busy',
  ErrorQuotaExceeded: 'quota-exceeded',
  InvalidAuthenticationToken: 'token-refused',
  insufficient_claims: 'conditional-access',
  Authorization_RequestDenied: 'directory-forbidden',
  ErrorAccessDenied: 'mailbox-forbidden',
  SyncStateNotFound: 'delta-expired',
  SyncStateInvalid: 'delta-expired',
  resyncRequired: 'delta-expired',
  ErrorSyncFolderNotFound: 'folder-gone',
  MailboxNotEnabledForRESTAPI: 'mailbox-not-online',
  ErrorItemNotFound: 'folder-gone',
  itemNotFound: 'folder-gone',
  ErrorFolderNotFound: 'folder-gone',
  Request_ResourceNotFound: 'user-not-found',
  ErrorInvalidUser: 'user-not-found',
  ResourceNotFound: 'not-found',
  ErrorCorruptData: 'item-corrupt',
  ErrorItemCorrupt: 'item-corrupt',
  ErrorCannotOpenFileAttachment: 'item-corrupt',
  ErrorInternalServerError: 'server-error',
  BadRequest: 'bad-request',
  InefficientFilter: 'bad-request',
  ErrorInvalidUrlQuery: 'bad-request',
  ErrorInvalidIdMalformed: 'bad-request',
} as const;

/** What a status means where there is no code, or one that nobody knows. */
const BY_STATUS: Readonly<Record<(typeof STATUSES)[number], string>> = {
  400: 'bad-request',
  401: 'token-refused',
  403: 'mailbox-forbidden',
  404: 'not-found',
  409: 'changed-meanwhile',
  410: 'delta-expired',
  412: 'changed-meanwhile',
  429: 'throttled',
  500: 'server-error',
  503: 'mailbox-busy',
  504: 'too-much-at-once',
  507: 'quota-exceeded',
};

const said = (status: number, code: string): string =>
  classifyReply({ status, code, message: '', requestId: null, purpose: 'items', resumed: false, lists: true }).fault.code.replace(
    /^(graph|entra)\./,
    '',
  );

const rows = [...Object.keys(BY_CODE), 'another code', 'none'];
const cells = rows.flatMap((code) => STATUSES.map((status) => [code, status] as const));

/** The table of the page: what stands in each row under each status. */
const printed = (): ReadonlyMap<string, string> => {
  const lines = readFileSync(join(repositoryRoot, 'docs', 'formats', 'graph-replies.md'), 'utf8').split('\n');
  const table = lines
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  const [head = [], _rule, ...body] = table;
  return new Map(
    body.flatMap(([code = '', ...meanings]) => meanings.map((meaning, n) => [`${code} ${head[n + 1] ?? ''}`, meaning] as const)),
  );
};

describe('a reply to a listing', () => {
  it.each(cells)('with the code %s and the status %p means what the code says, else what the status says', (code, status) => {
    const expected = status === 429 ? 'throttled' : code in BY_CODE ? BY_CODE[code as keyof typeof BY_CODE] : BY_STATUS[status];
    expect(said(status, code === 'none' ? '' : code === 'another code' ? 'ErrorNobodyKnows' : code)).toBe(expected);
  });

  it('means what the page of all of them shows', () => {
    const table = printed();
    expect([...table.keys()].toSorted()).toEqual(cells.map(([code, status]) => `${code} ${status}`).toSorted());
    for (const [code, status] of cells)
      expect([code, status, table.get(`${code} ${status}`)]).toEqual([
        code,
        status,
        said(status, code === 'none' ? '' : code === 'another code' ? 'ErrorNobodyKnows' : code),
      ]);
  });
});
