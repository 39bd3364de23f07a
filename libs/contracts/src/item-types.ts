import { z } from 'zod';

/** Kinds of items that can be told apart and chosen, in the order of MigrationWiz's statistics. */
export const itemTypes = ['calendars', 'contacts', 'email', 'tasks', 'notes', 'journals'] as const;
export type ItemType = (typeof itemTypes)[number];

/** How many items, and their bytes together. */
export const Amount = z.object({ items: z.int().nonnegative(), bytes: z.int().nonnegative() });
export type Amount = z.infer<typeof Amount>;

/** Items by kind; a kind without items may be absent. */
export const ByType = z.partialRecord(z.enum(itemTypes), Amount);
export type ByType = z.infer<typeof ByType>;

/** The sum of both, kind by kind. */
export const addByType = (a: ByType, b: ByType): ByType => {
  const sums = { ...a };
  for (const type of itemTypes) {
    const more = b[type];
    if (more !== undefined) sums[type] = { items: (a[type]?.items ?? 0) + more.items, bytes: (a[type]?.bytes ?? 0) + more.bytes };
  }
  return sums;
};

/** What is left of the first without the second; kinds of which nothing is left are absent. */
export const lessByType = (a: ByType, b: ByType): ByType => {
  const left: ByType = {};
  for (const type of itemTypes) {
    const items = (a[type]?.items ?? 0) - (b[type]?.items ?? 0);
    if (items !== 0) left[type] = { items, bytes: (a[type]?.bytes ?? 0) - (b[type]?.bytes ?? 0) };
  }
  return left;
};

/** All kinds together. */
export const sumOfTypes = (types: ByType): Amount =>
  Object.values(types).reduce((sum, { items, bytes }) => ({ items: sum.items + items, bytes: sum.bytes + bytes }), { items: 0, bytes: 0 });

const CLASSES: readonly (readonly [messageClass: string, type: ItemType])[] = [
  ['ipm.appointment', 'calendars'],
  ['ipm.contact', 'contacts'],
  ['ipm.distlist', 'contacts'],
  ['ipm.task', 'tasks'],
  ['ipm.stickynote', 'notes'],
  ['ipm.activity', 'journals'],
];

/** The kind of an item by its message class. Meeting requests, task requests, reports, posts and whatever is not known go with mail. */
export const itemTypeOf = (messageClass: string): ItemType => {
  const given = messageClass.toLowerCase();
  return CLASSES.find(([known]) => given === known || given.startsWith(`${known}.`))?.[1] ?? 'email';
};
