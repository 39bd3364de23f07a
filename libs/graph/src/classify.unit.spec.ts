import { classifyItemError, classifyReply, classifySignIn, helpsToShrink, type FailedReply } from './classify.js';

const reply = (status: number, code = '', more: Partial<FailedReply> = {}): ReturnType<typeof classifyReply> =>
  classifyReply({ status, code, message: '', requestId: 'r-1', purpose: 'items', ...more });

describe('a refused sign-in', () => {
  it.each([
    [[7000215], 'invalid_client', 'entra.secret-wrong'],
    [[7000222], 'invalid_client', 'entra.secret-expired'],
    [[7000216], 'invalid_request', 'entra.credential-missing'],
    [[900144], 'invalid_request', 'entra.credential-missing'],
    [[700027], 'invalid_client', 'entra.certificate-refused'],
    [[700024], 'invalid_client', 'entra.certificate-refused'],
    [[700016], 'unauthorized_client', 'entra.app-not-found'],
    [[700011], 'unauthorized_client', 'entra.app-not-found'],
    [[70001], 'unauthorized_client', 'entra.app-not-found'],
    [[7000112], 'unauthorized_client', 'entra.app-disabled'],
    [[7000229], 'unauthorized_client', 'entra.app-not-installed'],
    [[90002], 'invalid_request', 'entra.tenant-not-found'],
    [[900023], 'invalid_request', 'entra.tenant-not-found'],
    [[90038], 'invalid_request', 'entra.sovereign-cloud'],
    [[900382], 'invalid_request', 'entra.sovereign-cloud'],
    [[900432], 'invalid_request', 'entra.sovereign-cloud'],
    [[500011], 'invalid_resource', 'entra.scope-wrong'],
    [[650057], 'invalid_resource', 'entra.scope-wrong'],
    [[70011], 'invalid_scope', 'entra.scope-wrong'],
    [[1002012], 'invalid_scope', 'entra.scope-wrong'],
    [[65001], 'invalid_grant', 'entra.consent-missing'],
    [[650056], 'invalid_grant', 'entra.consent-missing'],
    [[90094], 'invalid_grant', 'entra.consent-missing'],
    [[53003], 'access_denied', 'entra.conditional-access'],
    [[9001023], 'invalid_request', 'entra.tenant-required'],
    [[90130], 'invalid_request', 'entra.tenant-required'],
  ])('with AADSTS %p (%s) is %s and not repeated', (codes, error, expected) => {
    const fault = classifySignIn({ status: 400, error, codes, traceId: 't' });
    expect(fault).toMatchObject({ code: expected, retry: 'never', facts: { error, aadsts: codes.map(String), traceId: 't' } });
    expect(fault.advice?.length).toBeGreaterThan(20);
  });

  it.each([90055, 90006, 90024, 90033, 50196])('with AADSTS %p passes by itself', (code) => {
    expect(classifySignIn({ status: 400, error: 'invalid_request', codes: [code], traceId: null })).toMatchObject({
      code: 'entra.busy',
      retry: { afterMs: 15_000 },
    });
  });

  it('is passing whenever Entra says so, and waits as long as it asks', () => {
    expect(classifySignIn({ status: 503, error: 'temporarily_unavailable', codes: [], traceId: null, retryAfterMs: 7_000 })).toMatchObject({
      code: 'entra.busy',
      retry: { afterMs: 7_000 },
    });
  });

  it('keeps an unknown number in the facts and goes by the error', () => {
    expect(classifySignIn({ status: 401, error: 'invalid_client', codes: [123456], traceId: null })).toMatchObject({
      code: 'entra.credential-refused',
      facts: { status: 401, aadsts: ['123456'] },
    });
  });
});

