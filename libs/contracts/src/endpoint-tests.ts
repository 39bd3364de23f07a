import { z } from 'zod';
import { EndpointConfig } from './endpoints.js';
import { ContainerName } from './projects.js';
import { SmtpAddress, Ulid } from './words.js';

/** Asks to try an endpoint, as it is on record or with these settings: a source with one mailbox, a destination with one container. An item
 *  is exported only of a mailbox that was named. */
export const TestEndpoint = z.strictObject({
  endpoint: z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('saved'), endpointId: Ulid }),
    z.strictObject({ is: z.literal('given'), config: EndpointConfig }),
  ]),
  mailbox: SmtpAddress.optional(),
  container: ContainerName,
});
export type TestEndpoint = z.infer<typeof TestEndpoint>;

/** One step of a test. `found`: what it saw, or why it was skipped; `advice`: what to do next. */
export const EndpointTestStep = z.strictObject({
  step: z.int().positive(),
  name: z.string(),
  verdict: z.enum(['pass', 'warn', 'fail', 'skipped']),
  code: z.string().nullable(),
  found: z.string().nullable(),
  advice: z.string().nullable(),
});
export type EndpointTestStep = z.infer<typeof EndpointTestStep>;

/** How the test went; `mailbox` is the one that it was tried with. */
export const TestEndpointReply = z.strictObject({ mailbox: z.string().nullable(), steps: z.array(EndpointTestStep) });
export type TestEndpointReply = z.infer<typeof TestEndpointReply>;
