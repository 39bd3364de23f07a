import type { PartView } from '@pstream/contracts';
import type { RunningTenant } from '@pstream/tenant-sim';
import { eventually } from '../support/eventually.js';
import type { ConsoleSystem } from './browser.fixture.js';

const USER = 'user1@fabrikam.test';

/** A project with a finished PST of the first mailbox of a tenant. */
export const exportedPart = async ({ api, dir }: ConsoleSystem, tenant: RunningTenant): Promise<PartView> => {
  const { make, shows, post, all } = api;
  const customer = await make('/customers', { name: 'Contoso' });
  await shows('/customers', customer);
  await make('/orders', { quantity: 1, payment: 'card' });
  await make(`/customers/${customer.id}/bundles`, { users: [USER] });
  const { graphUrl, authorityUrl, tenantId, clientId, clientSecret: value } = tenant;
  const signIn = { graphUrl, authorityUrl, tenantId, clientId, credential: { kind: 'secret', value } };
  const source = await make(`/customers/${customer.id}/endpoints`, { name: 'Tenant', kind: 'microsoft-365', ...signIn });
  const target = await make(`/customers/${customer.id}/endpoints`, { name: 'Folder', kind: 'folder', path: `${dir}/out` });
  const ends = { sourceEndpointId: source.id, destinationEndpointId: target.id };
  const project = await make(`/customers/${customer.id}/projects`, { name: 'Leavers', type: 'mailbox', container: 'leavers', ...ends });
  await shows(`/projects/${project.id}`, project);
  const items = [{ source: USER, destination: 'user1.pst' }];
  await shows(`/projects/${project.id}/mailboxes`, await make(`/projects/${project.id}/mailboxes`, { items }));
  await post(`/projects/${project.id}/passes`, { kind: 'full', mailboxes: 'all' });
  const [part] = await eventually(
    () => all<PartView>(`/projects/${project.id}/parts`),
    (parts) => parts[0]?.state === 'verified',
    60_000,
    100,
  );
  return part!;
};
