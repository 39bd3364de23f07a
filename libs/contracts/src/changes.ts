import { Fault } from '@pstream/kernel';
import { z } from 'zod';
import { ROLES } from './people.js';

/** What became of documents of the read models; key = view and document. */
export const CHANGES_TOPIC = 'views.changes.v1';
/** The group that adds documents up. What it has read may be forgotten. */
export const SUMS_GROUP = 'projector.sums.v1';

/** Under this name the gateway publishes changes of API tokens, which are in no read model. */
export const TOKENS_VIEW = 'tokens';

const Amounts = z.record(z.string(), z.number());
/** Counts and amounts by name; a name that is not there is 0. */
export type Amounts = z.infer<typeof Amounts>;

/** What a document counts for, and in which sums. */
const Share = z.object({ scopes: z.array(z.string()), amounts: Amounts });
export type Share = z.infer<typeof Share>;

/** A document of a read model as it is now: whatever changed it, and however often this is repeated. */
export const Change = z.object({
  view: z.string(),
  id: z.string(),
  /** The generation that holds the document, and whether queries read it. */
  generation: z.string(),
  live: z.boolean(),
  /** Grows with every write of the document within a generation. */
  revision: z.int().positive(),
  gone: z.boolean(),
  /** Whom it concerns; all absent: everyone who may read such documents. */
  projectId: z.string().optional(),
  customerId: z.string().optional(),
  /** Of what is no customer's: whose it is, or the chain of an entry of the record. */
  workgroupId: z.string().optional(),
  /** Of a token, by which it is known who sees it. */
  token: z.object({ madeBy: z.string().nullable(), agentId: z.string().nullable(), role: z.enum(ROLES) }).optional(),
  /** Absent for a document that counts nowhere. */
  share: Share.optional(),
});
export type Change = z.infer<typeof Change>;

/** Everything of a view may be different from now on: another generation went live. */
export const Switched = z.object({ view: z.string(), switched: z.string() });
export type Switched = z.infer<typeof Switched>;

const ChangeRecord = z.union([Change, Switched]);

/** A change as a record of its topic: changes of one document keep their order. */
export const toChangeRecord = (change: Change | Switched): { readonly key: string; readonly value: Uint8Array } => ({
  key: 'id' in change ? `${change.view}/${change.id}` : change.view,
  value: new TextEncoder().encode(JSON.stringify(change)),
});

/** The inverse. Fault 'change.unreadable' (never; facts topic, partition, offset). */
export const readChange = (record: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly value: Uint8Array;
}): Change | Switched => {
  try {
    return ChangeRecord.parse(JSON.parse(new TextDecoder().decode(record.value)));
  } catch (cause) {
    throw new Fault('change.unreadable', {
      retry: 'never',
      facts: { topic: record.topic, partition: record.partition, offset: String(record.offset) },
      cause,
      advice: 'A record on the topic of changes is not one of ours. Find out who wrote it; rebuild the view that it should have concerned.',
    });
  }
};
