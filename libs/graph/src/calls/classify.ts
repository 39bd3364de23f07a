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
  /** The request was for a page of a folder. */
  readonly lists?: boolean;
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

const THROTTLED = /^(ApplicationThrottled|TooManyRequests|activityLimitReached)$/i;
const BUSY = /^(ErrorServerBusy|ErrorMailboxStoreUnavailable|ErrorMailboxMoveInProgress|ErrorTimeoutExpired|ErrorTooManyObjectsOpened)$/i;
const DEAD_DELTA = /^(SyncStateNotFound|SyncStateInvalid|resyncRequired|ErrorSyncFolderNotFound|ErrorInvalidSyncStateData)$/i;
const DAMAGED = /^(ErrorItemCorrupt|ErrorCorruptData|ErrorCannotOpenFileAttachment)$/i;
const NOT_FOUND = /^(itemNotFound|.*NotFound)$/i;

/** What a reply means, before it is made a Fault. */
type Meaning = {
  readonly reaction: Reaction;
  readonly name: string;
  readonly retry: Fault['retry'];
  readonly advice: string;
  readonly facts?: Facts;
};
type Judge = (reply: FailedReply) => Meaning;

const again = (name: string, advice: string, retry: Fault['retry'] = { afterMs: AGAIN_MS }): Meaning => ({
  reaction: 'again',
  name,
  retry,
  advice,
});
const stop = (name: string, advice: string, facts: Facts = {}): Meaning => ({ reaction: 'stop', name, retry: 'never', advice, facts });

const throttled: Judge = ({ retryAfterMs }) => ({
  reaction: 'throttle',
  name: 'graph.throttled',
  retry: { afterMs: retryAfterMs ?? AGAIN_MS },
  advice: 'Microsoft 365 slows this mailbox down; the export waits and goes on by itself.',
});
/** A mailbox between two servers, or its database busy: may last hours and says nothing about the item or the settings. */
const busy: Judge = ({ code, retryAfterMs }) => {
  const isMoving = /^ErrorMailboxMoveInProgress$/i.test(code);
  return {
    reaction: 'pause',
    name: isMoving ? 'graph.mailbox-moving' : 'graph.mailbox-busy',
    retry: { afterMs: retryAfterMs ?? PAUSE_MS },
    advice: isMoving
      ? 'Exchange is moving this mailbox to another server. It is tried again for up to 24 hours; nothing needs to be done.'
      : 'The mailbox database is busy or offline for a moment. It is tried again by itself.',
    facts: { countsAsAttempt: false },
  };
};
/** A full mailbox cannot store the state of a delta; whoever lists it has another way (Graph §3.4). */
const quota: Judge = ({ lists }) => ({
  reaction: lists === true ? 'stop' : 'again',
  name: 'graph.quota-exceeded',
  retry: lists === true ? 'never' : { afterMs: PAUSE_MS },
  advice:
    'The mailbox is over its quota, so Exchange cannot keep track of a listing in it. Reading should still work; raise the quota or free some space if it does not.',
});
const directoryForbidden: Judge = () =>
  stop('graph.directory-forbidden', 'Grant the application permission User.Read.All and give admin consent.');
const forbidden: Judge = (reply) => {
  const { purpose, message } = reply;
  if (purpose === 'directory') return directoryForbidden(reply);
  // The message is looked at for the choice of words only.
  if (/access to odata is disabled/i.test(message))
    return stop(
      'graph.access-policy',
      "An application access policy keeps this app out of the mailbox. Add the mailbox to the policy's group, or remove the policy.",
    );
  return stop(
    'graph.mailbox-forbidden',
    `Grant ${PERMISSION[purpose]} with admin consent, or put the mailbox into the app's Exchange RBAC scope. Changes can take two hours to arrive.`,
    { permission: PERMISSION[purpose] },
  );
};
const tokenRefused: Judge = (reply) => {
  const { purpose, code } = reply;
  if (purpose === 'directory' && code !== '' && !/^InvalidAuthenticationToken$/i.test(code)) return directoryForbidden(reply);
  return {
    reaction: 'renew',
    name: 'graph.token-refused',
    retry: 'never',
    advice:
      purpose === 'directory'
        ? 'Signing in works, but Graph does not take the token. Check that it was made for this cloud, grant User.Read.All and give admin consent.'
        : `Signing in works, but Graph does not take the token. Check scope and cloud, and that ${PERMISSION[purpose]} is consented.`,
  };
};
const folderGone: Judge = () => stop('graph.folder-gone', 'The folder was moved or deleted after it was listed; list the folders again.');
const deadDelta: Judge = (reply) =>
  /^ErrorSyncFolderNotFound$/i.test(reply.code) && reply.resumed === false
    ? folderGone(reply)
    : stop('graph.delta-expired', 'The stored position in this folder is no longer known; the folder is listed again from the start.');
