import type { Row } from '../project/views.js';

/** Colours that mean something. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

/** Sign and colour of each status; the word is always there too. */
export const STATUS_LOOKS: Readonly<Record<Row['status'], readonly [sign: string, tone: Tone]>> = {
  'Not Submitted': ['○', 'quiet'],
  Verifying: ['⟳', 'busy'],
  Verified: ['✓', 'quiet'],
  'Verification failed': ['✕', 'bad'],
  Submitted: ['◷', 'quiet'],
  Queued: ['◷', 'quiet'],
  Migrating: ['⟳', 'busy'],
  Stopping: ['◼', 'busy'],
  Stopped: ['◼', 'quiet'],
  Completed: ['✓', 'good'],
  'Completed with errors': ['!', 'warn'],
  Failed: ['✕', 'bad'],
};

/** Statuses of mailboxes, in the order in which they are gone through. */
export const STATUSES = Object.keys(STATUS_LOOKS) as readonly Row['status'][];
