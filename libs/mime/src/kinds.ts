/** The typed resources an item can be read as. */
export type FallbackKind = 'message' | 'contact' | 'event' | 'task';

/** Classes for which Graph has a typed resource, and those for which it has none: lists, notes, journal entries, settings. */
const BY_CLASS: readonly (readonly [RegExp, FallbackKind | null])[] = [
  [/^IPM\.Contact(\.|$)/i, 'contact'],
  [/^IPM\.Appointment(\.|$)/i, 'event'],
  [/^IPM\.Task(\.|$)/i, 'task'],
  [/^IPM\.(DistList|StickyNote|Activity|Configuration|Microsoft|Rule|Document)(\.|$)/i, null],
  [/^(IPM|REPORT)(\.|$)/i, 'message'],
];

/** The resource that stands for a message class, or null where Graph offers none (Graph §8). */
export const fallbackKind = (itemType: string): FallbackKind | null => BY_CLASS.find(([pattern]) => pattern.test(itemType))?.[1] ?? null;
