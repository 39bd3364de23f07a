import type { AdmissionEvent, QueuedPass } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';

/** A pass in the queue. `seq` is the order in which passes came. */
export type Waiting = QueuedPass & { readonly seq: number };

/** A pass that was submitted for a time to come. */
export type Planned = QueuedPass & { readonly startAt: string };

/** The passes of a project that wait, the next one first. `turn` counts up with each admission of the whole system. */
export type ProjectQueue = { readonly customerId: string; readonly waiting: Waiting[]; turn: number };

type PlanChanged = Extract<AdmissionEvent, { type: 'PlanChanged' }>['data'];

/** What all projects, those of a workgroup, those that read from an endpoint, or one, are bound to. */
export type Plan = Omit<PlanChanged, 'projectId' | 'workgroupId' | 'endpointId' | 'customerId' | 'at'>;

/** Under what a plan is kept; '' is of all. */
export const planKey = ({ projectId, endpointId, workgroupId }: Pick<PlanChanged, 'projectId' | 'workgroupId' | 'endpointId'>): string => {
  if (projectId !== undefined) return `project/${projectId}`;
  if (endpointId !== undefined) return `endpoint/${endpointId}`;
  return workgroupId === undefined ? '' : `workgroup/${workgroupId}`;
};

/** Everything that has been started and has not ended. It belongs to the fold that made it and is changed in place. */
export type Admission = {
  seq: number;
  turns: number;
  readonly waiting: Map<string, Waiting>;
  /** Passes whose time has not come. */
  readonly planned: Map<string, Planned>;
  readonly projects: Map<string, ProjectQueue>;
  /** Passes at work; `until` when they count again, where they gave their place to another. */
  readonly admitted: Map<string, { readonly pass: Waiting; readonly until?: string }>;
  /** What somebody has bound, by `planKey`. */
  readonly plans: Map<string, Plan>;
};

export const nobodyWaits = (): Admission => ({
  seq: 0,
  turns: 0,
  waiting: new Map(),
  planned: new Map(),
  projects: new Map(),
  admitted: new Map(),
  plans: new Map(),
});

/** Records what happened to the queue. */
export const evolve = (state: Admission, event: AdmissionEvent): Admission => {
  switch (event.type) {
    case 'PassesPlanned':
      for (const pass of event.data.passes) if (isPlanned(pass)) state.planned.set(pass.passId, pass);
      return state;
    case 'PassesQueued':
      for (const pass of event.data.passes) {
        state.planned.delete(pass.passId);
        enqueue(state, { ...pass, seq: ++state.seq });
      }
      return state;
    case 'PassesPrioritised':
      for (const { passId, priority } of event.data.passes) {
        const planned = state.planned.get(passId);
        if (planned !== undefined) state.planned.set(passId, { ...planned, priority });
        const pass = dequeue(state, passId);
        if (pass !== undefined) enqueue(state, { ...pass, priority });
      }
      return state;
    case 'PassesAdmitted':
      for (const passId of event.data.passes) {
        const pass = dequeue(state, passId);
        if (pass === undefined) continue;
        state.admitted.set(passId, { pass });
        const project = state.projects.get(pass.projectId);
        if (project !== undefined) project.turn = ++state.turns;
      }
      return state;
    case 'PassesYielded':
      for (const { passId, until } of event.data.passes) {
        const known = state.admitted.get(passId);
        if (known !== undefined) state.admitted.set(passId, { ...known, until });
      }
      return state;
    case 'PlanChanged': {
      const { paused, maxMailboxes, window } = event.data;
      const plan: Plan = {
        paused,
        ...(maxMailboxes === undefined ? {} : { maxMailboxes }),
        ...(window === undefined ? {} : { window }),
      };
      if (plan.paused === null && Object.keys(plan).length === 1) state.plans.delete(planKey(event.data));
      else state.plans.set(planKey(event.data), plan);
      return state;
    }
    case 'PassesLeft':
      for (const passId of event.data.passes) {
        const pass = dequeue(state, passId) ?? state.admitted.get(passId)?.pass;
        state.admitted.delete(passId);
        state.planned.delete(passId);
        if (pass !== undefined) forgetIfDone(state, pass.projectId);
      }
      return state;
    default:
      return assertNever(event);
  }
};

/** Whether a pass waits for a time. */
export const isPlanned = (pass: QueuedPass): pass is Planned => pass.startAt !== undefined;

/** Passes whose time has come, and which are not queued yet. */
export const dueIn = ({ planned }: Admission, at: string): readonly Planned[] =>
  [...planned.values()].filter(({ startAt }) => startAt <= at);

/** Who goes first within a project: by priority, then small ones of which the size is known, then in the order in which they came. */
export const before = (a: Waiting, b: Waiting): boolean => {
  const byPriority = (b.priority ?? 0) - (a.priority ?? 0);
  if (byPriority !== 0) return byPriority < 0;
  const [sizeA, sizeB] = [a.size ?? Infinity, b.size ?? Infinity];
  return sizeA === sizeB ? a.seq < b.seq : sizeA < sizeB;
};

/** Position of the first pass that does not go before this one. */
const positionOf = (waiting: readonly Waiting[], pass: Waiting): number => {
  let [low, high] = [0, waiting.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(waiting[middle]!, pass)) low = middle + 1;
    else high = middle;
  }
  return low;
};

const enqueue = (state: Admission, pass: Waiting): void => {
  const { projectId, customerId, passId } = pass;
  const project = state.projects.get(projectId) ?? { customerId, waiting: [], turn: 0 };
  state.projects.set(projectId, project);
  project.waiting.splice(positionOf(project.waiting, pass), 0, pass);
  state.waiting.set(passId, pass);
};

const dequeue = (state: Admission, passId: string): Waiting | undefined => {
  const pass = state.waiting.get(passId);
  if (pass === undefined) return undefined;
  state.waiting.delete(passId);
  const waiting = state.projects.get(pass.projectId)?.waiting ?? [];
  waiting.splice(positionOf(waiting, pass), 1);
  return pass;
};

/** A project of which nothing waits and nothing is at work comes with its next pass as a new one. */
const forgetIfDone = (state: Admission, projectId: string): void => {
  if ((state.projects.get(projectId)?.waiting.length ?? 0) > 0) return;
  for (const { pass } of state.admitted.values()) if (pass.projectId === projectId) return;
  state.projects.delete(projectId);
};

/** Where a mailbox stands among those of its project that wait, from 1; null if it does not. */
export const placesIn = (state: Admission, projectId: string): ReadonlyMap<string, number> =>
  new Map((state.projects.get(projectId)?.waiting ?? []).map(({ mailboxJobId }, at) => [mailboxJobId, at + 1]));
