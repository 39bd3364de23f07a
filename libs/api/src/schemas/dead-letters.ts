import { bytesField, EXAMPLE_TIME, field, idField, textField, timeField, timeOrNullField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { page } from './page.js';

/** What can have become of a dead letter. */
export const letterStates = ['open', 'replayed', 'dropped'] as const;

const letter = {
  id: textField('Id of the dead letter.', 'extraction.items.v1:17'),
  topic: textField('Topic that the record came from.', 'extraction.items.v1'),
  partition: field(z.int().nullable(), 'Partition of the topic; null where it is not known.', 2),
  offset: field(z.string().nullable(), 'Offset in the partition; null where it is not known.', '1204'),
  group: textField('Consumer group that could not use the record.', 'pst-builder.items.v1'),
  code: textField('Why it could not.', 'item-record.unreadable'),
  facts: field(z.record(z.string(), z.unknown()), 'What belongs to the cause: names of headers and fields, never what is in them.', {
    header: 'ps-meta',
  }),
  at: timeOrNullField('When it was given up; null for a letter of an earlier release.'),
  key: field(
    z.string().nullable(),
    'Key of the record, where it is an id of pstream: the mailbox, or the stream.',
    '01J8ZQ4N5W9K7C1B2D3E4F5G6C',
  ),
  bytes: bytesField('Size of the record without its headers, in bytes.', 48_213),
  whole: field(z.boolean(), 'Whether all of the record is kept. Only such a letter can be replayed.', true),
  state: field(z.enum(letterStates), '`replayed`: the record was put back on its topic. `dropped`: somebody gave it up.', 'open'),
  settled: z
    .object({ by: idField('pass', 'Id of the token with which that was done.'), at: timeField('When that was done.') })
    .nullable()
    .meta({
      description: 'Who replayed or dropped it; null while it is open.',
      examples: [{ by: '01J8ZQ4N5W9K7C1B2D3E4F5G6F', at: EXAMPLE_TIME }],
    }),
};

export const DeadLetter = named('DeadLetter', z.object(letter));
export type DeadLetter = z.infer<typeof DeadLetter>;

const Preview = z.object({
  hex: textField('The first bytes in hexadecimal.', '7b226b696e64223a22686f6c6f6772616d227d'),
  text: textField('The same as ASCII, with a dot for every other character.', '{"kind":"hologram"}'),
});

export const DeadLetterDetail = named(
  'DeadLetterDetail',
  z.object({
    ...letter,
    preview: Preview.nullable().meta({
      description:
        'The first bytes of a record of a control topic (events, commands, units of work). Null for everything that may hold mail.',
    }),
  }),
);
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

export const DeadLetters = page('DeadLetters', DeadLetter, 'Dead letters');

/** Dead letters that are open, by topic. */
export const openDeadLetters = field(
  z.record(z.string(), z.int()),
  'Records that nobody understood and that nobody has replayed or dropped, by topic, over all processes. Anything here needs a look.',
  { 'extraction.items.v1': 2 },
);
