import {
  BundleView,
  CauseView,
  countField,
  CustomerView,
  EndpointView,
  ExtractedView,
  field,
  foldersNotListedField,
  idField,
  ItemErrorView,
  ListingView,
  MailboxView,
  mimeField,
  doubtsField,
  supersededField,
  PartView,
  ProjectView,
  ROLES,
  textField,
  timeField,
  timeOrNullField,
  TotalsView,
  WaitsView,
} from '@pstream/contracts';
import { z } from 'zod';
import { FieldFault } from '../problems/problem.js';
import { openDeadLetters } from './dead-letters.js';
import { ProjectDiscovery } from './discovery.js';
import { named } from './named.js';
import { page } from './page.js';

// What the operations answer. Documents of the read models are handed out as they are stored; what a schema does not name stays inside.

const stream = textField('Stream that holds what the command did.', 'customer:01J8ZQ4N5W9K7C1B2D3E4F5G6A');
const version = countField('Version of the stream after this command; `atLeast` takes `<stream>:<version>`.', 1);

export const Done = named(
  'Done',
  z
    .object({ id: idField('customer', 'Id of what was created or changed.'), stream, version })
    .meta({ description: 'The command was carried out.' }),
);
export type Done = z.infer<typeof Done>;

export const Added = named(
  'MailboxesAdded',
  z.object({
    id: idField('project', 'Id of the project.'),
    stream,
    version,
    added: countField('Mailboxes that were added.', 250),
    refused: countField('Rows left out; always 0 without partial=true.', 0),
    renamed: z
      .array(
        z.object({
          row: countField('Row as a spreadsheet numbers it, or position in a list, from 1.', 3),
          destination: textField('Name that its PST got instead.', 'ann-archive.pst'),
        }),
      )
      .meta({ description: 'Rows whose PST got another name, since theirs is in use at the destination; only with rename=true.' }),
    errors: z.array(FieldFault).meta({ description: 'Faults of the rows that were left out.' }),
  }),
);
export type Added = z.infer<typeof Added>;

export const Customer = named('Customer', CustomerView);
export const Endpoint = named('Endpoint', EndpointView);
export const Project = named('Project', ProjectView);
export const Bundle = named('Bundle', BundleView);
const openErrors = countField('Failed items that no later pass has mended and nobody has acknowledged.', 2);
const place = field(
  z.int().positive().nullable(),
  'Place among the mailboxes of the project that wait for their turn: 1 is the next one. Null for those that do not wait.',
  null,
);
export const Mailbox = named('Mailbox', MailboxView.extend({ openErrors, place }));
export const Part = named('Part', PartView);
export const ItemError = named(
  'ItemError',
  ItemErrorView.extend({
    folderPath: textField('Names of its folders joined by `/`; empty where the folder is not known.', 'Inbox/Projects'),
  }),
);
export type Customer = z.infer<typeof Customer>;
export type Endpoint = z.infer<typeof Endpoint>;
export type Project = z.infer<typeof Project>;
export type Bundle = z.infer<typeof Bundle>;
export type Mailbox = z.infer<typeof Mailbox>;
export type Part = z.infer<typeof Part>;
export type ItemError = z.infer<typeof ItemError>;

export const ErrorsAcknowledged = named(
  'ErrorsAcknowledged',
  z.object({
    id: idField('mailbox', 'Id of the mailbox.'),
    stream,
    version,
    acknowledged: countField('Items whose errors are acknowledged by this request.', 2),
  }),
);
export type ErrorsAcknowledged = z.infer<typeof ErrorsAcknowledged>;

const unaccountedField = countField('discovered - exported - skipped - failed. Zero for anything complete.', 0);

/** Sums over the mailboxes of a project, a customer, or the workgroup. */
export const ProjectSums = z.object({
  mailboxes: countField('Mailboxes in all.', 250),
  statuses: field(z.record(z.string(), z.int()), 'Number of mailboxes by status.', { Completed: 248, Migrating: 2 }),
  totals: TotalsView.meta({ description: 'Items of all mailboxes together.' }),
  openErrors,
  unaccounted: unaccountedField,
  listing: field(ListingView, 'While folders are being listed, `discovered` still grows.', 'finished'),
  extracted: ExtractedView.meta({ description: 'What the open or last passes have read from the tenant.' }),
  parts: countField('PSTs of all mailboxes.', 251),
  mime: mimeField,
  foldersNotListed: foldersNotListedField,
  doubts: doubtsField,
  superseded: supersededField,
  waits: field(
    z.record(z.string(), WaitsView),
    "Time lost to limits of the tenant in the last pass of each mailbox, by the limit's name.",
    { 'mailbox.requests': { times: 12, ms: 90_000 } },
  ),
  held: field(z.record(z.string(), z.int()), 'Number of mailboxes that wait for something before they can go on, by its code.', {
    'graph.throttled': 2,
  }),
});
export type ProjectSums = z.infer<typeof ProjectSums>;

