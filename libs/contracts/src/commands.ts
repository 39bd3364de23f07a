import { z } from 'zod';
import { err, ok, type Rejection, type Result } from '@pstream/kernel';

/** What every command carries: its own id (sent again unchanged when a reply was lost), who sent it, and when. With `expectedVersion` it
 *  is refused where its stream is at another version (rejection 'stream.version-mismatch'). `digest` is a hash of the request behind it: the
 *  same command with another digest is refused (rejection 'request.idempotency-mismatch'). */
export const CommandMeta = z.strictObject({
  commandId: z.string().min(1).max(64),
  by: z.string().min(1).max(64),
  at: z.iso.datetime(),
  expectedVersion: z.int().nonnegative().optional(),
  digest: z.string().min(1).max(64).optional(),
});
export type CommandMeta = z.infer<typeof CommandMeta>;

/** A service's answer: where the events went, or why there are none. */
export type CommandReply =
  | { readonly accepted: true; readonly stream: string; readonly version: number }
  | { readonly accepted: false; readonly rejection: Rejection };

/** Reads a command as it travels, `{ meta, body }`, against the schema of its body. Returns the rejection that the sender
 *  of a malformed one gets: code 'command.malformed' with the fields at fault. */
export const parseCommand = <B extends z.ZodType>(
  schema: B,
  message: unknown,
): Result<{ readonly meta: CommandMeta; readonly body: z.infer<B> }, CommandReply> => {
  const envelope = Envelope.safeParse(message);
  if (!envelope.success) return err(malformed(envelope.error));
  const body = schema.safeParse(envelope.data.body);
  return body.success ? ok({ meta: envelope.data.meta, body: body.data }) : err(malformed(body.error));
};

const Envelope = z.strictObject({ meta: CommandMeta, body: z.unknown() });

const malformed = (error: z.ZodError): CommandReply => ({
  accepted: false,
  rejection: { code: 'command.malformed', facts: { fields: error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) } },
});
