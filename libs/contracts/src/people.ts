/** What somebody may do in a workgroup, from the most to the least: Owner and Admin run it, an Agent exports, a Viewer looks on, Finance
 *  buys licences. */
export const ROLES = ['owner', 'admin', 'agent', 'viewer', 'finance'] as const;
export type Role = (typeof ROLES)[number];

/** The workgroup that every installation begins with. Its owners look after the system too. */
export const DEFAULT_WORKGROUP = 'default';