/** A listing has no item yet: what it does not find is its folder. */
const itemGone: Judge = (reply) =>
  reply.lists === true
    ? folderGone(reply)
    : stop('graph.item-gone', 'The item was moved or deleted after it was listed; the catch-up listing looks for it again.');
const userNotFound: Judge = () =>
  stop('graph.user-not-found', 'There is no such user. Check the address; guests and external contacts have no mailbox.');
const notFound: Judge = (reply) =>
  reply.purpose === 'directory'
    ? userNotFound(reply)
    : stop('graph.not-found', 'Graph does not know this mailbox, folder or item any more. Verify the mailbox and list it again.');
const badRequest: Judge = () =>
  stop(
    'graph.bad-request',
    'Graph refused the form of the request. This is a defect of the exporter, or the call is not offered in this tenant yet.',
  );
const serverError: Judge = () =>
  again('graph.server-error', 'Exchange failed inside. It is tried again; if it stays, give the request id to Microsoft support.');
const tooMuch: Judge = ({ retryAfterMs }) => ({
  reaction: 'shrink',
  name: 'graph.too-much-at-once',
  retry: { afterMs: retryAfterMs ?? AGAIN_MS },
  advice: 'Exchange needed too long for one call; it is asked for less at a time.',
});
const damaged: Judge = () => ({
  reaction: 'shrink',
  name: 'graph.item-corrupt',
  retry: { afterMs: AGAIN_MS },
  advice: 'Exchange cannot read something in this answer; the items are tried one by one.',
});

/** Codes that say more than any status they come with: Exchange sends one code under several statuses. The first that fits decides. */
const BY_CODE: readonly (readonly [RegExp, Judge])[] = [
  [THROTTLED, throttled],
  [BUSY, busy],
  [/^ErrorQuotaExceeded$/i, quota],
  [/^InvalidAuthenticationToken$/i, tokenRefused],
  [/insufficient_?claims/i, () => stop('entra.conditional-access', CONDITIONAL_ACCESS)],
  [/^Authorization_RequestDenied$/i, directoryForbidden],
  [/^(ErrorAccessDenied|AccessDenied)$/i, forbidden],
  [DEAD_DELTA, deadDelta],
  [
    /^(MailboxNotEnabledForRESTAPI|MailboxNotSupportedForRESTAPI)$/i,
    () =>
      stop(
        'graph.mailbox-not-online',
        'This mailbox is not in Exchange Online: unlicensed, inactive, deleted, on-premises or a guest. Assign a licence, or export it where it is.',
      ),
  ],
  [/^(ErrorItemNotFound|itemNotFound)$/i, itemGone],
  [/^ErrorFolderNotFound$/i, folderGone],
  [/^(Request_ResourceNotFound|ErrorInvalidUser)$/i, userNotFound],
  [NOT_FOUND, notFound],
  [DAMAGED, damaged],
  [/^ErrorInternalServerError$/i, serverError],
  [/^(BadRequest|InefficientFilter|ErrorInvalidUrlQuery|ErrorInvalidId.*)$/i, badRequest],
];

/** What a status means where no code says more. */
const byStatus = (status: number): Judge => {
  switch (status) {
    case 400:
      return badRequest;
    case 401:
      return tokenRefused;
    case 403:
      return forbidden;
    case 404:
      return notFound;
    case 409:
    case 412:
      return () => again('graph.changed-meanwhile', 'The object changed during the call; it is read again.', 'now');
    case 410:
      return deadDelta;
    case 408:
    case 413:
    case 504:
      return tooMuch;
    case 503:
      return busy;
    case 507:
      return quota;
    default:
      if (status >= 500) return serverError;
      return () => stop('graph.unexpected-reply', 'Graph gave an answer that is not documented. Report status, code and request id.');
  }
};

/** Decides what a failed Graph reply means (Graph §9) and what the operator should hear: by its code, else by its status. The one exception is
 *  429, which is about the pace whatever limit its code names. The one place that knows statuses and codes; a code not listed keeps its status
 *  and code in the facts. docs/formats/graph-replies.md shows every cell of the table. */
export const classifyReply = (reply: FailedReply): Classified => {
  const { status, code, purpose, requestId } = reply;
  const judge = status === 429 ? throttled : (BY_CODE.find(([codes]) => codes.test(code))?.[1] ?? byStatus(status));
  const { reaction, name, retry, advice, facts } = judge(reply);
  return { reaction, fault: new Fault(name, { retry, facts: { status, code: shown(code), purpose, requestId, ...facts }, advice }) };
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
