import type { ChangeOptions, CreateProject, EditProject, ProjectEvent, RemoveProject, SwitchViewing } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A project's settings; a removed one keeps those that it had, and nothing more is done in a closed one. Its line items are on a stream of their own: see `domain/roster`. */
export type Project =
  | { readonly is: 'none' }
  | { readonly is: 'project' | 'removed'; readonly settings: ProjectSettings; readonly closed: boolean };
export type ProjectSettings = Extract<ProjectEvent, { type: 'ProjectCreated' }>['data'] & { readonly viewing?: boolean };
export const noProject: Project = { is: 'none' };

export type ProjectCommand =
  | (Omit<CreateProject, 'type'> & { readonly type: 'CreateProject'; readonly projectType: CreateProject['type']; readonly at: string })
  | (EditProject & { readonly type: 'EditProject'; readonly at: string })
  | (RemoveProject & { readonly type: 'RemoveProject'; readonly at: string })
  | { readonly type: 'CloseProject'; readonly projectId: string; readonly at: string }
  | (ChangeOptions & { readonly type: 'ChangeOptions'; readonly at: string })
  | (SwitchViewing & { readonly type: 'SwitchViewing'; readonly at: string });

/** Creating a project twice is once; its settings can be changed at any time, for passes that are started from then on. */
export const decide = (command: ProjectCommand, state: Project): Decision<ProjectEvent> => {
  switch (command.type) {
    case 'CreateProject': {
      if (state.is !== 'none') return accept();
      const { type: _type, projectType, options, ...data } = command;
      return accept({ type: 'ProjectCreated', data: { ...data, type: projectType, ...(options === undefined ? {} : { options }) } });
    }
    case 'EditProject': {
      if (state.is !== 'project') return unknown(command);
      if (state.closed) return closed(command);
      const { settings } = state;
      const { name = settings.name, container = settings.container, partBytes = settings.partBytes, at } = command;
      const { sourceEndpointId = settings.sourceEndpointId, destinationEndpointId = settings.destinationEndpointId } = command;
      const data = { ...idsOf(settings), name, sourceEndpointId, destinationEndpointId, container, partBytes, at };
      return accept({ type: 'ProjectEdited', data });
    }
    case 'RemoveProject':
      if (state.is !== 'project') return unknown(command);
      return accept({ type: 'ProjectRemoved', data: { ...idsOf(state.settings), at: command.at } });
    case 'CloseProject':
      if (state.is !== 'project') return unknown(command);
      return state.closed ? accept() : accept({ type: 'ProjectClosed', data: { ...idsOf(state.settings), at: command.at } });
    case 'ChangeOptions':
      if (state.is !== 'project') return unknown(command);
      if (state.closed) return closed(command);
      return accept({ type: 'OptionsChanged', data: { ...idsOf(state.settings), options: command.options, at: command.at } });
    case 'SwitchViewing':
      if (state.is !== 'project') return unknown(command);
      if ((state.settings.viewing ?? false) === command.allowed) return accept();
      return accept({ type: 'ViewingSwitched', data: { ...idsOf(state.settings), allowed: command.allowed, at: command.at } });
    default:
      return assertNever(command);
  }
};

const unknown = ({ projectId }: { readonly projectId: string }): Decision<never> => reject('project.unknown', { projectId });

const closed = ({ projectId }: { readonly projectId: string }): Decision<never> => reject('project.closed', { projectId });

type Ids = Pick<CreateProject, 'workgroupId' | 'customerId' | 'projectId'>;
const idsOf = ({ workgroupId, customerId, projectId }: Ids): Ids => ({ workgroupId, customerId, projectId });

export const evolve = (state: Project, event: ProjectEvent): Project => {
  switch (event.type) {
    case 'ProjectCreated':
      return { is: 'project', settings: event.data, closed: false };
    case 'ProjectEdited': {
      const { name, sourceEndpointId, destinationEndpointId, container, partBytes } = event.data;
      const changed = { name, sourceEndpointId, destinationEndpointId, container, partBytes };
      return state.is === 'none' ? state : { ...state, settings: { ...state.settings, ...changed } };
    }
    case 'ProjectRemoved':
      return state.is === 'none' ? state : { ...state, is: 'removed' };
    case 'ProjectClosed':
      return state.is === 'none' ? state : { ...state, closed: true };
    case 'OptionsChanged':
      return state.is === 'none' ? state : { ...state, settings: { ...state.settings, options: event.data.options } };
    case 'ViewingSwitched':
      return state.is === 'none' ? state : { ...state, settings: { ...state.settings, viewing: event.data.allowed } };
    case 'LineItemsAdded':
      // Releases up to 0.2.0 kept line items here; the roster reads them.
      return state;
    default:
      return assertNever(event);
  }
};
