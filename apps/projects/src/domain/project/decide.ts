import {
  LINE_ITEMS_PER_EVENT,
  partNameFault,
  sameAddress,
  type AddLineItems,
  type ChangeOptions,
  type CreateProject,
  type LineItem,
  type ProjectEvent,
} from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A project and its line items. The maps belong to the fold that made them. */
export type Project =
  | { readonly is: 'none' }
  | {
      readonly is: 'project';
      readonly settings: Extract<ProjectEvent, { type: 'ProjectCreated' }>['data'];
      readonly items: Map<string, LineItem>;
      readonly sources: Set<string>;
      readonly destinations: Set<string>;
    };
export const noProject: Project = { is: 'none' };

export type ProjectCommand =
  | (Omit<CreateProject, 'type'> & { readonly type: 'CreateProject'; readonly projectType: CreateProject['type']; readonly at: string })
  | (ChangeOptions & { readonly type: 'ChangeOptions'; readonly at: string })
  | (AddLineItems & { readonly type: 'AddLineItems'; readonly at: string });

/** Two line items may not share a source or a PST name. A bulk add is taken whole or not at all; each conflict is told
 *  by the position of its row, counted from 0, and the field. */
export const decide = (command: ProjectCommand, state: Project): Decision<ProjectEvent> => {
  switch (command.type) {
    case 'CreateProject': {
      if (state.is === 'project') return accept();
      const {
        workgroupId,
        customerId,
        projectId,
        name,
        projectType,
        sourceEndpointId,
        destinationEndpointId,
        container,
        partBytes,
        options,
        at,
      } = command;
      return accept({
        type: 'ProjectCreated',
        data: {
          workgroupId,
          customerId,
          projectId,
          name,
          type: projectType,
          sourceEndpointId,
          destinationEndpointId,
          container,
          partBytes,
          ...(options === undefined ? {} : { options }),
          at,
        },
      });
    }
    case 'ChangeOptions': {
      if (state.is === 'none') return reject('project.unknown', { projectId: command.projectId });
      const { workgroupId, customerId, projectId } = state.settings;
      return accept({ type: 'OptionsChanged', data: { workgroupId, customerId, projectId, options: command.options, at: command.at } });
    }
    case 'AddLineItems': {
      if (state.is === 'none') return reject('project.unknown', { projectId: command.projectId });
      const conflicts = conflictsOf(command.items, state);
      if (conflicts.length > 0) return reject('project.line-items-conflict', { conflicts });
      const { workgroupId, customerId, projectId } = state.settings;
      return accept(
        ...chunks(command.items).map(
          (items): ProjectEvent => ({ type: 'LineItemsAdded', data: { workgroupId, customerId, projectId, items, at: command.at } }),
        ),
      );
    }
    default:
      return assertNever(command);
  }
};

const conflictsOf = (items: readonly LineItem[], state: Extract<Project, { is: 'project' }>): string[] => {
  const sources = new Set(state.sources);
  const destinations = new Set(state.destinations);
  return items.flatMap((item, row) => {
    const found: string[] = [];
    const fault = partNameFault(item.destination);
    if (fault !== undefined) found.push(`${row}:destination:${fault.code}`);
    if (sources.has(sameAddress(item.source))) found.push(`${row}:source:line-item.source-exists`);
    if (destinations.has(samePart(item.destination))) found.push(`${row}:destination:line-item.destination-exists`);
    sources.add(sameAddress(item.source));
    destinations.add(samePart(item.destination));
    return found;
  });
};

/** File systems and people do not tell names apart by case. */
const samePart = (name: string): string => name.normalize('NFC').toLowerCase();

const chunks = (items: readonly LineItem[]): LineItem[][] =>
  Array.from({ length: Math.ceil(items.length / LINE_ITEMS_PER_EVENT) }, (_, n) =>
    items.slice(n * LINE_ITEMS_PER_EVENT, (n + 1) * LINE_ITEMS_PER_EVENT),
  );

export const evolve = (state: Project, event: ProjectEvent): Project => {
  switch (event.type) {
    case 'ProjectCreated':
      return { is: 'project', settings: event.data, items: new Map(), sources: new Set(), destinations: new Set() };
    case 'OptionsChanged':
      return state.is === 'project' ? { ...state, settings: { ...state.settings, options: event.data.options } } : state;
    case 'LineItemsAdded':
      if (state.is === 'project') {
        for (const item of event.data.items) {
          state.items.set(item.mailboxJobId, item);
          state.sources.add(sameAddress(item.source));
          state.destinations.add(samePart(item.destination));
        }
      }
      return state;
    default:
      return assertNever(event);
  }
};
