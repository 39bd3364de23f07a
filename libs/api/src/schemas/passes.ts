import { countField, field, idField, PassKind, timeField, timeOrNullField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

export const MailboxPasses = named(
  'MailboxPasses',
  z
    .object({
      items: z
        .array(
          z.object({
            passId: idField('pass', 'Id of the pass.'),
            number: countField('Number of the pass of this mailbox, from 1.', 2),
            kind: field(PassKind, 'Kind of the pass.', 'full'),
            completed: field(z.boolean(), 'Whether it came to its end.', true),
            replaced: field(z.boolean(), 'The mailbox has started over since: what it exported counts no more.', false),
            runs: z
              .array(
                z.object({
                  from: timeField('When it was started or resumed.'),
                  to: timeOrNullField('When it was stopped, failed or ended; null while it is under way.'),
                }),
              )
              .meta({ description: 'When it was under way.' }),
            exported: countField('Items in the PSTs that it sealed.', 1_190),
            failed: countField('Items that failed in it.', 2),
            skipped: countField('Items that it skipped.', 3),
          }),
        )
        .meta({ description: 'Passes as far as they are on record, the first one first.' }),
    })
    .meta({ description: 'Every pass over a mailbox.' }),
);
