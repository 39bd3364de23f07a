import type { JsonObject } from './plain-item.js';

/** True for an object that is no array. */
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text that is not empty, else null. */
export const textOf = (object: JsonObject, name: string): string | null => {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** An object, or an empty one. */
export const objectOf = (object: JsonObject, name: string): JsonObject => {
  const value = object[name];
  return isObject(value) ? value : {};
};

/** The objects of an array; anything else in it is left out. */
export const arrayOf = (object: JsonObject, name: string): readonly JsonObject[] => {
  const value = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

/** The texts of an array. */
export const textsOf = (object: JsonObject, name: string): readonly string[] => {
  const value = object[name];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each !== '') : [];
};

/** True or false, or undefined. */
export const flagOf = (object: JsonObject, name: string): boolean | undefined => {
  const value = object[name];
  return typeof value === 'boolean' ? value : undefined;
};

/** The place of a word in a list, or undefined. */
export const placeOf = (words: readonly string[], word: string | null): number | undefined => {
  const place = word === null ? -1 : words.indexOf(word);
  return place < 0 ? undefined : place;
};

/** A dateTimeTimeZone that is in UTC, as Graph was asked for it; null for any other zone, which cannot be told without its rules. */
export const utcOf = (object: JsonObject, name: string): string | null => {
  const value = objectOf(object, name);
  const zone = textOf(value, 'timeZone');
  return zone === null || zone.toUpperCase() === 'UTC' ? textOf(value, 'dateTime') : null;
};
