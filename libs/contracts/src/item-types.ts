/** Kinds of items that can be told apart and chosen, in the order of MigrationWiz's statistics. */
export const itemTypes = ['calendars', 'contacts', 'email', 'tasks', 'notes', 'journals'] as const;
export type ItemType = (typeof itemTypes)[number];

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
