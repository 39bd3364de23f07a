import {
  bytesField,
  countField,
  EndpointView,
  field,
  itemOutcomes,
  MailboxView,
  PartView,
  PassKind,
  ProjectView,
  textField,
  timeField,
} from '@pstream/contracts';
import { z } from 'zod';
import { FolderSums, ProjectSums } from './answers.js';
import { Estimate } from './estimate.js';
import { named } from './named.js';

const cause = {
  outcome: field(z.enum(itemOutcomes), 'What became of the items.', 'failed'),
  code: textField('Code of the cause.', 'fasttransfer.truncated'),
  items: countField('Items with this outcome for this cause.', 2),
  open: countField('Those of them that failed and that nobody has mended or acknowledged.', 1),
};

/** Items that did not arrive as they were, by what became of them and why. */
const Cause = z.object({
  ...cause,
  advice: field(z.string().nullable(), 'What to do next; null if nothing.', 'Retry the errors of this mailbox.'),
  mailboxes: countField('Mailboxes that have such items.', 1),
});

/** What a report says that the PSTs do not hold, each with its reason. */
export const gapCodes = [
  'folders-not-listed',
  'folders-refused',
  'folders-filtered',
  'folders-hidden',
  'rules-without-effect',
  'not-reachable',
  'no-other-way',
  'left-out',
  'items-from',
  'items-before',
  'item-types',
  'not-exported',
  'recoverable-items',
  'hidden-items',
  'search-folders',
  'edits-after-export',
  'other-mailboxes',
  'rules-and-permissions',
  'as-mime',
  'doubts',
] as const;

const Gap = z.object({
  code: field(z.enum(gapCodes), 'What is not covered.', 'hidden-items'),
  title: textField('The same in a few words.', 'Hidden items'),
  why: textField('Why it is not covered, and what would cover it.', 'The export interface does not list views, rules and forms.'),
  folders: countField('Folders that it concerns; 0 where it is not about folders.', 0),
  items: countField('Items that it concerns, as far as they are counted.', 0),
});

const EndpointInReport = EndpointView.pick({ endpointId: true, name: true, kind: true, settings: true });

/** What a report says of a mailbox. */
const MailboxInReport = MailboxView.pick({
  mailboxJobId: true,
  source: true,
  destination: true,
  status: true,
  pass: true,
  totals: true,
  mime: true,
  doubts: true,
  superseded: true,
  leftOut: true,
  foldersNotListed: true,
  waits: true,
  held: true,
  cause: true,
  found: true,
}).extend({
  done: field(z.boolean(), 'Whether everything that the options take is exported, or skipped with its reason.', true),
  unaccounted: countField('discovered - exported - skipped - failed. Zero for anything complete.', 0),
  openErrors: countField('Failed items that no later pass has mended and nobody has acknowledged.', 0),
  exportedBytes: field(
    z.number().nullable(),
    'Bytes of the exported items; null where an earlier release did not count them.',
    123_456_789,
  ),
  causes: z.array(z.object(cause)).meta({ description: 'Items that did not arrive as they were, by cause.' }),
  parts: z
    .array(
      PartView.pick({
        partId: true,
        name: true,
        state: true,
        items: true,
        bytes: true,
        sha256: true,
        sealedAt: true,
        verifiedAt: true,
        location: true,
      }).extend({
        overLimit: field(z.boolean(), 'The file is larger than a part should be, because a single item is.', false),
        pass: z
          .object({
            number: countField('Number of the pass of this mailbox, from 1.', 5),
            kind: field(PassKind, 'Kind of the pass.', 'full'),
          })
          .nullable()
          .meta({ description: 'Pass that wrote it: each writes PSTs of its own. Null where it is not known yet.' }),
        replaced: field(
          z.boolean(),
          'It holds what was exported before the mailbox started over, as a Trial is: everything in it counts no more.',
          false,
        ),
      }),
    )
    .meta({ description: 'PSTs of the mailbox.' }),
  folders: z.array(FolderSums).meta({ description: 'Folders with the sums of each, by path.' }),
});
export type MailboxInReport = z.infer<typeof MailboxInReport>;

const head = z.object({
  generatedAt: timeField('When the report was made.'),
  release: textField('Release of pstream that made it.', '0.1.0'),
  customer: textField('Name of the customer.', 'Contoso'),
  project: ProjectView.meta({ description: 'The project with its options.' }),
  source: EndpointInReport.nullable().meta({ description: 'Where the mailboxes are; null if the endpoint is gone.' }),
  destination: EndpointInReport.nullable().meta({ description: 'Where the PSTs are; null if the endpoint is gone.' }),
  verdict: z
    .object({
      complete: field(z.boolean(), 'Whether every mailbox is done.', false),
      done: countField('Mailboxes that are done.', 248),
      sentence: textField('The verdict for people.', '2 of 250 mailboxes are not done.'),
    })
    .meta({ description: 'Whether the project is complete.' }),
  sums: ProjectSums.meta({ description: 'Sums over all mailboxes.' }),
  exportedBytes: bytesField('Bytes of the exported items of all mailboxes, as far as they were counted.'),
  parts: z
    .object({
      files: countField('PSTs that are sealed.', 251),
      verified: countField('Those that were read back and compared.', 251),
      bytes: bytesField('Bytes of all of them.'),
      overLimit: countField('Those larger than a part should be, because a single item is.', 0),
    })
    .meta({ description: 'PSTs of the project.' }),
  estimate: Estimate.omit({ mailboxes: true }).meta({
    description:
      'What exporting all of it will write and cost, beside what was written: by the sizes that passes have counted and the prices that ship with pstream. No tenant and no price list is asked for a report.',
  }),
  causes: z.array(Cause).meta({ description: 'Items that did not arrive as they were, by cause; the most frequent first.' }),
  notCovered: z.array(Gap).meta({ description: 'What the PSTs do not hold, and why.' }),
});
/** A report without its mailboxes. */
export type ReportHead = z.infer<typeof head>;

export const ProjectReport = named(
  'ProjectReport',
  head.extend({ mailboxes: z.array(MailboxInReport).meta({ description: 'Every mailbox of the project by its address.' }) }),
);
export type ProjectReport = z.infer<typeof ProjectReport>;
