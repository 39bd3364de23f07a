import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, workgroup, type EventOf } from './event-shapes.js';
import { ROLES } from './people.js';
import { countField, field, idField, textField, timeField, timeOrNullField } from './view-fields.js';

// What is on record of what people do: a chain of records for each workgroup, and one for the installation.

/** The chain of what concerns the installation, and of whoever is not known. No workgroup has this id. */
export const INSTALLATION_CHAIN = 'installation';

/** The chain that holds what happens in a workgroup is named by it. */
const Chain = z.string().min(1).max(64);

/** Most characters of a value on record; what is longer is cut off. */
export const LONGEST_AUDITED = 500;
/** Most fields of one change. */
export const MOST_AUDITED = 50;

const text = z.string().max(LONGEST_AUDITED);
/** Who acted, by what they were let in with. */
const PERSON = '01J8ZQ4N5W9K7C1B2D3E4F5G6F';
const AuditedPerson = z.object({
  by: field(text, 'Id that they act under.', PERSON),
  name: field(text, 'Name of then.', 'Ada Lovelace'),
  role: field(z.enum(ROLES), 'Role of then.', 'agent'),
  signedInBy: field(z.enum(['token', 'session']), 'What they were let in with.', 'session'),
  tokenId: field(text.nullable(), 'The API token; null without one.', null),
  sessionId: field(text.nullable(), 'The session of the browser; null without one.', '01J8ZQ4N5W9K7C1B2D3E4F5G6G'),
  agentId: field(text.nullable(), 'The agent; null for whoever runs the installation, and for service accounts.', PERSON),
});
export type AuditedPerson = z.infer<typeof AuditedPerson>;

/** From where: the address of the connection, and what a proxy says of the one before it. */
const AuditedOrigin = z.object({
  address: field(text, 'Address of the connection.', '127.0.0.1'),
  forwardedFor: field(text.nullable(), 'What a proxy says of the address before its own; null without one.', '203.0.113.7'),
  userAgent: field(text.nullable(), 'The program, as it names itself.', 'pstream/0.3.0'),
  requestId: field(text, 'Id of the request; logs carry it.', '01J8ZQ4N5W9K7C1B2D3E4F5G6H'),
});
export type AuditedOrigin = z.infer<typeof AuditedOrigin>;

const Value = z.union([z.string().max(LONGEST_AUDITED + 1), z.number(), z.boolean(), z.null()]);
/** A field that was given; of a secret only that it was. */
const AuditedChange = z.object({ field: text, old: Value, new: Value, secret: z.literal(true).optional() });
export type AuditedChange = z.infer<typeof AuditedChange>;

/** What it was about: the last thing that the address names, and all ids in the address. */
const AuditedObject = z.object({
  kind: field(text, 'Kind of thing.', 'customer'),
  id: field(text, 'Its id.', '01J8ZQ4N5W9K7C1B2D3E4F5G6A'),
  name: field(text.nullable(), 'Its name of then; null where it has none, or was not there.', 'Contoso'),
});
export type AuditedObject = z.infer<typeof AuditedObject>;

const asked = {
  actionId: id,
  /** The operation of the API, or how somebody signed in. */
  action: text,
  who: AuditedPerson.nullable(),
  from: AuditedOrigin,
  object: AuditedObject.nullable(),
  ids: z.record(text, text),
};

/** One step of what somebody did. A change has two: before anything is done, and when it is answered. */
export const AuditEntry = z.discriminatedUnion('is', [
  z.object({ is: z.literal('begun'), ...asked, changes: z.array(AuditedChange).max(MOST_AUDITED) }),
  z.object({ is: z.literal('ended'), actionId: id, status: count, code: text.nullable(), madeId: text.nullable() }),
  z.object({ is: z.literal('viewed'), ...asked }),
  z.object({ is: z.literal('signed-in'), ...asked }),
  /** What was refused before it was begun; repetitions are counted, and `since` is when the first of them came. */
  z.object({ is: z.literal('refused'), ...asked, status: count, code: text, count, since: at }),
]);
export type AuditEntry = z.infer<typeof AuditEntry>;

