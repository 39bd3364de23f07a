import { ID, PT, type MapiItem } from '@pstream/mapi';
import { fromEntryId } from '../ids.js';
import type { SimItem } from '../source.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { ownMailbox } from './messages-handlers.js';
import { badQuery, malformedId, notFound } from './refusal.js';
import { checkOptions } from './odata.js';
import { bytesAt, flagOf } from './property-values.js';
import { contactEntity, eventEntity, taskEntity, type Entity } from './typed-entities.js';

const CONTACT = /^IPM\.Contact/i;

const find = async (
  context: Context,
  call: GrantedCall,
  isOfKind: RegExp,
): Promise<{ readonly item: SimItem; readonly content: MapiItem }> => {
  const mailbox = ownMailbox(context, call);
  const id = call.params.item ?? '';
  if (fromEntryId(id) === undefined) throw malformedId();
  const found = await mailbox.state.find(id);
  if (found.is !== 'item' || !isOfKind.test(found.item.type)) throw notFound('ErrorItemNotFound');
  if (call.params.folder !== undefined && call.params.folder !== found.item.folderId) throw notFound('ErrorItemNotFound');
  return { item: found.item, content: await mailbox.state.content(found.item) };
};

const one = async (
  context: Context,
  call: GrantedCall,
  isOfKind: RegExp,
  entity: (item: SimItem, content: MapiItem) => Entity,
): Promise<Reply> => {
  const { item, content } = await find(context, call, isOfKind);
  return {
    status: 200,
    json: { '@odata.context': `${context.origin}/${call.version}/$metadata#${call.operation}`, ...entity(item, content) },
  };
};

/** `GET /users/{id}/contacts/{c}`. */
export const getContact = (context: Context, call: GrantedCall): Promise<Reply> => {
  checkOptions(call.query, [], context.strict);
  return one(context, call, CONTACT, contactEntity);
};

/** `GET /users/{id}/contacts/{c}/photo/$value`. */
export const getContactPhoto = async (context: Context, call: GrantedCall): Promise<Reply> => {
  const { content } = await find(context, call, CONTACT);
  const photo = content.attachments.find(({ properties }) => flagOf(properties, 0x7fff));
  const bytes = photo === undefined ? undefined : bytesAt(photo.properties, ID.AttachData, PT.Binary);
  if (bytes === undefined) throw notFound('ErrorItemNotFound');
  return { status: 200, contentType: 'image/jpeg', write: (sink) => sink.write(bytes) };
};

/** `GET /users/{id}/events/{e}`. Attachments come where they are expanded. */
export const getEvent = (context: Context, call: GrantedCall): Promise<Reply> => {
  checkOptions(call.query, ['$expand'], context.strict);
  const expand = call.query.get('$expand');
  if (expand !== null && expand !== 'attachments') throw badQuery('Only attachments can be expanded here.');
  return one(context, call, /^IPM\.Appointment/i, (item, content) => eventEntity(item, content, expand !== null));
};

/** `GET /users/{id}/todo/lists/{l}/tasks/{t}`. */
export const getTask = (context: Context, call: GrantedCall): Promise<Reply> => {
  checkOptions(call.query, [], context.strict);
  return one(context, call, /^IPM\.Task/i, taskEntity);
};
