import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, id, ordinal, passRefs, type EventOf } from './event-shapes.js';

const check = { ...passRefs, step: ordinal, name: z.string(), at };
const advised = { code: z.string(), advice: z.string() };

/** What an address was found to be. `other`: a purpose that has no name here; `unknown`: a mailbox whose purpose the app may not read;
 *  `not-online`: a user without a mailbox in Exchange Online, be it without a licence, inactive, soft-deleted or on premises, which Graph does
 *  not tell apart; `not-found`: no user, which groups, contacts and public folders are not either. */
export const mailboxKinds = ['user', 'linked', 'shared', 'room', 'equipment', 'other', 'unknown', 'not-online', 'not-found'] as const;
export type MailboxKind = (typeof mailboxKinds)[number];

/** The same for people. */
export const MAILBOX_KIND_TEXTS: Readonly<Record<MailboxKind, string>> = {
  user: 'the mailbox of a user',
  linked: 'a linked mailbox',
  shared: 'a shared mailbox',
  room: 'the mailbox of a room',
  equipment: 'the mailbox of a piece of equipment',
  other: 'a mailbox for another purpose',
  unknown: 'a mailbox; grant MailboxSettings.Read to see of what kind',
  'not-online':
    'a user without a mailbox in Exchange Online: no licence, inactive, soft-deleted or on premises, which Graph does not tell apart',
  'not-found': 'no user: mistyped, deleted, or a group, contact or public folder, of which Graph exports no mailbox',
};

/** What a verification has found: what the mailbox is, whether it has an archive, and whether what is to be exported can be read. */
export const FoundMailbox = z.object({ kind: z.enum(mailboxKinds), archive: z.boolean(), readable: z.boolean() });
export type FoundMailbox = Readonly<z.infer<typeof FoundMailbox>>;

/** Events of a verification. */
export const credentialsEvents = {
  CheckPassed: z.object(check),
  CheckWarned: z.object({ ...check, ...advised }),
  CheckFailed: z.object({ ...check, ...advised }),
  VerificationFinished: z.object({
    ...passRefs,
    verdict: z.enum(['pass', 'fail']),
    code: z.string().exactOptional(),
    advice: z.string().exactOptional(),
    /** Name of a PST that the next pass would write, where the destination has something that pstream did not write. */
    foreign: z.string().exactOptional(),
    /** Absent where the address was not looked up, and in verifications of releases up to 0.3.0. */
    found: FoundMailbox.exactOptional(),
    /** The app that signed in, and when its client secret ends; absent where the tenant does not say. */
    secret: z.object({ clientId: id, endsAt: at }).exactOptional(),
    at,
  }),
};
export type CredentialsEvent = EventOf<typeof credentialsEvents>;

/** The stream of a verification. */
export const verificationStream = (passId: string): StreamName<CredentialsEvent> => streamName(`verification:${passId}`);
