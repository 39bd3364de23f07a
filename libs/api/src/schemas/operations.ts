import {
  bytesField,
  closedAs,
  countField,
  field,
  idField,
  OperationRowView,
  OperationView,
  operationStates,
  textField,
  timeField,
  timeOrNullField,
} from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { page } from './page.js';

const Reason = z.object({
  code: textField('Code of the problem.', 'selection.empty'),
  title: textField('The problem in a few words.', 'No mailbox selected'),
  detail: textField('What to do next.', 'Add mailboxes with `pstream mailbox import`.'),
});

/** What became of a PST when its project was closed. */
export const OperationPart = named(
  'OperationPart',
  z.object({
    partId: idField('part', 'Id of the PST.'),
    name: textField('Its name.', 'ann.pst'),
    container: textField('Container or folder that it is in.', 'leavers'),
    bytes: bytesField('Its size on record.', 1_048_576),
    is: field(
      z.enum(closedAs),
      '`gone` was not there when it was looked for: somebody else deleted it, or an interrupted try of the same closing.',
      'kept',
    ),
    reason: field(Reason.nullable(), 'Why it was kept; null where that was asked for, and where it was not kept.', {
      code: 'part.legal-hold',
      title: 'Under a legal hold',
      detail: 'Lift the hold and close the project again.',
    }),
  }),
);
export type OperationPart = z.infer<typeof OperationPart>;

/** An operation: one request for many mailboxes or users, carried out in the background. */
export const Operation = named(
  'Operation',
  z
    .object({
      operationId: idField('pass', 'Id of the operation.'),
      customerId: idField('customer', 'Customer whose mailboxes or users it concerns.'),
      projectId: field(z.string().nullable(), 'Project of the mailboxes; null where it concerns users.', '01J8ZQ4N5W9K7C1B2D3E4F5G6B'),
      verb: field(OperationView.shape.verb, 'What is done to each row.', 'start'),
      kind: field(OperationView.shape.kind, 'Kind of pass that is started; null for other verbs.', 'full'),
      state: field(z.enum(operationStates), 'How far it is; `finished` and `failed` are its ends.', 'finished'),
      total: field(z.int().nullable(), 'Number of rows; null until they have been chosen.', 250),
      done: countField('Rows that have an outcome.', 250),
      accepted: countField('Rows for which the command was accepted.', 248),
      rejected: countField('Rows for which it was refused.', 2),
      progress: field(z.number(), 'Share of the rows that have an outcome, from 0 to 1.', 1),
      cause: field(Reason.nullable(), 'Why it failed; null unless it did.', null),
      shown: field(z.boolean(), 'Whether it has ended and the lists that it changes show its effect.', true),
      by: textField('Id of the token that requested it.', '01J8ZQ4N5W9K7C1B2D3E4F5G6H'),
      createdAt: timeField('When it was requested.'),
      startedAt: timeOrNullField('When it began.'),
      endedAt: timeOrNullField('When it ended.'),
    })
    .meta({ description: 'A request for many mailboxes or users, carried out in the background.' }),
);
export type Operation = z.infer<typeof Operation>;

export const OperationRow = named(
  'OperationRow',
  z.object({
    row: countField('Position among the rows, from 1.', 1),
    mailboxJobId: field(
      z.string().nullable(),
      'Id of the mailbox; null for a user, and if the project has no such mailbox.',
      '01J8ZQ4N5W9K7C1B2D3E4F5G6C',
    ),
    source: textField(
      'Address of the mailbox or user, or what the caller asked for if the project has no such mailbox.',
      'ann@contoso.com',
    ),
    outcome: field(OperationRowView.shape.outcome, 'What became of the row.', 'rejected'),
    stream: field(z.string().nullable(), 'Stream that holds what was done; null if it was refused.', null),
    version: field(z.int().nullable(), 'Version of the stream after it; `atLeast` takes `<stream>:<version>`.', null),
    renamed: field(z.string().nullable(), 'PST name that the mailbox was given, because its own is taken; null if it kept its name.', null),
    parts: field(
      z.array(OperationPart).readonly().nullable(),
      'Where the project was closed: what became of each PST of the mailbox; null for other verbs.',
      null,
    ),
    reason: field(Reason.nullable(), 'Why it was refused; null unless it was.', {
      code: 'licence.not-applied',
      title: 'No licence applied',
      detail: 'Apply a licence with `pstream licence apply`.',
    }),
    at: timeField('When that was.'),
  }),
);
export type OperationRow = z.infer<typeof OperationRow>;

export const Operations = page('Operations', Operation, 'Operations');
export const OperationRows = page('OperationRows', OperationRow, 'Rows');
