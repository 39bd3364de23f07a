import type { AdmissionEvent, QueuedPass } from '@pstream/contracts';
import { accept, assertNever, type Decision } from '@pstream/kernel';
import { heldByPlan, planOf } from './plans.js';
import { before, isPlanned, type Admission, type Planned, type Waiting } from './state.js';

/** How many mailboxes may be worked on at once: in all, for one tenant and app, and for one project. */
export type AdmissionLimits = { readonly total: number; readonly perEndpoint: number; readonly perProject: number };

/** What was heard of a pass. */
export type Heard =
  | { readonly is: 'queued'; readonly pass: QueuedPass }
  | { readonly is: 'prioritised'; readonly passId: string; readonly priority: number }
  /** Time has passed: what waits for it may go on. `version` is that of the stream when somebody looked. */
  | { readonly is: 'time'; readonly version: number }
  /** It waits for something outside until this time. Forgotten where nobody gets a place by it: whoever says so says it again each time. */
  | { readonly is: 'yielded'; readonly passId: string; readonly until: string }
  /** It has ended, or was stopped: this attempt and those before it, or all of them. */
  | { readonly is: 'left'; readonly passId: string; readonly attempt?: number };

export type SettleAdmission = { readonly heard: readonly Heard[]; readonly limits: AdmissionLimits; readonly at: string };

/** Those that gave their place away come back all at once at worst: no more than this many times the limit are at work then. */
const MOST_YIELDED = 2;

/** Takes note of what was heard, and gives free places to passes that wait: to the customer with the fewest mailboxes at work, of it to the project
 *  with the fewest, of it to the next one in its order. */
export const decide = ({ heard, limits, at }: SettleAdmission, state: Admission): Decision<AdmissionEvent> => {
  const news = newsOf(heard, state);
  const { left, yielded } = news;
  const [planned, queued] = [[...news.planned.values()], [...news.queued.values()]];
  const moved = movedIn(news, state);
  const facts: AdmissionEvent[] = [];
  if (left.size > 0) facts.push({ type: 'PassesLeft', data: { passes: [...left], at } });
  if (planned.length > 0) facts.push({ type: 'PassesPlanned', data: { passes: planned, at } });
  if (moved.length > 0)
    facts.push({ type: 'PassesPrioritised', data: { passes: moved.map(({ passId, priority = 0 }) => ({ passId, priority })), at } });
  if (queued.length > 0) facts.push({ type: 'PassesQueued', data: { passes: queued, at } });
  const admitted = choose(state, { left, queued, moved, yielded }, limits, at);
  if (admitted.length === 0) return accept(...facts);
  const staying = [...yielded].flatMap(([passId, until]) => (left.has(passId) ? [] : [{ passId, until }]));
  if (staying.length > 0) facts.push({ type: 'PassesYielded', data: { passes: staying, at } });
  return accept(...facts, { type: 'PassesAdmitted', data: { passes: admitted, at } });
};

type News = {
  readonly left: Set<string>;
  readonly queued: Map<string, QueuedPass>;
  readonly planned: Map<string, QueuedPass>;
  readonly priorities: Map<string, number>;
  readonly yielded: Map<string, string>;
};

/** What is new in what was heard, all of it together. */
const newsOf = (heard: readonly Heard[], state: Admission): News => {
  const news: News = { left: new Set(), queued: new Map(), planned: new Map(), priorities: new Map(), yielded: new Map() };
  for (const one of heard) {
    switch (one.is) {
      case 'queued':
        noteQueued(one.pass, news, state);
        break;
      case 'prioritised': {
        const { passId, priority } = one;
        const fresh = [news.queued, news.planned].find((passes) => passes.has(passId));
        const pass = fresh?.get(passId);
        if (fresh !== undefined && pass !== undefined) fresh.set(passId, { ...pass, priority });
        else news.priorities.set(passId, priority);
        break;
      }
      case 'left':
        noteLeft(one, news, state);
        break;
      case 'time':
        break;
      case 'yielded':
        if (state.admitted.has(one.passId) && (state.admitted.get(one.passId)?.until ?? '') < one.until)
          news.yielded.set(one.passId, one.until);
        break;
      default:
        assertNever(one);
    }
  }
  return news;
};

const noteQueued = (pass: QueuedPass, { left, queued, planned }: News, state: Admission): void => {
  const { passId, attempt } = pass;
  const known = knownAs(passId, state);
  if (isPlanned(pass)) {
    if (known === undefined && !queued.has(passId) && !left.has(passId) && !state.planned.has(passId)) planned.set(passId, pass);
    return;
  }
  planned.delete(passId);
  if (!left.has(passId) && known !== undefined && known.attempt >= attempt) return;
  if (known !== undefined) left.add(passId);
  queued.set(passId, pass);
};

const noteLeft = (
  { passId, attempt = Infinity }: Extract<Heard, { is: 'left' }>,
  { left, queued, planned }: News,
  state: Admission,
): void => {
  planned.delete(passId);
  if ((queued.get(passId)?.attempt ?? 0) <= attempt) queued.delete(passId);
  const known = knownAs(passId, state) ?? state.planned.get(passId);
  if (known !== undefined && known.attempt <= attempt) left.add(passId);
};

/** Passes that wait, with another priority than they had. */
const movedIn = ({ priorities, left, queued }: News, state: Admission): readonly (Waiting | Planned)[] =>
  [...priorities].flatMap(([passId, priority]) => {
    const known = left.has(passId) || queued.has(passId) ? undefined : (state.waiting.get(passId) ?? state.planned.get(passId));
    return known === undefined || (known.priority ?? 0) === priority ? [] : [{ ...known, priority }];
  });

