import { Fault, type Facts } from '@pstream/kernel';

/** Which of our stores a database serves; part of the code of its faults. */
export type StoreName = 'event-store' | 'projection-store' | 'secret';

/** The store did not answer, or its answer was lost: repeating the call settles it. */
export const unavailable = (store: StoreName, cause: unknown, facts: Facts = {}): Fault =>
  new Fault(`${store}.unavailable`, {
    retry: { afterMs: 500 },
    facts,
    cause,
    advice: 'Check that the database is reachable; the call is repeated until it is.',
  });
