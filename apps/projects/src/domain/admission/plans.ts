import { windowAt, windowText, type AdmissionEvent, type ChangePlan, type HeldByPlan, type PlansReply } from '@pstream/contracts';
import { accept, type Decision } from '@pstream/kernel';
import { planKey, type Admission, type Plan } from './state.js';

const UNBOUND: Plan = { paused: null };

/** What binds a project, an endpoint or a workgroup by itself; without any, all projects. */
export const planOf = ({ plans }: Admission, scope: Pick<ChangePlan, 'projectId' | 'workgroupId' | 'endpointId'> = {}): Plan =>
  plans.get(planKey(scope)) ?? UNBOUND;

/** Pauses projects or has them go on, and binds them to a number of mailboxes and a window. A pause that gets another reason lasts since it began. */
export const changePlan = (
  {
    projectId,
    workgroupId,
    endpointId,
    customerId,
    paused,
    maxMailboxes,
    window,
    by,
    at,
  }: ChangePlan & { readonly by: string; readonly at: string; readonly customerId?: string },
  state: Admission,
): Decision<AdmissionEvent> => {
  const scope = {
    ...(projectId === undefined ? {} : { projectId }),
    ...(workgroupId === undefined ? {} : { workgroupId }),
    ...(endpointId === undefined ? {} : { endpointId }),
    ...(customerId === undefined ? {} : { customerId }),
  };
  const before = planOf(state, scope);
  const most = maxMailboxes === undefined ? before.maxMailboxes : maxMailboxes;
  const hours = window === undefined ? before.window : window;
  const isSamePause = paused === undefined || paused?.reason === before.paused?.reason;
  const after: Plan = {
    paused: isSamePause ? before.paused : paused === null ? null : { reason: paused.reason, by, since: before.paused?.since ?? at },
    ...(most === undefined || most === null ? {} : { maxMailboxes: most }),
    ...(hours === undefined || hours === null ? {} : { window: hours }),
  };
  const isSame =
    isSamePause && after.maxMailboxes === before.maxMailboxes && JSON.stringify(after.window) === JSON.stringify(before.window);
  return isSame ? accept() : accept({ type: 'PlanChanged', data: { ...scope, ...after, at } });
};

/** Whether an event changed the plan that is to be changed. */
export const changesPlan = (change: Pick<ChangePlan, 'projectId' | 'workgroupId' | 'endpointId'>, event: AdmissionEvent): boolean =>
  event.type === 'PlanChanged' && planKey(event.data) === planKey(change);

/** Why nothing of a project is begun at a time; null if it may be. */
export const heldByPlan = (state: Admission, projectId: string, at: string): HeldByPlan | null => {
  const [{ paused: all }, { paused, window }] = [planOf(state), planOf(state, { projectId })];
  if (all !== null) return { code: 'plan.paused', reason: all.reason, since: all.since, until: null };
  if (paused !== null) return { code: 'plan.project-paused', reason: paused.reason, since: paused.since, until: null };
  const now = window === undefined ? undefined : windowAt(window, at);
  if (window === undefined || now === undefined || now.open) return null;
  return { code: 'plan.outside-window', reason: windowText(window), since: now.since ?? at, until: now.until };
};

/** What the queue has of some projects, in their order; `sources` are the endpoints that they read from. */
export const plansIn = (
  state: Admission,
  projectIds: readonly string[],
  at: string,
  sources: readonly (string | undefined)[] = [],
): Omit<PlansReply, 'version'> => {
  const running = Map.groupBy(state.admitted.values(), ({ pass }) => pass.projectId);
  const submitted = Map.groupBy(state.planned.values(), (pass) => pass.projectId);
  return {
    paused: planOf(state).paused,
    projects: projectIds.map((projectId, nth) => {
      const endpointId = sources[nth];
      const { paused, maxMailboxes, window } = planOf(state, { projectId });
      return {
        paused,
        held: heldByPlan(state, projectId, at),
        maxMailboxes: maxMailboxes ?? null,
        endpointLimit: endpointId === undefined ? null : (planOf(state, { endpointId }).maxMailboxes ?? null),
        window: window ?? null,
        running: running.get(projectId)?.length ?? 0,
        waiting: state.projects.get(projectId)?.waiting.length ?? 0,
        submitted: submitted.get(projectId)?.length ?? 0,
        nextAt: (submitted.get(projectId) ?? []).map(({ startAt }) => startAt).sort()[0] ?? null,
      };
    }),
  };
};
