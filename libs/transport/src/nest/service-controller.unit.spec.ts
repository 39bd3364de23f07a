import { pattern, SERVICE_COMMANDS, type CommandName, type CommandReply } from '@pstream/contracts';
import type { LogClient } from './log-client.js';
import { ask, serviceController, type CommandHandlers } from './service-controller.js';

const PORTS = Symbol('Ports');
type Ports = { readonly calls: unknown[] };
const meta = { commandId: 'c-1', by: 'user-1', at: '2026-01-01T00:00:00.000Z' };
const note =
  (name: string) =>
  (ports: Ports, ...rest: readonly unknown[]): Promise<CommandReply> => {
    ports.calls.push([name, ...rest]);
    return Promise.resolve({ accepted: true, stream: 'licence-pool:w', version: 1 });
  };
const names = Object.keys(SERVICE_COMMANDS.licensing) as CommandName<'licensing'>[];
const commands = Object.fromEntries(names.map((name) => [name, note(name)])) as CommandHandlers<'licensing', Ports>;
const Door = serviceController<'licensing', Ports>('licensing', PORTS, {
  commands,
  queries: {
    Coverage: (_ports, { users }) => Promise.resolve({ enforced: true, covered: users.map((user) => ({ user, expiresAt: null })) }),
    CheckoutAddress: () => Promise.resolve({ url: null }),
    LookAtOrder: () => Promise.resolve({ looked: false }),
    LicenceTerms: () => Promise.resolve({ enforced: true, cards: 'none', price: null }),
  },
});
const methods = (ports: Ports): Record<string, (message: unknown) => Promise<unknown>> =>
  new (Door as new (ports: Ports) => Record<string, (message: unknown) => Promise<unknown>>)(ports);
const customerId = '01J8ZQ4N5W9K7C1B2D3E4F5G6H';

describe('the message door of a service', () => {
  it('hands each command to its handler, with the ports, and what its schema makes of the body', async () => {
    const ports: Ports = { calls: [] };
    const body = { workgroupId: 'w', orderId: customerId, reference: 'r-1' };
    expect(await methods(ports)['RecordPayment']!({ meta, body })).toEqual({ accepted: true, stream: 'licence-pool:w', version: 1 });
    expect(ports.calls).toEqual([['RecordPayment', meta, body]]);
  });

  it('refuses a malformed command with the fields at fault', async () => {
    const ports: Ports = { calls: [] };
    expect(await methods(ports)['RecordPayment']!({ meta, body: { workgroupId: 'w' } })).toMatchObject({
      accepted: false,
      rejection: { code: 'command.malformed' },
    });
    expect(ports.calls).toEqual([]);
  });

  it('answers a query, and takes a malformed one for a fault that lasts', async () => {
    const door = methods({ calls: [] });
    const body = { workgroupId: 'w', customerId, users: ['ann@contoso.com'] };
    expect(await door['Coverage']!(body)).toEqual({ enforced: true, covered: [{ user: 'ann@contoso.com', expiresAt: null }] });
    await expect(door['Coverage']!({ ...body, users: 'ann' })).rejects.toMatchObject({
      code: 'query.malformed',
      retry: 'never',
      facts: { query: 'licensing.Coverage' },
    });
  });
});

// What must not compile; each line is an error to the compiler, or `tsc` reports the comment.
const misuses = (client: LogClient): void => {
  // @ts-expect-error -- a misspelt command
  pattern('licensing', 'PlaceOrders');
  // @ts-expect-error -- a command of another service
  pattern('licensing', 'StartPass');
  // @ts-expect-error -- a handler is missing
  serviceController<'licensing', Ports>('licensing', PORTS, { commands: { PlaceOrder: commands.PlaceOrder }, queries: {} });
  type Handlers = CommandHandlers<'licensing', Ports>;
  const other = (ports: Ports, _meta: unknown, body: { readonly users: string[] }): Promise<CommandReply> => note('x')(ports, body);
  // @ts-expect-error -- a handler that takes the body of another command
  const swapped: Handlers = { ...commands, PlaceOrder: other };
  // @ts-expect-error -- a misspelt handler
  const misspelt: Handlers = { ...commands, PlaceOrders: commands.PlaceOrder };
  void misspelt;
  // @ts-expect-error -- a query with the wrong body
  void ask(client, 'licensing', 'Coverage', { users: [] });
  void swapped;
};
it('has misuses that do not compile', () => expect(misuses).toBeInstanceOf(Function));
