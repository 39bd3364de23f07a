import type { ChangeOptions, CreateProject, ProjectEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A project's settings. Its line items are on a stream of their own: see `domain/roster`. */
export type Project =
  | { readonly is: 'none' }
  | { readonly is: 'project'; readonly settings: Extract<ProjectEvent, { type: 'ProjectCreated' }>['data'] };
export const noProject: Project = { is: 'none' };

export type ProjectCommand =
  | (Omit<CreateProject, 'type'> & { readonly type: 'CreateProject'; readonly projectType: CreateProject['type']; readonly at: string })
  | (ChangeOptions & { readonly type: 'ChangeOptions'; readonly at: string });

/** Creating a project twice is once; its options can be replaced at any time. */
export const decide = (command: ProjectCommand, state: Project): Decision<ProjectEvent> => {
  switch (command.type) {
    case 'CreateProject': {
      if (state.is === 'project') return accept();
      const { type: _type, projectType, options, ...data } = command;
      return accept({ type: 'ProjectCreated', data: { ...data, type: projectType, ...(options === undefined ? {} : { options }) } });
    }
    case 'ChangeOptions': {
      if (state.is === 'none') return reject('project.unknown', { projectId: command.projectId });
      const { workgroupId, customerId, projectId } = state.settings;
      return accept({ type: 'OptionsChanged', data: { workgroupId, customerId, projectId, options: command.options, at: command.at } });
    }
    default:
      return assertNever(command);
  }
};

export const evolve = (state: Project, event: ProjectEvent): Project => {
  switch (event.type) {
    case 'ProjectCreated':
      return { is: 'project', settings: event.data };
    case 'OptionsChanged':
      return state.is === 'project' ? { is: 'project', settings: { ...state.settings, options: event.data.options } } : state;
    case 'LineItemsAdded':
      // Releases up to 0.2.0 kept line items here; the roster reads them.
      return state;
    default:
      return assertNever(event);
  }
};
