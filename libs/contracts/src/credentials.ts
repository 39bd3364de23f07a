import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, ordinal, passRefs, type EventOf } from './event-shapes.js';

const check = { ...passRefs, step: ordinal, name: z.string(), at };
const advised = { code: z.string(), advice: z.string() };

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
    at,
  }),
};
export type CredentialsEvent = EventOf<typeof credentialsEvents>;

/** The stream of a verification. */
export const verificationStream = (passId: string): StreamName<CredentialsEvent> => streamName(`verification:${passId}`);
