import type { CreateCustomer, CustomerEvent, RemoveCustomer, RenameCustomer } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A customer of the workgroup; everything else hangs on its id. A removed one keeps the name that it had. */
export type Customer =
  | { readonly is: 'none' }
  | { readonly is: 'customer' | 'removed'; readonly workgroupId: string; readonly name: string };
export const noCustomer: Customer = { is: 'none' };

export type CustomerCommand = { readonly at: string } & (
  | (CreateCustomer & { readonly type: 'CreateCustomer' })
  | (RenameCustomer & { readonly type: 'RenameCustomer' })
  | (RemoveCustomer & { readonly type: 'RemoveCustomer' })
);

/** Creating a customer twice is once. Whether a name is free is decided by its own stream, whether a customer is empty by who asks. */
export const decide = (command: CustomerCommand, state: Customer): Decision<CustomerEvent> => {
  const { customerId, at } = command;
  if (command.type === 'CreateCustomer') {
    const { workgroupId, name } = command;
    return state.is === 'none' ? accept({ type: 'CustomerCreated', data: { workgroupId, customerId, name, at } }) : accept();
  }
  if (state.is !== 'customer') return reject('customer.unknown', { customerId });
  const { workgroupId } = state;
  switch (command.type) {
    case 'RenameCustomer':
      return command.name === state.name
        ? accept()
        : accept({ type: 'CustomerRenamed', data: { workgroupId, customerId, name: command.name, at } });
    case 'RemoveCustomer':
      return accept({ type: 'CustomerRemoved', data: { workgroupId, customerId, at } });
    default:
      return assertNever(command);
  }
};

export const evolve = (state: Customer, event: CustomerEvent): Customer => {
  switch (event.type) {
    case 'CustomerCreated':
    case 'CustomerRenamed':
      return { is: 'customer', workgroupId: event.data.workgroupId, name: event.data.name };
    case 'CustomerRemoved':
      return state.is === 'none' ? state : { ...state, is: 'removed' };
    default:
      return assertNever(event);
  }
};
