import type { RunningTenant } from '@pstream/tenant-sim';
import { accessOf } from '../support/fleet.js';
import type { ConsoleSystem } from './browser.fixture.js';

export type TenantProject = { readonly customerId: string; readonly projectId: string };

/** A project "Leavers" of a customer of its own, with mailboxes of a tenant, that exports into a folder of the system's directory. */
export const tenantProject = async (
  { api, dir }: ConsoleSystem,
  tenant: RunningTenant,
  { customer, users, ...settings }: { readonly customer: string; readonly users: readonly string[]; readonly partBytes?: number },
): Promise<TenantProject> => {
  const { make, shows } = api;
  const { id: customerId, ...made } = await make('/customers', { name: customer });
  await shows('/customers', { id: customerId, ...made });
  const { secret: value, ...signIn } = accessOf(tenant);
  const path = `/customers/${customerId}`;
  const source = await make(`${path}/endpoints`, {
    name: 'Tenant',
    kind: 'microsoft-365',
    ...signIn,
    credential: { kind: 'secret', value },
  });
  const target = await make(`${path}/endpoints`, { name: 'Folder', kind: 'folder', path: `${dir}/out` });
  const ends = { sourceEndpointId: source.id, destinationEndpointId: target.id };
  const project = await make(`${path}/projects`, { name: 'Leavers', type: 'mailbox', container: 'leavers', ...ends, ...settings });
  await shows(`/projects/${project.id}`, project);
  const items = users.map((user) => ({ source: user, destination: `${user.split('@')[0]!}.pst` }));
  await shows(`/projects/${project.id}/mailboxes`, await make(`/projects/${project.id}/mailboxes`, { items }));
  return { customerId, projectId: project.id };
};

/** The same, with a licence for each mailbox. */
export const licensedProject = async (
  system: ConsoleSystem,
  tenant: RunningTenant,
  options: Parameters<typeof tenantProject>[2],
): Promise<TenantProject> => {
  const { users } = options;
  await system.api.make('/orders', { quantity: users.length, payment: 'card' });
  const made = await tenantProject(system, tenant, options);
  await system.api.make(`/customers/${made.customerId}/bundles`, { users });
  return made;
};
