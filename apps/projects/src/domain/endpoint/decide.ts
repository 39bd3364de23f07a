import type { AddEndpoint, EndpointConfig, EndpointEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A reusable source or destination. Secrets are behind references that stay the same when the value is rotated. */
export type Endpoint = { readonly is: 'none' } | { readonly is: 'endpoint'; readonly customerId: string; readonly config: EndpointConfig };
export const noEndpoint: Endpoint = { is: 'none' };

export type EndpointCommand =
  | (AddEndpoint & { readonly type: 'AddEndpoint'; readonly at: string })
  | { readonly type: 'RotateEndpointSecret'; readonly endpointId: string; readonly at: string };

export const decide = (command: EndpointCommand, state: Endpoint): Decision<EndpointEvent> => {
  switch (command.type) {
    case 'AddEndpoint': {
      if (state.is === 'endpoint') return accept();
      const { workgroupId, customerId, endpointId, name, config, at } = command;
      return accept({ type: 'EndpointAdded', data: { workgroupId, customerId, endpointId, name, config, at } });
    }
    case 'RotateEndpointSecret':
      if (state.is === 'none') return reject('endpoint.unknown', { endpointId: command.endpointId });
      if (!hasSecret(state.config)) return reject('endpoint.has-no-secret', { kind: state.config.kind });
      return accept({ type: 'EndpointSecretRotated', data: { endpointId: command.endpointId, at: command.at } });
    default:
      return assertNever(command);
  }
};

const hasSecret = (config: EndpointConfig): boolean =>
  config.kind === 'microsoft-365' || (config.kind === 'azure-blob' && config.credential.kind !== 'identity');

export const evolve = (state: Endpoint, event: EndpointEvent): Endpoint =>
  event.type === 'EndpointAdded' ? { is: 'endpoint', customerId: event.data.customerId, config: event.data.config } : state;
