import type {
  ChangeOptions,
  CreateDiscoveryProject,
  CreateProject,
  EditProject,
  ProjectEvent,
  RemoveProject,
  SwitchViewing,
} from '@pstream/contracts';
import { accept, assertNever, reject, type Decision, type Rejection } from '@pstream/kernel';

/** A project's settings; a removed one keeps those that it had, and nothing more is done in a closed one. Its line items are on a stream of their own: see `domain/roster`.
 *  A Discovery project is another kind of state, so that whatever needs mailboxes refuses it. */
export type Project =
  | { readonly is: 'none' }
  | { readonly is: 'project'; readonly settings: ProjectSettings; readonly closed: boolean }
  | { readonly is: 'discovery'; readonly settings: DiscoverySettings; readonly closed: boolean; readonly hasRuns: boolean }
  | { readonly is: 'removed'; readonly settings: ProjectSettings | DiscoverySettings; readonly closed: boolean };
export type ProjectSettings = Extract<ProjectEvent, { type: 'ProjectCreated' }>['data'] & { readonly viewing?: boolean };
export type DiscoverySettings = Extract<ProjectEvent, { type: 'DiscoveryProjectCreated' }>['data'];
export const noProject: Project = { is: 'none' };

export type ProjectCommand =
  | (Omit<CreateProject, 'type'> & { readonly type: 'CreateProject'; readonly projectType: CreateProject['type']; readonly at: string })
  | (CreateDiscoveryProject & { readonly type: 'CreateDiscoveryProject'; readonly at: string })
  | (EditProject & { readonly type: 'EditProject'; readonly at: string })
  | (RemoveProject & { readonly type: 'RemoveProject'; readonly at: string })
  | { readonly type: 'BeginRuns'; readonly projectId: string; readonly at: string }
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
    case 'CreateDiscoveryProject': {
      if (state.is !== 'none') return accept();
      const { type: _type, ...data } = command;
      return accept({ type: 'DiscoveryProjectCreated', data });
    }
    case 'EditProject': {
      if (state.is === 'discovery') return editDiscovery(command, state);
      if (state.is !== 'project') return refused(command, state);
      if (state.closed) return closed(command);
      const { settings } = state;
      const { name = settings.name, container = settings.container, partBytes = settings.partBytes, at } = command;
      const { sourceEndpointId = settings.sourceEndpointId, destinationEndpointId = settings.destinationEndpointId } = command;
      const data = { ...idsOf(settings), name, sourceEndpointId, destinationEndpointId, container, partBytes, at };
      return accept({ type: 'ProjectEdited', data });
    }
    case 'BeginRuns':
      if (state.is !== 'discovery') return refused(command, state);
      if (state.closed) return closed(command);
      return state.hasRuns ? accept() : accept({ type: 'FirstRunBegun', data: { ...idsOf(state.settings), at: command.at } });
    case 'RemoveProject':
      if (state.is !== 'project' && state.is !== 'discovery') return refused(command, state);
      if (state.is === 'discovery' && state.hasRuns) return reject('project.has-runs', { projectId: command.projectId });
      return accept({ type: 'ProjectRemoved', data: { ...idsOf(state.settings), at: command.at } });
    case 'CloseProject':
      if (state.is !== 'project' && state.is !== 'discovery') return refused(command, state);
      return state.closed ? accept() : accept({ type: 'ProjectClosed', data: { ...idsOf(state.settings), at: command.at } });
    case 'ChangeOptions':
      if (state.is !== 'project') return refused(command, state);
      if (state.closed) return closed(command);
      return accept({ type: 'OptionsChanged', data: { ...idsOf(state.settings), options: command.options, at: command.at } });
    case 'SwitchViewing':
      if (state.is !== 'project') return refused(command, state);
      if ((state.settings.viewing ?? false) === command.allowed) return accept();
      return accept({ type: 'ViewingSwitched', data: { ...idsOf(state.settings), allowed: command.allowed, at: command.at } });
    default:
      return assertNever(command);
  }
};

/** Why a project is none whose mailboxes can be exported. */
export const noExport = (projectId: string, { is }: Project): Rejection => ({
  code: is === 'discovery' ? 'project.is-discovery' : 'project.unknown',
  facts: { projectId },
});

const refused = ({ projectId }: { readonly projectId: string }, state: Project): Decision<never> => {
  const { code, facts } = noExport(projectId, state);
  return reject(code, facts);
};

const editDiscovery = (command: EditProject & { readonly at: string }, state: Project & { is: 'discovery' }): Decision<ProjectEvent> => {
  if (command.sourceEndpointId !== undefined || command.partBytes !== undefined) return refused(command, state);
  if (state.closed) return closed(command);
  const { settings } = state;
  const { name = settings.name, destinationEndpointId = settings.destinationEndpointId, container = settings.container, at } = command;
  return accept({ type: 'DiscoveryProjectEdited', data: { ...idsOf(settings), name, destinationEndpointId, container, at } });
};

const closed = ({ projectId }: { readonly projectId: string }): Decision<never> => reject('project.closed', { projectId });

type Ids = Pick<CreateProject, 'workgroupId' | 'customerId' | 'projectId'>;
const idsOf = ({ workgroupId, customerId, projectId }: Ids): Ids => ({ workgroupId, customerId, projectId });

export const evolve = (state: Project, event: ProjectEvent): Project => {
  switch (event.type) {
    case 'ProjectCreated':
      return { is: 'project', settings: event.data, closed: false };
    case 'DiscoveryProjectCreated':
      return { is: 'discovery', settings: event.data, closed: false, hasRuns: false };
    case 'FirstRunBegun':
      return state.is === 'discovery' ? { ...state, hasRuns: true } : state;
    case 'DiscoveryProjectEdited': {
      const { name, destinationEndpointId, container } = event.data;
      return state.is === 'discovery' ? { ...state, settings: { ...state.settings, name, destinationEndpointId, container } } : state;
    }
    case 'ProjectEdited': {
      const { name, sourceEndpointId, destinationEndpointId, container, partBytes } = event.data;
      const changed = { name, sourceEndpointId, destinationEndpointId, container, partBytes };
      return state.is === 'project' ? { ...state, settings: { ...state.settings, ...changed } } : state;
    }
    case 'ProjectRemoved':
      return state.is === 'none' ? state : { is: 'removed', settings: state.settings, closed: state.closed };
    case 'ProjectClosed':
      return state.is === 'none' ? state : { ...state, closed: true };
    case 'OptionsChanged':
      return state.is === 'project' ? { ...state, settings: { ...state.settings, options: event.data.options } } : state;
    case 'ViewingSwitched':
      return state.is === 'project' ? { ...state, settings: { ...state.settings, viewing: event.data.allowed } } : state;
    case 'LineItemsAdded':
      // Releases up to 0.2.0 kept line items here; the roster reads them.
      return state;
    default:
      return assertNever(event);
  }
};
