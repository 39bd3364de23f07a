import { Fault, type Facts } from '@pstream/kernel';
import { AGAIN_MS, CONDITIONAL_ACCESS, shown } from '../http/classify-common.js';

/** What a call was for; decides which permission an advice names. */
export type Purpose = 'directory' | 'folders' | 'items' | 'export' | 'mail' | 'contacts' | 'calendars' | 'tasks';

/** What the caller of a failed request does about it, apart from throwing the fault:
 *  `throttle` cools the mailbox down and tries again, `pause` the same for a busy or moving mailbox, `again` waits a moment and tries
 *  again, `shrink` asks for less at once, `renew` gets a new token first, `stop` does nothing more. */
export type Reaction = 'throttle' | 'pause' | 'again' | 'shrink' | 'renew' | 'stop';

/** A failed reply, reduced to what the decision needs. `code` and `message` are the body's, empty where there is none. */
export type FailedReply = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string | null;
  readonly purpose: Purpose;
  readonly retryAfterMs?: number;
  /** The request carried a delta or paging link. */
  readonly resumed?: boolean;
};

/** What a reply means: what the call layer does, and what is thrown if that does not help. */
export type Classified = { readonly reaction: Reaction; readonly fault: Fault };

const PERMISSION: Readonly<Record<Purpose, string>> = {
  directory: 'User.Read.All',
  folders: 'MailboxFolder.Read.All',
  items: 'MailboxItem.Read.All',
  export: 'MailboxItem.Export.All',
  mail: 'Mail.Read',
  contacts: 'Contacts.Read',
  calendars: 'Calendars.Read',
  tasks: 'Tasks.Read.All',
};

/** Wait of Graph §6 for a busy mailbox where a reply names none; the limiter's own back-off decides in a running client. */
const PAUSE_MS = 60_000;

const DEAD_DELTA = /^(SyncStateNotFound|SyncStateInvalid|resyncRequired|ErrorSyncFolderNotFound|ErrorInvalidSyncStateData)$/i;
const BUSY = /^(ErrorServerBusy|ErrorMailboxStoreUnavailable|ErrorMailboxMoveInProgress|ErrorTimeoutExpired|ErrorTooManyObjectsOpened)$/i;
const DAMAGED = /^(ErrorItemCorrupt|ErrorCorruptData|ErrorCannotOpenFileAttachment)$/i;
const NOT_FOUND = /^(itemNotFound|.*NotFound)$/i;

/** Decides what a failed Graph reply means (Graph §9) and what the operator should hear. The one place that knows statuses and codes;
 *  a code not listed keeps its status and code in the facts. */
