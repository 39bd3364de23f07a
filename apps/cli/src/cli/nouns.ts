import type { CommandType } from './command.js';

/** A noun of the command line; its module is loaded only when it is asked for. */
export type NounEntry = {
  readonly name: string;
  readonly about: string;
  readonly load: () => Promise<{ readonly verbs: readonly CommandType[] }>;
};

export const NOUNS: readonly NounEntry[] = [
  { name: 'customer', about: 'Customers', load: async () => import('../nouns/customer.js') },
  { name: 'licence', about: 'Orders, licences and bundles', load: async () => import('../nouns/licence.js') },
  { name: 'endpoint', about: 'Sources and destinations', load: async () => import('../nouns/endpoint.js') },
  { name: 'project', about: 'Projects', load: async () => import('../nouns/project.js') },
  { name: 'mailbox', about: 'Mailboxes of a project', load: async () => import('../nouns/mailbox.js') },
  { name: 'export', about: 'Verify, start, stop and follow exports', load: async () => import('../nouns/export.js') },
  { name: 'estimate', about: 'What an export will write and cost', load: async () => import('../nouns/estimate.js') },
  { name: 'plan', about: 'What begins when, and what waits for what', load: async () => import('../nouns/plan.js') },
  {
    name: 'operation',
    about: 'Requests for many mailboxes or users',
    load: async () => import('../nouns/operation.js'),
  },
  { name: 'part', about: 'The PSTs of a project', load: async () => import('../nouns/part.js') },
  { name: 'admin', about: 'For whoever runs the system', load: async () => import('../nouns/admin.js') },
  { name: 'people', about: 'Who works in your workgroup', load: async () => import('../nouns/people.js') },
  { name: 'notice', about: 'Who is notified of what, and how', load: async () => import('../nouns/notice.js') },
  { name: 'workgroup', about: 'Your workgroup', load: async () => import('../nouns/workgroup.js') },
  { name: 'audit', about: 'What was done, by whom and from where', load: async () => import('../nouns/audit.js') },
  { name: 'token', about: 'API tokens', load: async () => import('../nouns/token.js') },
  { name: 'session', about: 'Who you are, and addresses to sign in with', load: async () => import('../nouns/session.js') },
  { name: 'login', about: 'Saves the address and the token of a gateway', load: async () => import('../nouns/login.js') },
  { name: 'pst', about: 'Reads and makes PST files; needs no gateway', load: async () => import('../nouns/pst.js') },
  { name: 'discover', about: 'Finds PSTs on disks, and uploads them', load: async () => import('../nouns/discover.js') },
  {
    name: 'prepare',
    about: 'Prints scripts that set up Azure and Entra',
    load: async () => import('../nouns/prepare.js'),
  },
];