describe('a failed Graph reply', () => {
  it.each([
    [401, 'InvalidAuthenticationToken', 'renew', 'graph.token-refused'],
    [403, 'ErrorAccessDenied', 'stop', 'graph.mailbox-forbidden'],
    [403, 'Authorization_RequestDenied', 'stop', 'graph.directory-forbidden'],
    [403, 'insufficient_claims', 'stop', 'entra.conditional-access'],
    [404, 'MailboxNotEnabledForRESTAPI', 'stop', 'graph.mailbox-not-online'],
    [404, 'Request_ResourceNotFound', 'stop', 'graph.user-not-found'],
    [404, 'ErrorInvalidUser', 'stop', 'graph.user-not-found'],
    [404, 'ErrorItemNotFound', 'stop', 'graph.item-gone'],
    [404, 'itemNotFound', 'stop', 'graph.item-gone'],
    [404, 'ErrorFolderNotFound', 'stop', 'graph.folder-gone'],
    [404, '', 'stop', 'graph.not-found'],
    [400, 'ErrorInvalidIdMalformed', 'stop', 'graph.bad-request'],
    [400, 'InefficientFilter', 'stop', 'graph.bad-request'],
    [409, 'conflict', 'again', 'graph.changed-meanwhile'],
    [412, '', 'again', 'graph.changed-meanwhile'],
    [429, 'ApplicationThrottled', 'throttle', 'graph.throttled'],
    [429, '', 'throttle', 'graph.throttled'],
    [403, 'activityLimitReached', 'throttle', 'graph.throttled'],
    [500, 'ErrorInternalServerError', 'again', 'graph.server-error'],
    [500, 'ErrorCorruptData', 'shrink', 'graph.item-corrupt'],
    [500, 'ErrorCannotOpenFileAttachment', 'shrink', 'graph.item-corrupt'],
    [503, '', 'pause', 'graph.mailbox-busy'],
    [503, 'ErrorMailboxMoveInProgress', 'pause', 'graph.mailbox-moving'],
    [500, 'ErrorMailboxStoreUnavailable', 'pause', 'graph.mailbox-busy'],
    [503, 'ErrorServerBusy', 'pause', 'graph.mailbox-busy'],
    [504, '', 'shrink', 'graph.too-much-at-once'],
    [507, 'ErrorQuotaExceeded', 'again', 'graph.quota-exceeded'],
    [418, 'Teapot', 'stop', 'graph.unexpected-reply'],
    [302, '', 'stop', 'graph.unexpected-reply'],
  ] as const)('%p %s is answered with %s: %s', (status, code, reaction, expected) => {
    const { reaction: did, fault } = reply(status, code);
    expect([did, fault.code]).toEqual([reaction, expected]);
    expect(fault.facts).toMatchObject({ status, code: code === '' ? 'none' : code, requestId: 'r-1' });
    expect(fault.advice?.length).toBeGreaterThan(20);
  });

  it.each([
    [410, ''],
    [400, 'SyncStateNotFound'],
    [400, 'SyncStateInvalid'],
    [410, 'resyncRequired'],
    [404, 'ErrorSyncFolderNotFound'],
  ])('%p %s kills a stored link', (status, code) => {
    expect(reply(status, code, { resumed: true }).fault).toMatchObject({ code: 'graph.delta-expired', retry: 'never' });
  });

  it('means that the folder is gone if there was no stored link', () => {
    expect(reply(404, 'ErrorSyncFolderNotFound', { resumed: false }).fault.code).toBe('graph.folder-gone');
  });

  it('names the permission that the call needs', () => {
    expect(reply(403, 'ErrorAccessDenied', { purpose: 'export' }).fault.advice).toContain('MailboxItem.Export.All');
    expect(reply(403, 'ErrorAccessDenied', { purpose: 'folders' }).fault.facts).toMatchObject({ permission: 'MailboxFolder.Read.All' });
    expect(reply(401, 'Unauthorized', { purpose: 'directory' }).fault).toMatchObject({ code: 'graph.directory-forbidden' });
  });

  it('tells an application access policy from a missing permission', () => {
    expect(reply(403, 'ErrorAccessDenied', { message: 'Access to OData is disabled: [RAOP]' }).fault.code).toBe('graph.access-policy');
  });

  it('does not use up an attempt while a mailbox moves', () => {
    expect(reply(503, 'ErrorMailboxMoveInProgress').fault.facts).toMatchObject({ countsAsAttempt: false });
  });

  it('repeats no foreign text', () => {
    const { fault } = reply(400, 'see https://evil.example/ for <b>', { message: 'subject: salary' });
    expect(JSON.stringify([fault.message, fault.facts, fault.advice])).not.toMatch(/evil|salary/);
    expect(fault.facts).toMatchObject({ code: 'unreadable' });
  });
});

describe('an error of one item', () => {
  it.each([
    ['ErrorArchiveFolderMovedPermanently', 'moved', 'graph.item-moved'],
    ['ErrorItemNotFound', 'final', 'graph.item-gone'],
    ['ErrorFolderNotFound', 'final', 'graph.item-gone'],
    ['ErrorItemCorrupt', 'alone', 'graph.item-corrupt'],
    ['ErrorCorruptData', 'alone', 'graph.item-corrupt'],
    ['ErrorServerBusy', 'pause', 'graph.mailbox-busy'],
    ['ErrorMailboxStoreUnavailable', 'pause', 'graph.mailbox-busy'],
    ['ErrorMailboxMoveInProgress', 'pause', 'graph.mailbox-busy'],
    ['ErrorInvalidIdMalformed', 'final', 'graph.item-id-invalid'],
    ['ErrorSomethingNew', 'alone', 'graph.item-failed'],
  ])('%s is dealt with as %s: %s', (code, reaction, expected) => {
    const { reaction: did, fault } = classifyItemError(code);
    expect([did, fault.code, fault.facts['code']]).toEqual([reaction, expected, code]);
  });
});

it('asks for less after what a large reply causes, not after refusals', () => {
  expect([reply(504), reply(500)].map((one) => helpsToShrink(one.fault))).toEqual([true, true]);
  expect([reply(403), reply(429)].map((one) => helpsToShrink(one.fault))).toEqual([false, false]);
});