export const classifyReply = (reply: FailedReply): Classified => {
  const { status, code, purpose } = reply;
  const facts: Facts = { status, code: shown(code), purpose, requestId: reply.requestId };
  const make = (reaction: Reaction, name: string, retry: Fault['retry'], advice: string, more: Facts = {}): Classified => ({
    reaction,
    fault: new Fault(name, { retry, facts: { ...facts, ...more }, advice }),
  });
  const is = (...codes: readonly string[]): boolean => codes.some((one) => one.toLowerCase() === code.toLowerCase());

  // Seen on every call; the body's code names the limit (MailboxConcurrency, IncomingBytes, TooManyRequests, activityLimitReached).
  if (status === 429 || is('ApplicationThrottled', 'TooManyRequests', 'activityLimitReached')) {
    const afterMs = reply.retryAfterMs ?? AGAIN_MS;
    return make(
      'throttle',
      'graph.throttled',
      { afterMs },
      'Microsoft 365 slows this mailbox down; the export waits and goes on by itself.',
    );
  }
  // A mailbox between two servers, or its database busy: may last hours and says nothing about the item or the settings.
  if (BUSY.test(code) || status === 503) {
    const afterMs = reply.retryAfterMs ?? PAUSE_MS;
    const moving = is('ErrorMailboxMoveInProgress');
    return make(
      'pause',
      moving ? 'graph.mailbox-moving' : 'graph.mailbox-busy',
      { afterMs },
      moving
        ? 'Exchange is moving this mailbox to another server. It is tried again for up to 24 hours; nothing needs to be done.'
        : 'The mailbox database is busy or offline for a moment. It is tried again by itself.',
      { countsAsAttempt: false },
    );
  }
  if (status === 401) {
    if (purpose === 'directory' && !is('InvalidAuthenticationToken', '')) {
      return make('stop', 'graph.directory-forbidden', 'never', 'Grant the application permission User.Read.All and give admin consent.');
    }
    return make(
      'renew',
      'graph.token-refused',
      'never',
      purpose === 'directory'
        ? 'Signing in works, but Graph does not take the token. Check that it was made for this cloud, grant User.Read.All and give admin consent.'
        : `Signing in works, but Graph does not take the token. Check scope and cloud, and that ${PERMISSION[purpose]} is consented.`,
    );
  }
  if (status === 403) {
    if (/insufficient_?claims/i.test(code)) return make('stop', 'entra.conditional-access', 'never', CONDITIONAL_ACCESS);
    if (is('Authorization_RequestDenied') || purpose === 'directory') {
      return make('stop', 'graph.directory-forbidden', 'never', 'Grant the application permission User.Read.All and give admin consent.');
    }
    // The message is looked at for the choice of words only.
    if (/access to odata is disabled/i.test(reply.message)) {
      return make(
        'stop',
        'graph.access-policy',
        'never',
        "An application access policy keeps this app out of the mailbox. Add the mailbox to the policy's group, or remove the policy.",
      );
    }
    return make(
      'stop',
      'graph.mailbox-forbidden',
      'never',
      `Grant ${PERMISSION[purpose]} with admin consent, or put the mailbox into the app's Exchange RBAC scope. Changes can take two hours to arrive.`,
      { permission: PERMISSION[purpose] },
    );
  }
  if (status === 410 || (DEAD_DELTA.test(code) && reply.resumed !== false)) {
    return make(
      'stop',
      'graph.delta-expired',
      'never',
      'The stored position in this folder is no longer known; the folder is listed again from the start.',
    );
  }
  if (status === 404 || NOT_FOUND.test(code)) {
    if (is('MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI')) {
      return make(
        'stop',
        'graph.mailbox-not-online',
        'never',
        'This mailbox is not in Exchange Online: unlicensed, inactive, deleted, on-premises or a guest. Assign a licence, or export it where it is.',
      );
    }
    if (is('ErrorItemNotFound', 'itemNotFound')) {
      return make(
        'stop',
        'graph.item-gone',
        'never',
        'The item was moved or deleted after it was listed; the catch-up listing looks for it again.',
      );
    }
    if (is('ErrorFolderNotFound', 'ErrorSyncFolderNotFound')) {
      return make('stop', 'graph.folder-gone', 'never', 'The folder was moved or deleted after it was listed; list the folders again.');
    }
    if (purpose === 'directory' || is('Request_ResourceNotFound', 'ErrorInvalidUser')) {
      return make(
        'stop',
        'graph.user-not-found',
        'never',
        'There is no such user. Check the address; guests and external contacts have no mailbox.',
      );
    }
    return make(
      'stop',
      'graph.not-found',
      'never',
      'Graph does not know this mailbox, folder or item any more. Verify the mailbox and list it again.',
    );
  }
  if (status === 409 || status === 412) {
    return make('again', 'graph.changed-meanwhile', 'now', 'The object changed during the call; it is read again.');
  }
  if (status === 504 || status === 408 || status === 413) {
    const afterMs = reply.retryAfterMs ?? AGAIN_MS;
    return make('shrink', 'graph.too-much-at-once', { afterMs }, 'Exchange needed too long for one call; it is asked for less at a time.');
  }
  if (status === 507 || is('ErrorQuotaExceeded')) {
    return make(
      'again',
      'graph.quota-exceeded',
      { afterMs: PAUSE_MS },
      'The mailbox is over its quota. Reading should still work; free some space if it does not.',
    );
  }
  if (DAMAGED.test(code)) {
    return make(
      'shrink',
      'graph.item-corrupt',
      { afterMs: AGAIN_MS },
      'Exchange cannot read something in this answer; the items are tried one by one.',
    );
  }
  if (status >= 500) {
    return make(
      'again',
      'graph.server-error',
      { afterMs: AGAIN_MS },
      'Exchange failed inside. It is tried again; if it stays, give the request id to Microsoft support.',
    );
  }
  if (status === 400) {
    return make(
      'stop',
      'graph.bad-request',
      'never',
      'Graph refused the form of the request. This is a defect of the exporter, or the call is not offered in this tenant yet.',
    );
  }
  return make(
    'stop',
    'graph.unexpected-reply',
    'never',
    'Graph gave an answer that is not documented. Report status, code and request id.',
  );
};

