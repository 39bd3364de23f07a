import type { CreateCustomer, CustomerEvent } from '@pstream/contracts';
import { accept, type Decision } from '@pstream/kernel';

/** A customer of the workgroup; everything else hangs on its id. */
export type Customer = { readonly is: 'none' } | { readonly is: 'customer'; readonly workgroupId: string; readonly name: string };
export const noCustomer: Customer = { is: 'none' };

export type CustomerCommand = CreateCustomer & { readonly type: 'CreateCustomer'; readonly at: string };

export const decide = (command: CustomerCommand, state: Customer): Decision<CustomerEvent> =>
  state.is === 'customer'
    ? accept()
    : accept({
        type: 'CustomerCreated',
        data: { workgroupId: command.workgroupId, customerId: command.customerId, name: command.name, at: command.at },
      });

export const evolve = (_state: Customer, event: CustomerEvent): Customer => ({
  is: 'customer',
  workgroupId: event.data.workgroupId,
  name: event.data.name,
});
