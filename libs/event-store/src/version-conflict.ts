import { Fault } from '@pstream/kernel';

/** Somebody else was first: read again and decide again. */
export const versionConflict = (stream: string, expected: number, actual: number): Fault =>
  new Fault('event-store.version-conflict', { retry: 'now', facts: { stream, expected, actual } });

/** True for the fault that `versionConflict` makes. */
export const isVersionConflict = (fault: { readonly code: string }): boolean => fault.code === 'event-store.version-conflict';
