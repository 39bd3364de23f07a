import { Fault, isFault } from '@pstream/kernel';
import type { Session } from '../calls/session.js';
import type { GraphUser, GraphVersion, MailboxRef } from '../client.js';
import { isObject, textOf, type JsonObject } from './fields.js';
import { graphPath, type GraphPath } from '../http/origin.js';

/** Looks up one user. Fault 'graph.user-not-found' (never). */
export const findUser = async (session: Session, userPrincipalName: string): Promise<GraphUser> => {
  const path = graphPath`/v1.0/users/${userPrincipalName}?$select=id,userPrincipalName,mail`;
  const { body } = await session.json({ purpose: 'directory', path });
  const id = textOf(body, 'id');
  if (id === null) throw new Fault('graph.bad-reply', { retry: 'now', facts: { expected: 'a user with an id' } });
  return { id, userPrincipalName: textOf(body, 'userPrincipalName') ?? userPrincipalName, mail: textOf(body, 'mail') };
};

/** Enough users for one with a mailbox to be among them. */
const SOME_USERS = 20;

/** The first users of the directory. */
export const someUsers = async (session: Session): Promise<GraphUser[]> => {
  const path = graphPath`/v1.0/users?$select=id,userPrincipalName,mail&$top=${String(SOME_USERS)}`;
  const { body } = await session.json({ purpose: 'directory', path });
  const listed: readonly unknown[] = Array.isArray(body['value']) ? body['value'] : [];
  return listed.filter(isObject).flatMap((user) => {
    const [id, userPrincipalName] = [textOf(user, 'id'), textOf(user, 'userPrincipalName')];
    return id === null || userPrincipalName === null ? [] : [{ id, userPrincipalName, mail: textOf(user, 'mail') }];
  });
};

/** Reads what a mailbox is for. Whoever may not ask, or asks of something without settings, gets null. */
export const findPurpose = async (session: Session, userId: string): Promise<string | null> => {
  try {
    const path = graphPath`/v1.0/users/${userId}/mailboxSettings?$select=userPurpose`;
    const { body } = await session.json({ purpose: 'directory', path });
    return textOf(body, 'userPurpose');
  } catch (error) {
    if (!isFault(error) || error.retry !== 'never') throw error;
    return null;
  }
};

/** When the secret that an app signs in with ends. Graph shows the beginning of each secret; where several begin alike, the first end counts.
 *  Whoever may not ask gets null. */
export const findSecretEnd = async (session: Session, clientId: string, secret: string): Promise<string | null> => {
  try {
    const filter = `appId eq '${clientId.replaceAll("'", "''")}'`;
    const path = graphPath`/v1.0/applications?$filter=${filter}&$select=passwordCredentials`;
    const { body } = await session.json({ purpose: 'directory', path });
    const ends = listIn(body, 'value')
      .flatMap((app) => listIn(app, 'passwordCredentials'))
      .flatMap((one) => {
        const [hint, end] = [textOf(one, 'hint'), Date.parse(textOf(one, 'endDateTime') ?? '')];
        return hint === null || hint === '' || Number.isNaN(end) || !secret.startsWith(hint) ? [] : [end];
      });
    return ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString();
  } catch (error) {
    if (!isFault(error) || error.retry !== 'never') throw error;
    return null;
  }
};

const listIn = (body: JsonObject, field: string): JsonObject[] => {
  const listed = body[field];
  return Array.isArray(listed) ? listed.filter(isObject) : [];
};

/** Finds a user's mailboxes (Graph §1.1). Beta alone knows the archive; where beta does not answer, v1.0 gives the primary mailbox. */
export const findMailboxes = async (session: Session, userId: string): Promise<{ primary: MailboxRef; archive: MailboxRef | null }> => {
  const read = async (version: GraphVersion): Promise<JsonObject> => {
    const path: GraphPath = graphPath`/${version}/users/${userId}/settings/exchange`;
    const { body } = await session.json({ purpose: 'directory', path });
    // Some samples show the one object wrapped in a list.
    const wrapped: unknown = Array.isArray(body['value']) ? body['value'][0] : undefined;
    return isObject(wrapped) ? wrapped : body;
  };
  let settings: JsonObject;
  try {
    settings = await read('beta');
  } catch (error) {
    if (!isFault(error) || !RETRY_ON_V1.has(error.code)) throw error;
    settings = await read('v1.0');
  }
  const primary = textOf(settings, 'primaryMailboxId');
  if (primary === null) {
    throw new Fault('graph.mailbox-not-online', {
      retry: 'never',
      facts: { expected: 'a primary mailbox id' },
      advice: 'Exchange Online holds no primary mailbox for this user. Assign a licence, or export the mailbox where it is.',
    });
  }
  const archive = textOf(settings, 'inPlaceArchiveMailboxId');
  return { primary: { id: primary, version: 'v1.0' }, archive: archive === null ? null : { id: archive, version: 'beta' } };
};

const RETRY_ON_V1: ReadonlySet<string> = new Set([
  'graph.bad-request',
  'graph.not-found',
  'graph.user-not-found',
  'graph.mailbox-not-online',
]);
