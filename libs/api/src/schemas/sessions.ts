import { field, idField, ROLES, textField, timeField, timeOrNullField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

/** Who is calling, and what they may do. */
export const Me = named(
  'Me',
  z.object({
    id: idField('pass', 'Id that what the caller does is recorded under.'),
    name: textField('Name of the token, or of the person who is signed in.', 'nightly export'),
    signedInBy: field(z.enum(['token', 'session']), 'Whether the request carried an API token or the cookie of a session.', 'session'),
    role: field(z.enum(ROLES), 'Role in the workgroup.', 'owner'),
    rights: field(z.array(z.string()), 'What the role may do; each operation names the right that it needs.', ['self', 'exports.view']),
    workgroupId: textField('Workgroup whose customers the caller sees.', 'default'),
    customerIds: field(
      z.array(z.string()).nullable(),
      'The customers that the caller is confined to; null for all of the workgroup.',
      null,
    ),
    expiresAt: timeOrNullField('When the token or the session ends at the latest; null for a token that does not expire.'),
  }),
);
export type Me = z.infer<typeof Me>;

export const SessionBody = named(
  'StartSession',
  z.strictObject({
    code: z
      .string()
      .min(1)
      .max(200)
      .meta({
        description: 'The code after `#code=` in a sign-in address. It works once, and only for a short time.',
        examples: ['psc_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt'],
        writeOnly: true,
      }),
  }),
);

export const SignInCode = named(
  'SignInCode',
  z.object({
    code: textField('The code; it is in this answer and nowhere else.', 'psc_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt'),
    path: textField('Path to open at the address of the gateway.', '/#code=psc_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt'),
    expiresAt: timeField('When the code stops working.'),
  }),
);
