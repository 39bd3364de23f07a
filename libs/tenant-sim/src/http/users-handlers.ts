import type { SimUser } from '../source.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { userEntity, USER_PROPERTIES } from './entities.js';
import { DEFAULT_PAGE, checkOptions, listOptions, project, selectOf } from './odata.js';
import { parseFilter } from './odata-filter.js';
import { Refusal } from './refusal.js';

const userOf = (context: Context, call: GrantedCall): SimUser => {
  const user = context.tenant.user(call.params.user ?? '');
  if (user === undefined)
    throw new Refusal(
      404,
      'Request_ResourceNotFound',
      'Resource does not exist or one of its queried reference-property objects are not present.',
    );
  return user;
};

const USERS_PAGE = 100;

/** `GET /users`: pages with $top and a skip token, simple filters. */
export const listUsers = (context: Context, call: GrantedCall): Reply => {
  const { query } = call;
  const options = listOptions(
    new URLSearchParams([...query].filter(([name]) => name !== '$skiptoken')),
    {
      options: ['$select', '$filter', '$top', '$count', '$orderby'],
      properties: USER_PROPERTIES,
      sortable: ['displayName', 'userPrincipalName'],
    },
    context.strict,
  );
  const matches =
    options.filter === undefined
      ? context.tenant.users
      : context.tenant.users.filter(
          parseFilter<SimUser>(options.filter, USER_PROPERTIES, (user, name) => {
            const value = userEntity(user)[name];
            return typeof value === 'string' || typeof value === 'boolean' ? value : null;
          }),
        );
  const size = query.has('$top') ? options.top : Math.max(USERS_PAGE, DEFAULT_PAGE);
  const from = Number(Buffer.from(query.get('$skiptoken') ?? '', 'base64url').toString('utf8') || '0');
  const page = matches.slice(from, from + size);
  const next = new URLSearchParams(query);
  next.set('$skiptoken', Buffer.from(String(from + size)).toString('base64url'));
  return {
    status: 200,
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#users`,
      ...(options.count ? { '@odata.count': matches.length } : {}),
      value: page.map((user) => project(userEntity(user), options.select)),
      ...(from + size < matches.length ? { '@odata.nextLink': `${context.origin}/${call.version}/users?${next.toString()}` } : {}),
    },
  };
};

/** `GET /users/{id or name}`. */
export const getUser = (context: Context, call: GrantedCall): Reply => {
  checkOptions(call.query, ['$select'], context.strict);
  const entity = userEntity(userOf(context, call));
  const select = selectOf(call.query, USER_PROPERTIES, context.strict);
  const json = { '@odata.context': `${context.origin}/${call.version}/$metadata#users/$entity`, ...project(entity, select) };
  return { status: 200, json };
};

/** `GET /users/{id}/settings/exchange`: the mailbox ids; the archive's in beta only. */
export const getExchangeSettings = (context: Context, call: GrantedCall): Reply => {
  checkOptions(call.query, [], context.strict);
  const user = userOf(context, call);
  const primary = context.tenant.primary(user);
  const archive = context.tenant.archive(user);
  if (primary === undefined) throw notInExchangeOnline();
  return {
    status: 200,
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#users('${user.id}')/settings/exchange/$entity`,
      primaryMailboxId: primary.id,
      ...(call.version === 'beta' ? { inPlaceArchiveMailboxId: archive?.id ?? null } : {}),
    },
  };
};

/** `GET /users/{id}/mailboxSettings`: what the mailbox is for. */
export const getMailboxSettings = (context: Context, call: GrantedCall): Reply => {
  checkOptions(call.query, ['$select'], context.strict);
  const user = userOf(context, call);
  if (context.tenant.primary(user) === undefined) throw notInExchangeOnline();
  const settings = { userPurpose: user.purpose, timeZone: 'UTC', dateFormat: 'yyyy-MM-dd', timeFormat: 'HH:mm' };
  const select = selectOf(call.query, Object.keys(settings), context.strict);
  return {
    status: 200,
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#users('${user.id}')/mailboxSettings`,
      ...project(settings, select),
    },
  };
};

/** 404 of users that are on premises, unlicensed, inactive or guests. */
export const notInExchangeOnline = (): Refusal =>
  new Refusal(404, 'MailboxNotEnabledForRESTAPI', 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.');
