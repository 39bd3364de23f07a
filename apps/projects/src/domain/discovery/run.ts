import type { BeginDiscoveryRun, DiscoveryRunEvent, EndDiscoveryRun } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A run of `discover upload` on some machine. Its files are on streams of their own: see `report.ts`. */
export type Run = { readonly is: 'none' } | { readonly is: 'running' | 'ended'; readonly refs: RunRefs; readonly computer: string };
export type RunRefs = { readonly workgroupId: string; readonly customerId: string; readonly projectId: string; readonly runId: string };
export const noRun: Run = { is: 'none' };

export type RunCommand =
  | (BeginDiscoveryRun & {
      readonly type: 'BeginDiscoveryRun';
      readonly workgroupId: string;
      readonly customerId: string;
      readonly at: string;
    })
  | (EndDiscoveryRun & { readonly type: 'EndDiscoveryRun'; readonly at: string });

/** Beginning a run twice is once, and so is ending it: whoever was cut off says it again. */
export const decide = (command: RunCommand, state: Run): Decision<DiscoveryRunEvent> => {
  switch (command.type) {
    case 'BeginDiscoveryRun': {
      if (state.is !== 'none') return accept();
      const { type: _type, ...data } = command;
      return accept({ type: 'DiscoveryRunBegun', data });
    }
    case 'EndDiscoveryRun': {
      const { projectId, runId, stoppedBy, at } = command;
      if (state.is === 'none' || state.refs.projectId !== projectId) return reject('discovery-run.unknown', { runId });
      return state.is === 'ended' ? accept() : accept({ type: 'DiscoveryRunEnded', data: { ...state.refs, stoppedBy, at } });
    }
    default:
      return assertNever(command);
  }
};

export const evolve = (state: Run, event: DiscoveryRunEvent): Run => {
  switch (event.type) {
    case 'DiscoveryRunBegun': {
      const { workgroupId, customerId, projectId, runId, computer } = event.data;
      return { is: 'running', refs: { workgroupId, customerId, projectId, runId }, computer };
    }
    case 'DiscoveryRunEnded':
      return state.is === 'none' ? state : { ...state, is: 'ended' };
    default:
      return assertNever(event);
  }
};
