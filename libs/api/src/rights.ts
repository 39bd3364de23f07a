import { DEFAULT_WORKGROUP, type Role } from '@pstream/contracts';

/** What an operation asks of its caller: who has which right, by role. What concerns the installation needs the workgroup
 *  that it began with. */
const RIGHTS = {
  /** One's own session and tokens. */
  self: ['owner', 'admin', 'agent', 'viewer', 'finance'],
  /** Customers by name. */
  'customers.view': ['owner', 'admin', 'agent', 'viewer', 'finance'],
  /** Endpoints, projects, mailboxes, passes, reports. */
  'exports.view': ['owner', 'admin', 'agent', 'viewer'],
  /** Setting up and running exports, and applying licences. */
  'exports.run': ['owner', 'admin', 'agent'],
  /** Links that show a report to somebody without an account. */
  'reports.share': ['owner', 'admin', 'agent'],
  /** Looking at messages in finished PSTs, where a project allows it at all. */
  'content.view': ['owner', 'admin', 'agent'],
  /** Deciding for a project whether that is allowed. */
  'content.permit': ['owner', 'admin'],
  'licences.view': ['owner', 'admin', 'agent', 'viewer', 'finance'],
  'licences.buy': ['owner', 'admin', 'finance'],
  'payments.record': ['owner', 'admin', 'finance'],
  'people.view': ['owner', 'admin', 'agent', 'viewer', 'finance'],
  'people.manage': ['owner', 'admin'],
  /** What people did. */
  'audit.view': ['owner', 'admin'],
  /** Who hears of what; the addresses may be outside of the workgroup. */
  'notices.manage': ['owner', 'admin'],
  'workgroup.manage': ['owner'],
  'workgroups.create': ['owner'],
  system: ['owner', 'admin'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;
export type Right = keyof typeof RIGHTS;

/** What concerns the installation as a whole. */
const OF_INSTALLATION: ReadonlySet<Right> = new Set(['system', 'workgroups.create']);

/** Whether a right is over the installation as a whole. */
export const isOfInstallation = (right: Right): boolean => OF_INSTALLATION.has(right);

/** What concerns single customers. */
const OF_CUSTOMERS: ReadonlySet<Right> = new Set([
  'self',
  'customers.view',
  'exports.view',
  'exports.run',
  'content.view',
  'content.permit',
]);

/** What is left of rights for whoever is confined to some customers: nothing that concerns the workgroup as a whole. */
export const confined = (rights: readonly Right[]): Right[] => rights.filter((right) => OF_CUSTOMERS.has(right));

/** What a role may do in a workgroup. */
export const rightsOf = (role: Role, workgroupId: string): Right[] =>
  (Object.keys(RIGHTS) as Right[]).filter(
    (right) => (RIGHTS[right] as readonly Role[]).includes(role) && (!OF_INSTALLATION.has(right) || workgroupId === DEFAULT_WORKGROUP),
  );

/** Roles that have a right. */
export const rolesWith = (right: Right): readonly Role[] => RIGHTS[right];

/** Whether somebody with these rights may give that role: nobody hands out what they lack. */
export const mayGive = (rights: readonly Right[], role: Role): boolean =>
  (Object.entries(RIGHTS) as [Right, readonly Role[]][]).every(
    ([right, roles]) => OF_INSTALLATION.has(right) || !roles.includes(role) || rights.includes(right),
  );
