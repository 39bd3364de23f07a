import { z } from 'zod';
import { ContainerName, CreateProject, EndpointConfig, NewProjectOptions, PassKind, SmtpAddress, Ulid } from './index.js';

const saying = (schema: z.ZodType, value: unknown): string[] => schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

describe('what a validator says', () => {
  it.each([
    [z.string(), undefined, 'This field cannot be left blank.'],
    [z.string(), 3, 'Enter text.'],
    [z.string().min(1), '', 'This field cannot be left blank.'],
    [z.string().max(1), 'ab', 'Use at most 1 character.'],
    [z.string().max(1_200), 'x'.repeat(1_201), 'Use at most 1,200 characters.'],
    [z.int().min(30), 1, 'Use at least 30.'],
    [z.number().max(1_000), 2_000, 'Use at most 1,000.'],
    [z.int(), 1.5, 'Enter a whole number.'],
    [z.boolean(), 'yes', 'Use true or false.'],
    [z.array(z.string()).min(2), ['a'], 'Use at least 2 entries.'],
    [z.array(z.string()).max(1), ['a', 'b'], 'Use at most 1 entry.'],
    [z.enum(['mailbox', 'archive']), 'post', 'Use one of: mailbox, archive.'],
    [z.literal('folder'), 'x', 'The only valid value is folder.'],
    [PassKind, 'delta', 'Use one of: verify, trial, pre-stage, full, retry-errors.'],
    [z.email(), 'x', 'Give an address such as user@contoso.com.'],
    [z.iso.date(), '31.1.2026', 'Give a day such as 2026-01-31.'],
    [z.strictObject({}), { x: 1 }, 'Unknown field. Remove it, or check its spelling in /docs.'],
    [z.union([z.string(), z.number()]), true, 'Give one of the forms that /docs shows.'],
    [EndpointConfig, { kind: 's3' }, 'Use one of: microsoft-365, azure-blob, folder.'],
    [Ulid, 'x', 'Give an id of 26 letters and digits.'],
    [SmtpAddress, 'x', 'Give an SMTP address such as user@contoso.com.'],
    [ContainerName, 'A', 'Use 3 to 63 lower-case letters, digits and single hyphens.'],
    [CreateProject.shape.partBytes, 64_000_000_000, 'Give 1 MiB to 45 GiB: a PST of 64.0 GB is refused.'],
    [CreateProject.shape.partBytes, 1_000, 'Give 1 MiB to 45 GiB: a PST of 0.0 GB is refused.'],
    [NewProjectOptions, { itemTypes: ['mail'] }, 'Use one of: calendars, contacts, email, tasks, notes, journals.'],
  ] as const)('of %# is a sentence', (schema, value, sentence) => expect(saying(schema, value)).toEqual([sentence]));

  it('never repeats what was given', () => {
    for (const schema of [z.int(), z.enum(['a']), z.email(), z.strictObject({}), EndpointConfig])
      expect(saying(schema, 'canary').join()).not.toContain('canary');
  });
});
