import type { RunningGateway } from './gateway.fixture.js';

let made = 0;

/** Makes a customer with a tenant, a folder (one of its own by default) and a project between them. */
export const projectIn = async (
  gateway: Pick<RunningGateway, 'call'>,
  folder?: string,
): Promise<{ readonly customerId: string; readonly projectId: string }> => {
  const make = async (path: string, body: object): Promise<string> => String((await gateway.call('POST', path, body)).body['id']);
  const customerId = await make('/v1/customers', { name: `Fixture ${++made}` });
  const below = `/v1/customers/${customerId}`;
  const credential = { kind: 'secret', value: 's' };
  const tenant = { name: 'tenant', kind: 'microsoft-365', tenantId: 't', clientId: 'c', credential };
  const sourceEndpointId = await make(`${below}/endpoints`, tenant);
  const destinationEndpointId = await make(`${below}/endpoints`, { name: 'disk', kind: 'folder', path: folder ?? `/exports/${made}` });
  const project = { name: 'Leavers', type: 'mailbox', sourceEndpointId, destinationEndpointId };
  return { customerId, projectId: await make(`${below}/projects`, project) };
};
