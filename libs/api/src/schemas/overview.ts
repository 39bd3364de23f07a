import { countField, CustomerView, field, textField, timeField, WaitsView } from '@pstream/contracts';
import { z } from 'zod';
import { ProjectSums } from './answers.js';
import { openDeadLetters } from './dead-letters.js';
import { named } from './named.js';

export const Overview = named(
  'Overview',
  z.object({ sums: ProjectSums.meta({ description: 'Sums over all mailboxes.' }), openDeadLetters }),
);
export type Overview = z.infer<typeof Overview>;

export const CustomerDetail = named(
  'CustomerDetail',
  CustomerView.extend({ sums: ProjectSums.meta({ description: 'Sums over all mailboxes of the customer.' }) }),
);
export type CustomerDetail = z.infer<typeof CustomerDetail>;

export const Throughput = named(
  'Throughput',
  z.object({
    minutes: z
      .array(
        z.object({
          at: timeField('Beginning of the minute.'),
          items: countField('Items read from the tenant.', 1_200),
          bytes: countField('Bytes read from the tenant.', 94_371_840),
          waits: field(z.record(z.string(), WaitsView), "Waits that limits of the tenant imposed, by the limit's name.", {
            'mailbox.requests': { times: 2, ms: 9_000 },
          }),
        }),
      )
      .meta({ description: 'Oldest first.' }),
  }),
);
export type Throughput = z.infer<typeof Throughput>;

const rebuildFields = {
  state: field(
    z.enum(['requested', 'running', 'done', 'failed']),
    'How far it is; after `failed` the read model in use is the old one.',
    'running',
  ),
  events: countField('Events replayed so far.', 125_000),
  requestedAt: timeField('When it was asked for.'),
  updatedAt: timeField('When it last said how far it is.'),
  code: field(z.string().nullable(), 'Why it failed.', null),
};

export const RebuildState = named('RebuildState', z.object(rebuildFields));
export type RebuildState = z.infer<typeof RebuildState>;

export const Views = named(
  'Views',
  z.object({
    items: z
      .array(
        z.object({
          name: textField('Name and version.', 'mailboxes_v4'),
          documents: countField('Documents in it.', 250),
          generation: textField('Which filling of it is in use.', 'g1_m1x2y3'),
          rebuild: z.object(rebuildFields).nullable().meta({ description: 'The last rebuild; null if there was none.' }),
        }),
      )
      .meta({ description: 'All read models.' }),
  }),
);
export type Views = z.infer<typeof Views>;
