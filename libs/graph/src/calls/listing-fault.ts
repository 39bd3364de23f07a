import type { Fault } from '@pstream/kernel';

/** Faults of what was read, which name no call. */
const OF_THE_READING: ReadonlySet<string> = new Set([
  'graph.bad-reply',
  'graph.truncated-reply',
  'graph.reply-too-large',
  'graph.paging-loop',
  'graph.no-progress',
  'graph.listing-shifted',
  'graph.redirect-loop',
  'graph.too-many-redirects',
  'graph.foreign-url',
]);

/** Whether a Fault is the tenant's answer to a listing, so that other folders may well be listed. What else fails in a call (the sign-in, a
 *  limit that is still being waited for, a client that was closed) concerns the mailbox as a whole. */
export const isListingFault = ({ code, facts }: Fault): boolean => facts['purpose'] !== undefined || OF_THE_READING.has(code);
