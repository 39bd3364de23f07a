import type { Facts, Rejection } from '@pstream/kernel';
import { z } from 'zod';
import { field, textField } from '@pstream/contracts';
import { named } from '../schemas/named.js';
import { textOf, type ProblemCode } from './problem-texts.js';

/** What is wrong with one field of a body, or one cell of a file. Holds the place, never the value. */
export const FieldFault = named(
  'FieldFault',
  z.object({
    row: field(z.int().optional(), 'Row as a spreadsheet numbers it, or position in a list, from 1.', 3),
    column: textField('Name of the field or column; empty if the whole row is meant.', 'Destination'),
    code: textField('Code of the fault.', 'part-name.not-pst'),
    message: textField('What is expected there.', 'End the destination with .pst, for example user1.pst.'),
  }),
);
export type FieldFault = z.infer<typeof FieldFault>;

/** An answer of RFC 9457, with the code that the manual explains. */
export const Problem = named(
  'Problem',
  z
    .object({
      type: textField('URN of the code.', 'urn:pstream:problem:customer.name-taken'),
      title: textField('The problem in a few words.', 'Name already in use'),
      status: field(z.int(), 'Status of the answer.', 409),
      detail: textField(
        'What is wrong and what to do next.',
        'There is a customer with this name already. Use it, or choose another name.',
      ),
      code: textField('Code for programs; the reference of problem codes lists all.', 'customer.name-taken'),
      facts: field(z.record(z.string(), z.unknown()).optional(), 'Numbers and ids that belong to the problem.', { wanted: 5, free: 2 }),
      errors: z.array(FieldFault).optional().meta({ description: 'Every field or row at fault.' }),
    })
    .meta({ description: 'A problem in the form of RFC 9457.' }),
);
export type Problem = z.infer<typeof Problem>;

/** The problem of a code, in the words of the table. */
export const problemOf = (code: ProblemCode, status: number, facts: Facts = {}, errors: readonly FieldFault[] = []): Problem =>
  worded(code, status, facts, errors);

const STATUSES: Readonly<Record<string, number>> = { 'stream.version-mismatch': 412, 'request.idempotency-mismatch': 422 };

/** The problem of a Rejection: 400 if the command was malformed, 404 if something is not known, 412 for another version, 422 for a key
 *  that was used for another request, 409 otherwise. */
export const problemOfRejection = ({ code, facts }: Rejection, errors: readonly FieldFault[] = []): Problem => {
  if (code === 'command.malformed') return worded(code, 400, {}, errors.length > 0 ? errors : malformedFields(facts));
  return worded(code, STATUSES[code] ?? (code.endsWith('.unknown') ? 404 : 409), facts, errors);
};

const worded = (code: string, status: number, facts: Facts, errors: readonly FieldFault[]): Problem => ({
  type: `urn:pstream:problem:${code}`,
  ...textOf(code, facts),
  status,
  code,
  ...(Object.keys(facts).length === 0 ? {} : { facts }),
  ...(errors.length === 0 ? {} : { errors: [...errors] }),
});

const malformedFields = (facts: Facts): FieldFault[] => {
  const fields = facts['fields'];
  if (!Array.isArray(fields)) return [];
  return fields.map((at) => {
    const [column = '', ...message] = String(at).split(': ');
    return { column, code: 'field.invalid', message: message.join(': ') };
  });
};