/** What to do with an item that came back with an error inside a good reply (Graph §5.3): follow it to another mailbox, wait with the
 *  mailbox and ask again, ask once more alone, or leave it at the fault. */
export type ItemReaction = 'moved' | 'pause' | 'alone' | 'final';

/** Decides what the error of a single exported item means. */
export const classifyItemError = (code: string): { readonly reaction: ItemReaction; readonly fault: Fault } => {
  const facts: Facts = { code: shown(code) };
  const make = (reaction: ItemReaction, name: string, retry: Fault['retry'], advice: string, more: Facts = {}) => ({
    reaction,
    fault: new Fault(name, { retry, facts: { ...facts, ...more }, advice }),
  });
  if (/^ErrorArchiveFolderMovedPermanently$/i.test(code)) {
    return make(
      'moved',
      'graph.item-moved',
      { afterMs: AGAIN_MS },
      'The item lives in another part of the archive, which could not be reached.',
    );
  }
  if (BUSY.test(code) || /^(ApplicationThrottled|TooManyRequests)$/i.test(code)) {
    return make(
      'pause',
      'graph.mailbox-busy',
      { afterMs: PAUSE_MS },
      'The mailbox is busy or being moved. The item is tried again later.',
      { countsAsAttempt: false },
    );
  }
  if (/^ErrorInvalidId/i.test(code)) {
    return make(
      'final',
      'graph.item-id-invalid',
      'never',
      'The id does not belong to this mailbox or is cut off. This is a defect of the exporter: stop the folder and report it.',
    );
  }
  if (NOT_FOUND.test(code)) {
    return make(
      'final',
      'graph.item-gone',
      'never',
      'The item was moved or deleted after it was listed; the catch-up listing looks for it again.',
    );
  }
  if (DAMAGED.test(code)) {
    return make(
      'alone',
      'graph.item-corrupt',
      'never',
      'Exchange cannot read this item. It is taken as MIME where that works, else reported as not exportable.',
    );
  }
  return make(
    'alone',
    'graph.item-failed',
    'never',
    'Exchange could not export this item. It is taken as MIME where that works, else reported with this code.',
  );
};

/** A failure below HTTP: no reply, a reply that breaks off, or one that never ends. All are safe to repeat, since nothing is changed. */
export const connectionFault = (kind: 'graph.connection-lost' | 'graph.timed-out', purpose: Purpose, facts: Facts = {}): Fault =>
  new Fault(kind, {
    retry: { afterMs: AGAIN_MS },
    facts: { purpose, ...facts },
    advice:
      kind === 'graph.timed-out'
        ? 'Graph did not answer in time. It is asked again for less at a time; check the line if this stays.'
        : 'The connection to Graph broke. It is tried again; check network, proxy and name resolution if this stays.',
  });

/** True for a reply that broke off, came too late or could not be read: less at a time may help. */
export const helpsToShrink = (fault: Fault): boolean =>
  [
    'graph.connection-lost',
    'graph.timed-out',
    'graph.truncated-reply',
    'graph.bad-reply',
    'graph.bad-base64',
    'graph.reply-too-large',
    'graph.item-too-large',
    'graph.too-much-at-once',
    'graph.item-corrupt',
    'graph.server-error',
  ].includes(fault.code);
