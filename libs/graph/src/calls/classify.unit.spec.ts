import { classifyItemError, classifyReply, helpsToShrink, type FailedReply } from './classify.js';

const reply = (status: number, code = '', more: Partial<FailedReply> = {}): ReturnType<typeof classifyReply> =>
  classifyReply({ status, code, message: '', requestId: 'r-1', purpose: 'items', ...more });

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
