import { isOfInstallation, type Right } from '@pstream/api';
import { ALL_PLANS, INSTALLATION_CHAIN, TOKENS_VIEW, VIEWS, type Change, type Switched } from '@pstream/contracts';
import type { Principal } from '../door/http.js';
import { isSeenBy } from '../tokens/seen-by.js';

/** Whose changes a client may hear of: `customers` are those of its workgroup, undefined while there is no other workgroup; `projects` those that it sees,
 *  undefined for all. */
export type Within = {
  readonly principal: Pick<Principal, 'by' | 'agentId' | 'rights' | 'workgroupId' | 'customerIds'>;
  readonly customers?: ReadonlySet<string> | undefined;
  readonly projects?: ReadonlySet<string> | undefined;
};

type Name = keyof typeof VIEWS | 'tokens';

/** What somebody needs to read the documents of each view. */
const RIGHTS: Readonly<Record<Name, Right>> = {
  customers: 'customers.view',
  endpoints: 'exports.view',
  projects: 'exports.view',
  licences: 'licences.view',
  bundles: 'licences.view',
  coupons: 'system',
  operations: 'exports.view',
  operationRows: 'exports.view',
  mailboxes: 'exports.view',
  parts: 'exports.view',
  errors: 'exports.view',
  folders: 'exports.view',
  statistics: 'exports.view',
  flow: 'exports.view',
  agents: 'people.view',
  workgroups: 'self',
  audit: 'audit.view',
  plans: 'exports.view',
  subscriptions: 'notices.manage',
  notices: 'notices.manage',
  noticeTemplates: 'notices.manage',
  discoveryRuns: 'exports.view',
  discoveryFiles: 'exports.view',
  tokens: 'self',
};

const NAMES: ReadonlyMap<string, Name> = new Map([
  ...Object.entries(VIEWS).map(([name, view]): [string, Name] => [view, name as keyof typeof VIEWS]),
  [TOKENS_VIEW, 'tokens'],
]);

/** What clients call a view; undefined for one that only another release knows. */
export const nameOf = (view: string): string | undefined => NAMES.get(view);

/** Whether somebody may read the document that changed: those hear of it, and nobody else. */
export const reaches = (change: Change | Switched, within: Within): boolean => {
  if ('switched' in change) return true;
  const { principal, customers, projects } = within;
  const name = NAMES.get(change.view);
  if (name === undefined || !principal.rights.includes(RIGHTS[name])) return false;
  if (isOfInstallation(RIGHTS[name])) return true;
  if (projects !== undefined && change.projectId !== undefined && !projects.has(change.projectId)) return false;
  if (change.workgroupId !== undefined) return isOfWorkgroup(change, change.workgroupId, principal);
  if (customers === undefined) return true;
  if (change.customerId !== undefined) return customers.has(change.customerId);
  // A pause of everything concerns whoever exports. Whose everything else is that names nobody, nobody knows.
  return name === 'plans' && change.id === ALL_PLANS;
};

const isOfWorkgroup = ({ id, token }: Change, workgroupId: string, principal: Within['principal']): boolean => {
  if (token !== undefined) return isSeenBy(principal, { tokenId: id, workgroupId, ...token });
  if (workgroupId === INSTALLATION_CHAIN) return principal.rights.includes('system');
  // Whoever is confined to customers hears nothing of the workgroup as a whole.
  return workgroupId === principal.workgroupId && principal.customerIds === undefined;
};
