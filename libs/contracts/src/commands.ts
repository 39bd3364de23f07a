import { z } from 'zod';
import type { Facts, Rejection } from '@pstream/kernel';

/** What every command carries: its own id (sent again unchanged when a reply was lost), who sent it, and when. */
export const CommandMeta = z.strictObject({ commandId: z.string().min(1).max(64), by: z.string().min(1).max(64), at: z.iso.datetime() });
export type CommandMeta = z.infer<typeof CommandMeta>;

/** A command as it travels from a door to its service. */
export const commandMessage = <S extends z.ZodType>(body: S) => z.strictObject({ meta: CommandMeta, body });

/** A service's answer: where the events went, or why there are none. */
export type CommandReply =
  | { readonly accepted: true; readonly stream: string; readonly version: number }
  | { readonly accepted: false; readonly rejection: Rejection };

/** Message pattern of a command: `<service>.<Command>`. */
export const pattern = (service: 'licensing' | 'projects', command: string): string => `${service}.${command}`;

/** Reads a message against its schema. Returns the rejection that a sender gets for a malformed one. */
export const parseMessage = <S extends z.ZodType>(
  schema: S,
  message: unknown,
): { readonly ok: true; readonly value: z.infer<S> } | { readonly ok: false; readonly rejection: Rejection } => {
  const parsed = schema.safeParse(message);
  if (parsed.success) return { ok: true, value: parsed.data };
  const facts: Facts = { fields: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) };
  return { ok: false, rejection: { code: 'command.malformed', facts } };
};
