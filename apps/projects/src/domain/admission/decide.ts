import type { AdmissionEvent, QueuedPass } from '@pstream/contracts';
import { accept, type Decision } from '@pstream/kernel';
import { before, type Admission, type Waiting } from './state.js';

/** How many mailboxes may be worked on at once: in all, for one tenant and app, and for one project. */
export type AdmissionLimits = { readonly total: number; readonly perEndpoint: number; readonly perProject: number };

/** What was heard of a pass. */
export type Heard =
  | { readonly is: 'queued'; readonly pass: QueuedPass }
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
  const left = new Set<string>();
  const queued = new Map<string, QueuedPass>();
  const yielded = new Map<string, string>();
  for (const one of heard) {
    if (one.is === 'queued') {
      const { passId, attempt } = one.pass;
      const known = knownAs(passId, state);
      if (!left.has(passId) && known !== undefined && known.attempt >= attempt) continue;
      if (known !== undefined) left.add(passId);
      queued.set(passId, one.pass);
    } else if (one.is === 'left') {
      const { passId, attempt = Infinity } = one;
      if ((queued.get(passId)?.attempt ?? 0) <= attempt) queued.delete(passId);
      const known = knownAs(passId, state);
      if (known !== undefined && known.attempt <= attempt) left.add(passId);
    } else if (state.admitted.has(one.passId) && (state.admitted.get(one.passId)?.until ?? '') < one.until)
      yielded.set(one.passId, one.until);
  }
  const facts: AdmissionEvent[] = [];
  if (left.size > 0) facts.push({ type: 'PassesLeft', data: { passes: [...left], at } });
  if (queued.size > 0) facts.push({ type: 'PassesQueued', data: { passes: [...queued.values()], at } });
  const admitted = choose(state, { left, queued: [...queued.values()], yielded }, limits, at);
  if (admitted.length === 0) return accept(...facts);
  const staying = [...yielded].flatMap(([passId, until]) => (left.has(passId) ? [] : [{ passId, until }]));
  if (staying.length > 0) facts.push({ type: 'PassesYielded', data: { passes: staying, at } });
  return accept(...facts, { type: 'PassesAdmitted', data: { passes: admitted, at } });
};

const knownAs = (passId: string, state: Admission): Waiting | undefined => state.waiting.get(passId) ?? state.admitted.get(passId)?.pass;

type Changes = {
  readonly left: ReadonlySet<string>;
  readonly queued: readonly QueuedPass[];
  readonly yielded: ReadonlyMap<string, string>;
};
type Candidate = {
  readonly customerId: string;
  readonly projectId: string;
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

const namesOf = ({ customerId, projectId, endpoint }: QueuedPass): readonly string[] => [
  'all',
  `customer/${customerId}`,
  `project/${projectId}`,
  `endpoint/${endpoint}`,
];

/** The passes that get the free places, in the order in which they get them. */
const choose = (state: Admission, { left, queued, yielded }: Changes, limits: AdmissionLimits, at: string): string[] => {
  const counts = new Counts();
  let atWork = 0;
  for (const [passId, { pass, until }] of state.admitted) {
    if (left.has(passId)) continue;
    atWork++;
    if ((yielded.get(passId) ?? until ?? '') <= at) counts.add(...namesOf(pass));
  }
  const candidates = candidatesOf(state, left, queued);
  const isFull = ({ endpoint }: Waiting): boolean => counts.of(`endpoint/${endpoint}`) >= limits.perEndpoint;
  /** Those whose tenant has no place left are passed over: none is set free while the places are given. */
  const mayGo = (one: Candidate): boolean => {
    if (counts.of(`project/${one.projectId}`) >= limits.perProject) return false;
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

const candidatesOf = (state: Admission, left: ReadonlySet<string>, queued: readonly QueuedPass[]): Candidate[] => {
  const fresh = Map.groupBy(
    queued.map((pass, n): Waiting => ({ ...pass, seq: state.seq + 1 + n })),
    ({ projectId }) => projectId,
  );
  const candidates: Candidate[] = [];
  for (const [projectId, { customerId, waiting, turn }] of state.projects) {
    if (waiting.length === 0 && !fresh.has(projectId)) continue;
    const next = inOrder(waiting, fresh.get(projectId) ?? [], left);
    candidates.push({ customerId, projectId, turn, next, first: following(next) });
    fresh.delete(projectId);
  }
  for (const [projectId, passes] of fresh) {
    const next = inOrder([], passes, left);
    candidates.push({ customerId: passes[0]!.customerId, projectId, turn: 0, next, first: following(next) });
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
