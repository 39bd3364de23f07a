import type { Intent, Sender } from './sender.js';

// What must not compile; each line is an error to the compiler, or `tsc` reports the comment.
const misuses = async (sender: Sender, intent: Intent): Promise<void> => {
  await sender.send(intent, 'projects', 'RotateEndpointSecret', { endpointId: 'e' });
  // @ts-expect-error -- a misspelt command
  await sender.send(intent, 'projects', 'RotateEndpointSecrets', { endpointId: 'e' });
  // @ts-expect-error -- a command of another service
  await sender.send(intent, 'licensing', 'RotateEndpointSecret', { endpointId: 'e' });
  // @ts-expect-error -- the body of another command
  await sender.send(intent, 'projects', 'RotateEndpointSecret', { projectId: 'p' });
  // @ts-expect-error -- a field of the wrong type
  await sender.ask(intent, 'licensing', 'PlaceOrder', { workgroupId: 'w', orderId: 'o', quantity: '3', payment: 'card' });
};

describe('sending a command', () => {
  it('does not compile with a misspelt command or a wrong body', () => expect(misuses).toBeInstanceOf(Function));
});
