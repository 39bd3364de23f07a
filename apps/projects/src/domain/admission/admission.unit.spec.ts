import type { AdmissionEvent, ChangePlan, PlanWindow, QueuedPass } from '@pstream/contracts';
import { decide, type AdmissionLimits, type Heard } from './decide.js';
import { changePlan, heldByPlan, plansIn } from './plans.js';
import { dueIn, evolve, nobodyWaits, placesIn, type Admission } from './state.js';

const at = '2026-03-01T00:00:00.000Z';
const later = '2026-03-01T00:05:00.000Z';
const limits: AdmissionLimits = { total: 4, perEndpoint: 3, perProject: 2 };

/** Pass `name` of a project; the customer and the endpoint are named by the letters before: `c1/p1`. */
const pass = (name: string, more: Partial<QueuedPass> & { readonly customer?: string; readonly project?: string } = {}): QueuedPass => {
  const { customer = 'c', project = 'p', ...rest } = more;
  const refs = { workgroupId: 'w', customerId: customer, projectId: project, mailboxJobId: `m-${name}`, passId: name };
  return { ...refs, attempt: 1, endpoint: customer, ...rest };
};
const queued = (...passes: readonly QueuedPass[]): Heard[] => passes.map((one) => ({ is: 'queued', pass: one }));
const time: Heard = { is: 'time', version: 1 };
const left = (passId: string): Heard => ({ is: 'left', passId });

class Queue {
  readonly state: Admission = nobodyWaits();
  /** Settles what is heard; returns who is admitted by it. */
  hear(heard: readonly Heard[], bounds = limits, now = at): readonly string[] {
    const decision = decide({ heard, limits: bounds, at: now }, this.state);
    const events: readonly AdmissionEvent[] = decision.accepted ? decision.events : [];
    for (const event of events) evolve(this.state, event);
    return events.flatMap((event) => (event.type === 'PassesAdmitted' ? event.data.passes : []));
  }
  plan(paused: { readonly reason: string } | null, projectId?: string, now = at): readonly AdmissionEvent[] {
    return this.bind({ projectId, paused }, now);
  }
  bind(change: ChangePlan, now = at): readonly AdmissionEvent[] {
    const decision = changePlan({ ...change, by: 'eve', at: now }, this.state);
    const events = decision.accepted ? decision.events : [];
    for (const event of events) evolve(this.state, event);
    return events;
  }
  get waiting(): readonly string[] {
    return [...this.state.projects.values()].flatMap(({ waiting }) => waiting.map(({ passId }) => passId));
  }
}

