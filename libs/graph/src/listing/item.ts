import type { GraphItem } from '../client.js';
import { countOf, textOf, type JsonObject } from './fields.js';

/** The properties of an item that a listing asks for. */
export const SELECT = '$select=id,type,size,changeKey,createdDateTime,lastModifiedDateTime';

/** The item in an entry of a listing; undefined for one without an id. */
export const itemOf = (raw: JsonObject): GraphItem | undefined => {
  const id = textOf(raw, 'id');
  if (id === null) return undefined;
  return {
    id,
    type: textOf(raw, 'type'),
    size: countOf(raw, 'size'),
    changeKey: textOf(raw, 'changeKey'),
    createdDateTime: textOf(raw, 'createdDateTime'),
    lastModifiedDateTime: textOf(raw, 'lastModifiedDateTime'),
  };
};
