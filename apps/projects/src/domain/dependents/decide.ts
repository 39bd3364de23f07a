import type { DependentEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** What a command has depend on a customer or an endpoint. */
export type Dependent = Pick<Extract<DependentEvent, { type: 'DependentAdded' }>['data'], 'dependent' | 'kind'>;

/** What depends on a customer or an endpoint, by the command that said so, and whether more may come. */
export type Dependents = { readonly closed: boolean; readonly added: ReadonlyMap<string, Dependent> };
export const noDependents: Dependents = { closed: false, added: new Map() };

export type DependentsCommand = { readonly of: string; readonly at: string } & (
  | (Dependent & { readonly type: 'AddDependent'; readonly by: string; readonly closed: string })
  | { readonly type: 'DropDependent'; readonly by: string }
  | { readonly type: 'CloseDependents'; readonly over: ReadonlySet<string>; readonly held: string }
);

/** Nothing comes once it is closed, and it is closed only while whatever was added is `over`: these commands have been applied, and what they made
 *  does not depend on it any more. `closed` and `held` are the codes of the rejections. */
export const decide = (command: DependentsCommand, { closed, added }: Dependents): Decision<DependentEvent> => {
  const { of, at } = command;
  switch (command.type) {
    case 'AddDependent': {
      const { dependent, kind, by } = command;
      if (closed) return reject(command.closed);
      return added.has(by) ? accept() : accept({ type: 'DependentAdded', data: { of, dependent, kind, by, at } });
    }
    case 'DropDependent':
      return added.has(command.by) ? accept({ type: 'DependentDropped', data: { of, by: command.by, at } }) : accept();
    case 'CloseDependents':
      if (closed) return accept();
      return [...added.keys()].every((by) => command.over.has(by))
        ? accept({ type: 'DependentsClosed', data: { of, at } })
        : reject(command.held);
    default:
      return assertNever(command);
  }
};

export const evolve = (state: Dependents, event: DependentEvent): Dependents => {
  switch (event.type) {
    case 'DependentAdded': {
      const { by, dependent, kind } = event.data;
      return { ...state, added: new Map(state.added).set(by, { dependent, kind }) };
    }
    case 'DependentDropped':
      return { ...state, added: new Map([...state.added].filter(([by]) => by !== event.data.by)) };
    case 'DependentsClosed':
      return { ...state, closed: true };
    default:
      return assertNever(event);
  }
};
