import type { JsonObject } from '../client.js';

export type { JsonObject };

/** A string that is not empty, else null. */
export const textOf = (object: JsonObject, name: string): string | null => {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** A whole number above 0, else 0. */
export const countOf = (object: JsonObject, name: string): number => {
  const value = object[name];
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
};

/** The objects of an array; anything else in it is left out. */
export const objectsOf = (object: JsonObject, name: string): readonly JsonObject[] => {
  const value = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

/** True for an object that is no array. */
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a single-value extended property (Graph §3.2). The reply may drop leading zeros of the tag, so type and number are compared. */
export const extendedProperty = (object: JsonObject, type: string, tag: number): string | null => {
  for (const one of objectsOf(object, 'singleValueExtendedProperties')) {
    const match = /^(\w+) 0x([0-9a-f]+)$/i.exec(textOf(one, 'id') ?? '');
    if (match?.[1]?.toLowerCase() === type.toLowerCase() && Number.parseInt(match[2]!, 16) === tag) return textOf(one, 'value');
  }
  return null;
};