const knownAs = (passId: string, state: Admission): Waiting | undefined => state.waiting.get(passId) ?? state.admitted.get(passId)?.pass;

type Changes = {
  readonly left: ReadonlySet<string>;
  readonly queued: readonly QueuedPass[];
  readonly moved: readonly (Waiting | Planned)[];
  readonly yielded: ReadonlyMap<string, string>;
};
type Candidate = {
  readonly customerId: string;
  readonly projectId: string;
  /** Mailboxes that it may have at work by its plan. */
  readonly most: number;
  readonly next: Iterator<Waiting>;
  first: Waiting | undefined;
  turn: number;
};

class Counts {
  readonly #counts = new Map<string, number>();
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
  add(...names: readonly string[]): void {
    for (const name of names) this.#counts.set(name, this.of(name) + 1);
  }
}

const namesOf = ({ workgroupId, customerId, projectId, endpoint, endpointId }: QueuedPass): readonly string[] => [
  'all',
  `workgroup/${workgroupId}`,
  `customer/${customerId}`,
  `project/${projectId}`,
  `source/${endpoint}`,
  ...(endpointId === undefined ? [] : [`endpoint/${endpointId}`]),
];

/** The passes that get the free places, in the order in which they get them. */
const choose = (state: Admission, { left, queued, moved, yielded }: Changes, limits: AdmissionLimits, at: string): string[] => {
  const counts = new Counts();
  let atWork = 0;
  for (const [passId, { pass, until }] of state.admitted) {
    if (left.has(passId)) continue;
    atWork++;
    if ((yielded.get(passId) ?? until ?? '') <= at) counts.add(...namesOf(pass));
  }
  const waiting = moved.flatMap((pass) => ('seq' in pass ? [pass] : []));
  const candidates = candidatesOf(state, new Set([...left, ...waiting.map(({ passId }) => passId)]), queued, waiting).filter(
    ({ projectId }) => heldByPlan(state, projectId, at) === null,
  );
  const isFull = ({ endpoint, endpointId, workgroupId }: Waiting): boolean =>
    counts.of(`source/${endpoint}`) >= limits.perEndpoint ||
    (endpointId !== undefined && counts.of(`endpoint/${endpointId}`) >= (planOf(state, { endpointId }).maxMailboxes ?? Infinity)) ||
    counts.of(`workgroup/${workgroupId}`) >= (planOf(state, { workgroupId }).maxMailboxes ?? Infinity);
  /** Those whose tenant, endpoint or workgroup has no place left are passed over: none is set free while the places are given. */
  const mayGo = (one: Candidate): boolean => {
    if (counts.of(`project/${one.projectId}`) >= Math.min(limits.perProject, one.most)) return false;
    while (one.first !== undefined && isFull(one.first)) one.first = following(one.next);
    return one.first !== undefined;
  };
  const chosen: string[] = [];
  let { turns } = state;
  while (counts.of('all') < limits.total && atWork < limits.total * MOST_YIELDED) {
    const next = candidates
      .filter(mayGo)
      .reduce<Candidate | undefined>((best, one) => (best === undefined || isFirst(one, best, counts) ? one : best), undefined);
    if (next?.first === undefined) break;
    chosen.push(next.first.passId);
    counts.add(...namesOf(next.first));
    atWork++;
    next.turn = ++turns;
    next.first = following(next.next);
  }
  return chosen;
};

const isFirst = (a: Candidate, b: Candidate, counts: Counts): boolean => {
  const byCustomer = counts.of(`customer/${a.customerId}`) - counts.of(`customer/${b.customerId}`);
  if (byCustomer !== 0) return byCustomer < 0;
  const byProject = counts.of(`project/${a.projectId}`) - counts.of(`project/${b.projectId}`);
  return byProject === 0 ? a.turn < b.turn : byProject < 0;
};

const following = (passes: Iterator<Waiting>): Waiting | undefined => {
  const { done, value } = passes.next();
  return done === true ? undefined : value;
};

const candidatesOf = (
  state: Admission,
  left: ReadonlySet<string>,
  queued: readonly QueuedPass[],
  moved: readonly Waiting[],
): Candidate[] => {
  const fresh = Map.groupBy(
    [...moved, ...queued.map((pass, n): Waiting => ({ ...pass, seq: state.seq + 1 + n }))],
    ({ projectId }) => projectId,
  );
  const mostOf = (projectId: string): number => planOf(state, { projectId }).maxMailboxes ?? Infinity;
  const candidates: Candidate[] = [];
  for (const [projectId, { customerId, waiting, turn }] of state.projects) {
    if (waiting.length === 0 && !fresh.has(projectId)) continue;
    const next = inOrder(waiting, fresh.get(projectId) ?? [], left);
    candidates.push({ customerId, projectId, most: mostOf(projectId), turn, next, first: following(next) });
    fresh.delete(projectId);
  }
  for (const [projectId, passes] of fresh) {
    const next = inOrder([], passes, left);
    candidates.push({ customerId: passes[0]!.customerId, projectId, most: mostOf(projectId), turn: 0, next, first: following(next) });
  }
  return candidates;
};

/** Those who wait, in order, with those who have just come among them. */
function* inOrder(waiting: readonly Waiting[], fresh: readonly Waiting[], left: ReadonlySet<string>): Generator<Waiting> {
  const coming = [...fresh].sort((a, b) => (before(a, b) ? -1 : 1));
  for (const pass of waiting) {
    if (left.has(pass.passId)) continue;
    while (coming[0] !== undefined && before(coming[0], pass)) yield coming.shift()!;
    yield pass;
  }
  yield* coming;
}