export const ProjectDetail = named(
  'ProjectDetail',
  ProjectView.extend({
    sums: ProjectSums.meta({ description: 'Sums over the mailboxes of the project.' }),
    discovery: ProjectDiscovery.nullable().meta({ description: 'What a Discovery project has on record; null for other types.' }),
  }),
);
export type ProjectDetail = z.infer<typeof ProjectDetail>;

export const FolderSums = named(
  'FolderSums',
  z.object({
    folderKey: textField('Key of the folder, stable within the mailbox.', '0a1b2c3d4e5f60718293a4b5c6d7e8f9'),
    path: textField('Names joined by `/`; a `/` within a name is written `\\/`.', 'Inbox/Projects'),
    containerClass: field(z.string().nullable(), 'What kind of items the folder is for.', 'IPF.Note'),
    wellKnownName: field(
      z.string().nullable(),
      'What it is called in every language; `#inbox#` in a filter or mapping means it. Null for folders of the user.',
      'inbox',
    ),
    expected: countField('Items that the tenant said were in it when it was last found.', 1_204),
    left: field(
      z.string().nullable(),
      'Why the folder was not read: search folders hold no items of their own, a filter skips some, and hidden ones may not be wanted.',
      'filtered',
    ),
    target: field(z.string().nullable(), 'Where a mapping puts its items in the PST; null for their own place.', 'Old/Inbox'),
    totals: TotalsView.meta({ description: 'Items of the folder.' }),
    mime: mimeField,
    doubts: doubtsField,
    unaccounted: unaccountedField,
    listed: field(z.boolean(), 'False where the folder, or what is below it, could not be listed to its end.', true),
    cause: CauseView.nullable().meta({
      description: 'Why it could not be listed; null if it could. `facts.what` says whether items or subfolders are missing.',
    }),
    attempts: countField('How often the pass that gave up had asked for it; 0 where it was listed.', 0),
  }),
);
export type FolderSums = z.infer<typeof FolderSums>;

export const Customers = page('Customers', Customer, 'Customers');
export const Endpoints = page('Endpoints', Endpoint, 'Endpoints');
export const Projects = page('Projects', Project, 'Projects');
export const Mailboxes = page('Mailboxes', Mailbox, 'Mailboxes');
export const Parts = page('Parts', Part, 'PSTs');
export const ItemErrors = page('ItemErrors', ItemError, 'Items');
export const Folders = page('Folders', FolderSums, 'Folders');
export const Bundles = page('Bundles', Bundle, 'Bundles');

const token = {
  tokenId: idField('pass', 'Id of the token.'),
  name: textField('Name of the token.', 'nightly export'),
  createdAt: timeField('When it was created.'),
  expiresAt: timeOrNullField('When it expires; null if it never does.'),
  lastUsedAt: timeOrNullField('When it was last used; null if it never was.'),
  role: field(z.enum(ROLES), 'What it may do.', 'agent'),
  workgroupId: textField('Workgroup in which it may do that.', 'default'),
  madeBy: field(z.string().nullable(), 'Id of who made it; null for the first one.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F'),
  agentId: field(
    z.string().nullable(),
    'Agent whose token it is: it may do no more than they may. Null for service accounts.',
    '01J8ZQ4N5W9K7C1B2D3E4F5G6F',
  ),
  customerIds: field(z.array(z.string()).nullable(), 'The customers that it is confined to; null for all of the workgroup.', [
    '01J8ZQ4N5W9K7C1B2D3E4F5G6A',
  ]),
};
const TokenRow = named('Token', z.object(token));
export const Tokens = named(
  'Tokens',
  z.object({
    items: z
      .array(TokenRow)
      .meta({ description: 'Each token without its value: your own, or all of the workgroup for whoever manages people.' }),
  }),
);
export const NewToken = named(
  'NewToken',
  z.object({ ...token, token: textField('Value of the token. It is shown this once and stored nowhere.', 'pstream_4f9c…') }),
);

export const Health = named(
  'Health',
  z.object({
    status: field(z.literal('ok'), 'Always `ok`; a process that has failed answers 503 with a problem.', 'ok'),
    deadLetters: field(
      z.record(z.string(), z.int()),
      'Records that nobody understood, by topic, since the process started. They are kept on the dead-letter topics.',
      {},
    ),
    openDeadLetters,
  }),
);
export const Version = named(
  'Version',
  z.object({
    name: textField('Name of the product.', 'pstream'),
    version: textField('Release that is running.', '0.1.0'),
    api: field(z.literal('v1'), 'Version of the API.', 'v1'),
    signInWith: field(
      z.array(z.enum(['code', 'account'])),
      'How a browser can sign in: with a one-time code, and with an account of the OpenID Connect provider if one is configured.',
      ['code'],
    ),
  }),
);
