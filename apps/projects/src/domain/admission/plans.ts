import type { AdmissionEvent, ChangePlan, HeldByPlan, PlansReply } from '@pstream/contracts';
import { accept, type Decision } from '@pstream/kernel';
import type { Admission, Plan } from './state.js';

const UNBOUND: Plan = { paused: null };

/** What binds a project by itself; without one, all of them. */
export const planOf = ({ plans }: Admission, projectId = ''): Plan => plans.get(projectId) ?? UNBOUND;

/** Pauses all projects or one, or has them go on. A pause that gets another reason lasts since it began. */
export const changePlan = (
  { projectId, paused, by, at }: ChangePlan & { readonly by: string; readonly at: string },
  state: Admission,
): Decision<AdmissionEvent> => {
  const before = planOf(state, projectId).paused;
  if (paused === undefined || paused?.reason === before?.reason) return accept();
  const now = paused === null ? null : { reason: paused.reason, by, since: before?.since ?? at };
  return accept({ type: 'PlanChanged', data: { ...(projectId === undefined ? {} : { projectId }), paused: now, at } });
};

/** Why nothing of a project is begun now; null if it may be. */
export const heldByPlan = (state: Admission, projectId: string): HeldByPlan | null => {
  const [all, own] = [planOf(state).paused, planOf(state, projectId).paused];
  if (all !== null) return { code: 'plan.paused', reason: all.reason, since: all.since };
  return own === null ? null : { code: 'plan.project-paused', reason: own.reason, since: own.since };
};

/** What the queue has of some projects, in their order. */
export const plansIn = (state: Admission, projectIds: readonly string[]): PlansReply => {
  const running = Map.groupBy(state.admitted.values(), ({ pass }) => pass.projectId);
  const submitted = Map.groupBy(state.planned.values(), (pass) => pass.projectId);
  return {
    paused: planOf(state).paused,
    projects: projectIds.map((projectId) => ({
      paused: planOf(state, projectId).paused,
      held: heldByPlan(state, projectId),
      running: running.get(projectId)?.length ?? 0,
      waiting: state.projects.get(projectId)?.waiting.length ?? 0,
      submitted: submitted.get(projectId)?.length ?? 0,
      nextAt: (submitted.get(projectId) ?? []).map(({ startAt }) => startAt).sort()[0] ?? null,
    })),
  };
};