/** Puts a step on record. */
export const RecordAudit = z.strictObject({ chain: Chain, entry: AuditEntry });
export type RecordAudit = z.infer<typeof RecordAudit>;

/** Asks for records as they are stored, behind a position. */
export const ReadAudit = z.strictObject({ chain: Chain, after: count, limit: z.int().min(1).max(1_000) });
export type ReadAudit = z.infer<typeof ReadAudit>;
export const ReadAuditReply = z.object({
  records: z.array(z.object({ record: z.string(), sha256: z.string() })),
  /** The position behind the last of them; null at the end. */
  next: count.nullable(),
});
export type ReadAuditReply = z.infer<typeof ReadAuditReply>;

/** A record of a chain. `record` is the text that `sha256` is made of, so that it can be checked whatever a later release reads in it. */
export const auditEvents = { AuditRecorded: z.object({ ...workgroup, record: z.string(), sha256: z.string(), at }) };
export type AuditEvent = EventOf<typeof auditEvents>;

/** What stands in the text of a record beside the entry. `previous` is the hash of the record before it. */
const AuditLink = z.object({ chain: Chain, seq: z.int().positive(), at, previous: z.string() });
export const AuditRecord = z.intersection(AuditLink, AuditEntry);
export type AuditRecord = z.infer<typeof AuditRecord>;

/** Records in one stream, so that nobody has to read a whole chain to go on with it. */
export const AUDIT_SEGMENT = 1_000;

/** Streams of a chain in their order. */
export const auditStreams = (chain: string): string => `audit:${chain}:`;
export const auditStream = (chain: string, segment: number): StreamName<AuditEvent> =>
  streamName(`${auditStreams(chain)}${String(segment).padStart(8, '0')}`);

/** What came of an action; `unknown` for a change that nobody has answered yet, or whose gateway died before it did. */
export const auditOutcomes = ['done', 'refused', 'failed', 'viewed', 'unknown'] as const;

const changed = z.object({
  field: textField('Field that was given.', 'name'),
  old: field(Value, 'Its value before, as far as it was shown; null where there was none.', 'Contoso'),
  new: field(Value, 'Its new value.', 'Contoso Ltd'),
  secret: field(z.literal(true).optional(), 'It is a secret: neither value is on record.', true),
});

/** What somebody did, as the API shows it. */
export const AuditRecordView = z.object({
  actionId: idField('pass', 'Id of the action.'),
  chain: textField('The workgroup in which it was done, or `installation`.', 'default'),
  seq: countField('Number of its record in that chain.', 42),
  at: timeField('When it began.'),
  action: textField('The operation of the API, or how somebody signed in.', 'renameCustomer'),
  who: AuditedPerson.nullable().meta({
    description: 'Who acted, and by which token or session they were let in; null for whoever was not known.',
  }),
  person: field(z.string().nullable(), 'Id that they act under; null for whoever was not known.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F'),
  from: AuditedOrigin.meta({
    description: 'From where: address of the connection, and what a proxy says of the ones before it, which anybody can claim.',
  }),
  object: AuditedObject.nullable().meta({
    description: 'What it was about, with its name of then; null where the address names nothing.',
  }),
  ids: field(z.record(z.string(), z.string()), 'Everything that the address names, by the names of its parameters.', {
    customerId: '01J8ZQ4N5W9K7C1B2D3E4F5G6A',
  }),
  objectId: field(z.string().nullable(), 'Id of what it was about, or of what it made.', '01J8ZQ4N5W9K7C1B2D3E4F5G6A'),
  changes: z.array(changed).meta({ description: 'What was given, with the values before.' }),
  outcome: field(
    z.enum(auditOutcomes),
    'What came of it; `unknown` for a change that was begun and of whose end nothing is on record.',
    'done',
  ),
  status: field(z.int().nullable(), 'HTTP status of the answer; null while there is none, and for views.', 200),
  code: field(z.string().nullable(), 'Code of the problem; null without one.', null),
  endedAt: timeOrNullField('When it was answered.'),
  count: countField('How many refused attempts of one kind this record stands for; 1 for everything else.', 1),
});
export type AuditRecordView = z.infer<typeof AuditRecordView>;
