import { Fault, retryBudget } from '@pstream/kernel';
import { PUBLIC_GRAPH, refuseNational } from './sign-in/authority.js';
import { Calls } from './calls/calls.js';
import type { GraphClient, GraphPorts, MailboxRef, TenantConnection } from './client.js';
import { findMailboxes, findPurpose, findSecretEnd, findUser, someUsers } from './listing/directory.js';
import { exportItems } from './export/export-items.js';
import { readFolder, walkFolders } from './listing/folders.js';
import { httpTransport } from './http/http.js';
import { readItemPage } from './listing/items.js';
import { DEFAULT_LIMITS, MAX_CONCURRENT_PER_MAILBOX } from './limits.js';
import { MailboxLimiter } from './calls/mailbox-limiter.js';
import { Session, type MailboxSession } from './calls/session.js';
import { parseOrigin } from './http/origin.js';
import { readRecoverableFolders, readRecoverablePage } from './listing/recoverable.js';
import { readPlainItem } from './export/plain-item.js';
import { rolesOf } from './sign-in/token-roles.js';
import { readUsage } from './listing/usage.js';
import { tokenSource } from './sign-in/token-source.js';

/** Any one of them lets an app read what is known of apps. */
const READS_APPS = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'];

/** Makes the client of one app in one tenant; nothing is sent before the first call. Faults 'entra.sovereign-cloud',
 *  'entra.tenant-required' and 'graph.bad-origin' (never) for a connection that cannot work; a credential is looked at by the first call. */
export const connectTenant = (connection: TenantConnection, ports: GraphPorts): GraphClient => {
  const { clock, random } = ports;
  const limits = { ...DEFAULT_LIMITS, ...ports.limits };
  const origin = parseOrigin(connection.graphUrl ?? PUBLIC_GRAPH, 'graphUrl');
  refuseNational(origin);
  const closing = new AbortController();
  const transport = httpTransport({ maxSockets: limits.concurrencyTotal });
  const tokens = tokenSource(connection, clock, transport);
  const limiter = new MailboxLimiter(
    { clock, random, ledger: ports.ledger ?? (() => undefined) },
    limits,
    ports.maxConcurrentPerMailbox ?? MAX_CONCURRENT_PER_MAILBOX,
  );
  const budget = retryBudget(clock, limits.retries);
  const redirected = ports.redirected ?? (() => undefined);
  const calls = new Calls({ origin, clock, random, limits, transport, tokens, limiter, budget, redirected, closing: closing.signal });
  const tenant = (signal?: AbortSignal): Session => new Session({ calls, origin, limits }, signal);
  const inside = (mailbox: MailboxRef, signal?: AbortSignal): MailboxSession => tenant(signal).with(mailbox);
  return {
    signIn: async (signal) => {
      const token = await tokens.token(signal);
      return { expiresInS: token.expiresInS, roles: rolesOf(token.value) };
    },
    findUser: (userPrincipalName, signal) => findUser(tenant(signal), userPrincipalName),
    someUsers: (signal) => someUsers(tenant(signal)),
    usage: (signal) => readUsage(tenant(signal)),
    purpose: (userId, signal) => findPurpose(tenant(signal), userId),
    secretEndsAt: async (signal) => {
      const { clientId, credential } = connection;
      if (credential.kind !== 'secret') return null;
      const roles = rolesOf((await tokens.token(signal)).value);
      // A token that names its permissions says that the answer would be a refusal.
      if (roles.length > 0 && !READS_APPS.some((role) => roles.includes(role))) return null;
      return findSecretEnd(tenant(signal), clientId, credential.secret);
    },
    mailboxes: (userId, signal) => findMailboxes(tenant(signal), userId),
    folders: (mailbox, signal) => walkFolders(inside(mailbox, signal)),
    folder: (mailbox, folderId, signal) => readFolder(inside(mailbox, signal), folderId),
    itemPage: (mailbox, folderId, cursor, options, signal) => readItemPage(inside(mailbox, signal), folderId, cursor, options),
    recoverableFolders: (mailbox, owner, signal) => readRecoverableFolders(inside(mailbox, signal), owner),
    recoverablePage: (mailbox, owner, folderId, cursor, signal) => readRecoverablePage(inside(mailbox, signal), owner, folderId, cursor),
    exportItems: (mailbox, ids, signal) => exportItems(inside(mailbox, signal), ids),
    plainItem: (mailbox, request, signal) => readPlainItem(inside(mailbox, signal), request),
    close: async () => {
      closing.abort(new Fault('graph.closed', { retry: 'now', advice: 'The client was closed while a call was under way.' }));
      transport.close();
      await clock.yield();
    },
  };
};
