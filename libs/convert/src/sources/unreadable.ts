import { errnoOf, Fault } from '@pstream/kernel';

/** Throws a Fault 'source.unreadable' (never) for a file that the system does not let us read, or not any more. */
export const unreadable = (cause: unknown): never => {
  throw new Fault('source.unreadable', {
    retry: 'never',
    facts: { reason: errnoOf(cause) ?? 'unknown' },
    cause,
    advice: 'Check the permissions of the file and the disk it is on.',
  });
};
