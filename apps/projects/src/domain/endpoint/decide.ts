import {
  withSettings,
  type AddEndpoint,
  type EditEndpoint,
  type EndpointConfig,
  type EndpointEvent,
  type RemoveEndpoint,
} from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A reusable source or destination. Secrets are behind references that stay the same when the value is rotated. A removed one keeps the name that
 *  it had. */
export type Endpoint =
  | { readonly is: 'none' }
  | {
      readonly is: 'endpoint' | 'removed';
      readonly workgroupId: string;
      readonly customerId: string;
      readonly name: string;
      readonly config: EndpointConfig;
    };
export const noEndpoint: Endpoint = { is: 'none' };

export type EndpointCommand = { readonly at: string } & (
  | (AddEndpoint & { readonly type: 'AddEndpoint' })
  | (EditEndpoint & { readonly type: 'EditEndpoint' })
  | (RemoveEndpoint & { readonly type: 'RemoveEndpoint' })
  | { readonly type: 'RotateEndpointSecret'; readonly endpointId: string }
);

/** Adding an endpoint twice is once. Passes keep the settings that they started with. */
export const decide = (command: EndpointCommand, state: Endpoint): Decision<EndpointEvent> => {
  const { endpointId, at } = command;
  if (command.type === 'AddEndpoint') {
    const { workgroupId, customerId, name, config } = command;
    return state.is === 'none'
      ? accept({ type: 'EndpointAdded', data: { workgroupId, customerId, endpointId, name, config, at } })
      : accept();
  }
  if (state.is !== 'endpoint' || ('customerId' in command && command.customerId !== state.customerId))
    return reject('endpoint.unknown', { endpointId });
  const { workgroupId, customerId } = state;
  switch (command.type) {
    case 'EditEndpoint': {
      const config = withSettings(state.config, command.settings ?? {});
      if (config === undefined) return reject('endpoint.other-kind', { kind: state.config.kind });
      return accept({
        type: 'EndpointEdited',
        data: { workgroupId, customerId, endpointId, name: command.name ?? state.name, config, at },
      });
    }
    case 'RemoveEndpoint':
      return accept({ type: 'EndpointRemoved', data: { workgroupId, customerId, endpointId, at } });
    case 'RotateEndpointSecret':
      if (!hasSecret(state.config)) return reject('endpoint.has-no-secret', { kind: state.config.kind });
      return accept({ type: 'EndpointSecretRotated', data: { endpointId, at } });
    default:
      return assertNever(command);
  }
};

const hasSecret = (config: EndpointConfig): boolean =>
  config.kind === 'microsoft-365' || (config.kind === 'azure-blob' && config.credential.kind !== 'identity');

export const evolve = (state: Endpoint, event: EndpointEvent): Endpoint => {
  switch (event.type) {
    case 'EndpointAdded':
    case 'EndpointEdited': {
      const { workgroupId, customerId, name, config } = event.data;
      return { is: 'endpoint', workgroupId, customerId, name, config };
    }
    case 'EndpointRemoved':
      return state.is === 'none' ? state : { ...state, is: 'removed' };
    case 'EndpointSecretRotated':
      return state;
    default:
      return assertNever(event);
  }
};
