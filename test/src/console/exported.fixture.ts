import type { PartView } from '@pstream/contracts';
import type { RunningTenant } from '@pstream/tenant-sim';
import { eventually } from '../support/eventually.js';
import type { ConsoleSystem } from './browser.fixture.js';
import { licensedProject } from './project.fixture.js';

/** A project with a finished PST of the first mailbox of a tenant. */
export const exportedPart = async (system: ConsoleSystem, tenant: RunningTenant): Promise<PartView> => {
  const { projectId } = await licensedProject(system, tenant, { customer: 'Contoso', users: ['user1@fabrikam.test'] });
  await system.api.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
  const [part] = await eventually(
    () => system.api.all<PartView>(`/projects/${projectId}/parts`),
    (parts) => parts[0]?.state === 'verified',
    60_000,
    100,
  );
  return part!;
};
