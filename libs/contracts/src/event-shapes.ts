import { z } from 'zod';
import type { DomainEvent } from './envelope.js';

// What the schemas of events are made of. Events are kept for ever: a later release may add a field that is optional or has a default, and
// reads every event of the releases before it (golden files). Readers ignore fields that they do not know.

/** An id of ours, or of the tenant. */
export const id = z.string();
/** ISO 8601 UTC. */
export const at = z.iso.datetime();
export const count = z.int().nonnegative();
/** Counts from 1: of passes, attempts, parts. */
export const ordinal = z.int().positive();
export const workgroup = { workgroupId: id };

/** Ids that tell where an event of a pass belongs. */
export const passRefs = { ...workgroup, customerId: id, projectId: id, mailboxJobId: id, passId: id };
const PassRefsShape = z.object(passRefs);
export type PassRefs = Readonly<z.infer<typeof PassRefsShape>>;

/** The schemas of events, by type: each describes the event's data. */
export type EventSchemas = Readonly<Record<string, z.ZodObject>>;

/** The events that a table of schemas describes. */
export type EventOf<T extends EventSchemas> = {
  [K in keyof T & string]: DomainEvent<K, Readonly<z.infer<T[K]>>>;
}[keyof T & string];