describe('the admission', () => {
  it('admits as many mailboxes as a project may have, and the next one when one has ended', () => {
    const queue = new Queue();
    expect(queue.hear(queued(...['a', 'b', 'c', 'd'].map((name) => pass(name))))).toEqual(['a', 'b']);
    expect(queue.hear([left('a')])).toEqual(['c']);
    expect(queue.waiting).toEqual(['d']);
  });
  it('keeps to what a tenant grants, and to what is at work in all', () => {
    const queue = new Queue();
    const many = ['p', 'q', 'r'].flatMap((project) => [1, 2].map((n) => pass(`${project}${n}`, { project })));
    expect(queue.hear(queued(...many))).toEqual(['p1', 'q1', 'r1']);
    const others = [1, 2].map((n) => pass(`o${n}`, { customer: 'other', project: 'o' }));
    expect(queue.hear(queued(...others))).toEqual(['o1']);
    expect(queue.hear([left('p1')])).toEqual(['o2']);
  });
  it('passes over those of a project whose tenant has no place left', () => {
    const queue = new Queue();
    queue.hear(queued(...[1, 2, 3].map((n) => pass(`full${n}`, { project: `f${n}`, endpoint: 'old' }))));
    const edited = ['a', 'b', 'c', 'd'].map((name) => pass(name, { endpoint: name === 'c' ? 'new' : 'old' }));
    expect(queue.hear(queued(...edited))).toEqual(['c']);
    expect(queue.hear([left('full1')])).toEqual(['a']);
    expect(queue.waiting).toEqual(['b', 'd']);
  });
  it('is fair between customers, and between the projects of each', () => {
    const queue = new Queue();
    const wide = { total: 6, perEndpoint: 6, perProject: 6 };
    const of = (customer: string, project: string): QueuedPass[] => [1, 2, 3, 4].map((n) => pass(`${project}${n}`, { customer, project }));
    expect(queue.hear(queued(...of('a', 'x'), ...of('a', 'y'), ...of('b', 'z')), wide)).toEqual(['x1', 'z1', 'y1', 'z2', 'x2', 'z3']);
  });
  it('takes small mailboxes of a project first where their size is known, and a priority before that', () => {
    const queue = new Queue();
    const passes = [
      pass('unknown'),
      pass('big', { size: 1_000 }),
      pass('small', { size: 2 }),
      pass('urgent', { size: 5_000, priority: 1 }),
    ];
    const one = { ...limits, total: 1 };
    expect(queue.hear(queued(...passes), one)).toEqual(['urgent']);
    expect(queue.waiting).toEqual(['small', 'big', 'unknown']);
    expect([...placesIn(queue.state, 'p')]).toEqual([
      ['m-small', 1],
      ['m-big', 2],
      ['m-unknown', 3],
    ]);
    expect(queue.hear([left('urgent')], one)).toEqual(['small']);
    expect(queue.hear([left('small'), ...queued(pass('tiny', { size: 1 }))], one)).toEqual(['tiny']);
  });
  it('gives the place of one that waits for long to another, until it goes on', () => {
    const queue = new Queue();
    queue.hear(queued(...['a', 'b', 'c', 'd', 'e'].map((name) => pass(name))));
    expect(queue.hear([{ is: 'yielded', passId: 'a', until: later }])).toEqual(['c']);
    expect(queue.hear([{ is: 'yielded', passId: 'a', until: later }])).toEqual([]);
    // It counts again: nobody follows the next one that ends.
    expect(queue.hear([left('b')], limits, later)).toEqual([]);
    expect(queue.hear([left('c')], limits, later)).toEqual(['d']);
  });
  it('records that one waits only where another gets a place by it', () => {
    const queue = new Queue();
    const yielded = { is: 'yielded', passId: 'a', until: later } as const;
    queue.hear(queued(pass('a'), pass('b')));
    expect(decide({ heard: [yielded], limits, at }, queue.state)).toEqual({ accepted: true, events: [] });
    expect(queue.hear([yielded, ...queued(pass('c'))])).toEqual(['c']);
    expect(queue.state.admitted.get('a')?.until).toBe(later);
  });
  it('does not admit without end while everybody waits', () => {
    const queue = new Queue();
    const names = Array.from({ length: 30 }, (_, n) => `m${n}`);
    const wide = { total: 4, perEndpoint: 30, perProject: 30 };
    queue.hear(queued(...names.map((name) => pass(name))), wide);
    for (const passId of names) queue.hear([{ is: 'yielded', passId, until: later }], wide);
    expect(queue.state.admitted.size).toBe(8);
  });
  it('hears of everything once: what is repeated changes nothing', () => {
    const queue = new Queue();
    queue.hear(queued(pass('a'), pass('b'), pass('c')));
    const before = structuredClone(queue.state);
    expect(queue.hear([...queued(pass('a'), pass('c')), left('unknown'), { is: 'yielded', passId: 'c', until: later }])).toEqual([]);
    expect(queue.state).toEqual(before);
  });
  it('queues another attempt behind what waits, and lets one that was stopped go', () => {
    const queue = new Queue();
    const one = { ...limits, total: 1 };
    queue.hear(queued(pass('a'), pass('b'), pass('c')), one);
    expect(queue.hear([left('a'), ...queued(pass('a', { attempt: 2 }))], one)).toEqual(['b']);
    expect(queue.waiting).toEqual(['c', 'a']);
    queue.hear([left('c')], one);
    expect(queue.waiting).toEqual(['a']);
  });
  it('forgets a project of which nothing waits and nothing is at work', () => {
    const queue = new Queue();
    const one = { ...limits, total: 1 };
    queue.hear(queued(pass('a'), pass('b'), pass('x', { project: 'q' })), one);
    queue.hear([left('x')], one);
    expect([...queue.state.projects.keys()]).toEqual(['p']);
    queue.hear([left('a')], one);
    expect([...queue.state.projects.keys()]).toEqual(['p']);
    queue.hear([left('b')], one);
    expect(queue.state).toMatchObject({ projects: new Map(), waiting: new Map(), admitted: new Map() });
  });
  it('keeps one that is planned until it is queued, and forgets one that is stopped before', () => {
    const queue = new Queue();
    const planned = (name: string): QueuedPass => pass(name, { startAt: later });
    expect(queue.hear(queued(planned('a'), planned('b'), pass('c')))).toEqual(['c']);
    expect(queue.hear(queued(planned('a')), limits, later)).toEqual([]);
    expect([queue.waiting, dueIn(queue.state, at).length, dueIn(queue.state, later).map(({ passId }) => passId)]).toEqual([
      [],
      0,
      ['a', 'b'],
    ]);
    expect(queue.hear([left('b'), ...queued(pass('a'))], limits, later)).toEqual(['a']);
    expect(queue.state.planned.size).toBe(0);
    // Heard late, that it was planned changes nothing.
    expect(queue.hear(queued(planned('a')), limits, later)).toEqual([]);
    expect(queue.state.planned.size).toBe(0);
  });
  it('does not queue a planned one that is queued and stopped at once', () => {
    const queue = new Queue();
    queue.hear(queued(pass('a', { startAt: later })));
    expect(queue.hear([...queued(pass('a')), left('a')], limits, later)).toEqual([]);
    expect([queue.state.planned.size, queue.state.waiting.size]).toEqual([0, 0]);
  });
  it('moves one that gets another priority, within its project and in its turn among equals', () => {
    const queue = new Queue();
    const one = { ...limits, total: 1 };
    queue.hear(queued(...['a', 'b', 'c', 'd'].map((name) => pass(name))), one);
    const prioritised = (passId: string, priority: number): Heard => ({ is: 'prioritised', passId, priority });
    queue.hear([prioritised('d', 1), prioritised('b', -1), prioritised('gone', 5)], one);
    expect(queue.waiting).toEqual(['d', 'c', 'b']);
    // Heard together with the end of the one at work, it counts already.
    expect(queue.hear([left('a'), prioritised('c', 2)], one)).toEqual(['c']);
    queue.hear([prioritised('d', 0), prioritised('b', 0)], one);
    expect(queue.waiting).toEqual(['b', 'd']);
    expect(queue.hear([...queued(pass('e')), prioritised('e', 3), left('c')], one)).toEqual(['e']);
  });
  it('keeps the priority that a planned one gets', () => {
    const queue = new Queue();
    queue.hear(queued(pass('a', { startAt: later })));
    queue.hear([{ is: 'prioritised', passId: 'a', priority: 4 }]);
    expect(queue.state.planned.get('a')?.priority).toBe(4);
  });
  it('lets an attempt go without the one that followed it', () => {
    const queue = new Queue();
    const one = { ...limits, total: 1 };
    queue.hear(queued(pass('a', { attempt: 2 }), pass('b')), one);
    expect(queue.hear([{ is: 'left', passId: 'a', attempt: 1 }], one)).toEqual([]);
    expect(queue.hear([{ is: 'left', passId: 'b', attempt: 1 }, ...queued(pass('b', { attempt: 2 }))], one)).toEqual([]);
    expect(queue.hear([{ is: 'left', passId: 'a', attempt: 2 }], one)).toEqual(['b']);
    expect(queue.state.admitted.get('b')?.pass.attempt).toBe(2);
  });
  it('admits nobody while paused, and resumes where it stopped; those at work are finished', () => {
    const queue = new Queue();
    queue.hear(queued(pass('a'), pass('b'), pass('c'), pass('x', { project: 'q' })), { ...limits, total: 1 });
    queue.plan({ reason: 'moving' });
    expect(queue.hear([left('a'), ...queued(pass('d'))])).toEqual([]);
    queue.plan(null);
    expect(queue.hear([time])).toEqual(['x', 'b', 'c']);
  });
  it('pauses one project beside the others, and under a pause of all', () => {
    const queue = new Queue();
    queue.plan({ reason: 'ours' }, 'p');
    expect(queue.hear(queued(pass('a'), pass('x', { project: 'q' })))).toEqual(['x']);
    expect(heldByPlan(queue.state, 'p', at)).toEqual({ code: 'plan.project-paused', reason: 'ours', since: at, until: null });
    expect(heldByPlan(queue.state, 'q', at)).toBeNull();
    queue.plan({ reason: 'moving' }, undefined, later);
    expect(heldByPlan(queue.state, 'p', at)).toEqual({ code: 'plan.paused', reason: 'moving', since: later, until: null });
    queue.plan(null);
    expect(queue.hear([{ is: 'time', version: 1 }])).toEqual([]);
    const free = { maxMailboxes: null, endpointLimit: null, window: null };
    expect(plansIn(queue.state, ['q', 'p', 'none'], at)).toEqual({
      paused: null,
      projects: [
        { paused: null, held: null, running: 1, waiting: 0, submitted: 0, nextAt: null, ...free },
        {
          paused: { reason: 'ours', by: 'eve', since: at },
          held: heldByPlan(queue.state, 'p', at),
          running: 0,
          waiting: 1,
          submitted: 0,
          nextAt: null,
          ...free,
        },
        { paused: null, held: null, running: 0, waiting: 0, submitted: 0, nextAt: null, ...free },
      ],
    });
  });
  it('records a pause once, and keeps since when it lasts where only the reason is another', () => {
    const queue = new Queue();
    expect(queue.plan(null)).toEqual([]);
    expect(queue.plan({ reason: 'one' })).toHaveLength(1);
    expect(queue.plan({ reason: 'one' }, undefined, later)).toEqual([]);
    const paused = { reason: 'two', by: 'eve', since: at };
    expect(queue.plan({ reason: 'two' }, undefined, later)).toEqual([{ type: 'PlanChanged', data: { paused, at: later } }]);
  });
  it('keeps a project and a workgroup to the mailboxes that their plans allow', () => {
    const queue = new Queue();
    const wide = { total: 9, perEndpoint: 9, perProject: 3 };
    queue.bind({ projectId: 'p', maxMailboxes: 1 });
    queue.bind({ projectId: 'q', maxMailboxes: 8 });
    const many = ['p', 'q'].flatMap((project) => [1, 2, 3, 4].map((n) => pass(`${project}${n}`, { project })));
    expect(queue.hear(queued(...many), wide)).toEqual(['p1', 'q1', 'q2', 'q3']);
    queue.bind({ workgroupId: 'w', maxMailboxes: 3 });
    expect(queue.hear([left('p1')], wide)).toEqual([]);
    expect(queue.hear([left('q1')], wide)).toEqual(['p2']);
    queue.bind({ workgroupId: 'w', maxMailboxes: null });
    queue.bind({ projectId: 'p', maxMailboxes: null });
    expect(queue.hear([time], wide)).toEqual(['p3', 'q4', 'p4']);
  });
  it('begins nobody of a project outside its window, and says when it opens', () => {
    const queue = new Queue();
    const window: PlanWindow = { from: '20:00', to: '06:00', zone: 'UTC', days: ['mon'] };
    queue.bind({ projectId: 'p', window });
    // A Sunday.
    expect(queue.hear(queued(pass('a'), pass('x', { project: 'q' })))).toEqual(['x']);
    const until = '2026-03-02T20:00:00.000Z';
    const since = '2026-02-24T06:00:00.000Z';
    const held = { code: 'plan.outside-window', reason: '20:00-06:00 UTC, mon', since, until };
    expect(plansIn(queue.state, ['p'], at).projects[0]).toMatchObject({ held, window, waiting: 1 });
    expect(queue.hear([time], limits, '2026-03-02T19:59:59.999Z')).toEqual([]);
    expect(queue.hear([time], limits, until)).toEqual(['a']);
    expect(queue.bind({ projectId: 'p', window: { ...window } })).toEqual([]);
    expect(queue.bind({ projectId: 'p', window: null })).toHaveLength(1);
    expect(queue.state.plans.size).toBe(0);
  });
});
