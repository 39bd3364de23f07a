import { z } from 'zod';
import { named } from './registry.js';
import { Bundle, Customer, Endpoint, FolderSums, ItemError, Mailbox, Part, Project } from './views.js';

// What the routes answer.

const version = z.int().describe('Version of the stream after this command.');

export const Done = named('Done', z.object({ id: z.string(), stream: z.string(), version }));
export type Done = z.infer<typeof Done>;

const FieldFault = z.object({ row: z.int().optional(), column: z.string(), code: z.string(), message: z.string() });

export const ProblemSchema = named(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    facts: z.record(z.string(), z.unknown()).optional(),
    errors: z.array(FieldFault).optional(),
  }),
);

export const Added = named(
  'MailboxesAdded',
  z.object({
    id: z.string(),
    stream: z.string(),
    version,
    added: z.int(),
    refused: z.int().describe('Rows left out; always 0 without partial=true.'),
    errors: z.array(FieldFault),
  }),
);
export type Added = z.infer<typeof Added>;

const about = {
  mailboxJobId: z.string().nullable(),
  source: z.string().describe('Its address, or what the caller asked for if the project has no such mailbox.'),
};

export const PassResults = named(
  'PassResults',
  z.object({
    accepted: z.array(z.object({ mailboxJobId: z.string(), source: z.string(), stream: z.string(), version })),
    rejected: z.array(z.object({ ...about, code: z.string(), title: z.string(), detail: z.string() })),
    shown: z.boolean().describe('Whether the views of the mailboxes show the change already.'),
  }),
);
export type PassResults = z.infer<typeof PassResults>;

const page = <S extends z.ZodType>(id: string, item: S) =>
  named(id, z.object({ items: z.array(item), total: z.int(), limit: z.int(), offset: z.int() }));

export const Customers = page('Customers', Customer);
export const Endpoints = page('Endpoints', Endpoint);
export const Projects = page('Projects', Project);
export const Mailboxes = page('Mailboxes', Mailbox);
export const Parts = page('Parts', Part);
export const ItemErrors = page('ItemErrors', ItemError);
export const Folders = page('Folders', FolderSums);
export const Bundles = page('Bundles', Bundle);

const token = {
  tokenId: z.string(),
  name: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
};
export const Tokens = named('Tokens', z.object({ items: z.array(z.object(token)) }));
export const Token = named('NewToken', z.object({ ...token, token: z.string().describe('Told this once and kept nowhere.') }));

export const Health = named('Health', z.object({ status: z.literal('ok') }));
export const Version = named('Version', z.object({ name: z.string(), version: z.string(), api: z.literal('v1') }));
