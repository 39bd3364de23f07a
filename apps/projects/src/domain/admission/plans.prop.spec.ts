import { windowAt, type AdmissionEvent, type PlanWindow } from '@pstream/contracts';
import fc from 'fast-check';
import { decide, type Heard } from './decide.js';
import { changePlan } from './plans.js';
import { evolve, nobodyWaits } from './state.js';

const limits = { total: 5, perEndpoint: 4, perProject: 3 };
const BEGIN = Date.parse('2027-03-26T00:00:00.000Z');
const HOUR = 3_600_000;
const projects = ['p', 'q', 'r'] as const;

const project = fc.constantFrom(...projects);
/** Both lead to the same tenant. */
const endpoint = fc.constantFrom('e-1', 'e-2');
const scope = fc.oneof(project, fc.constant(undefined));
const windows: readonly PlanWindow[] = [
  { from: '20:00', to: '06:00', zone: 'Europe/Berlin', days: ['fri', 'sat', 'sun'] },
  { from: '02:30', to: '04:00', zone: 'Europe/Berlin', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
  { from: '00:00', to: '00:00', zone: 'America/New_York', days: ['sun'] },
];
const step = fc.oneof(
  fc.record({ do: fc.constant('start' as const), project, endpoint }),
  fc.record({ do: fc.constant('end' as const), nth: fc.nat(4) }),
  fc.record({ do: fc.constant('pause' as const), scope, paused: fc.boolean() }),
  fc.record({ do: fc.constant('window' as const), project, window: fc.oneof(fc.constantFrom(...windows), fc.constant(null)) }),
  fc.record({ do: fc.constant('limit' as const), project, most: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(null)) }),
  fc.record({ do: fc.constant('limit all' as const), most: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(null)) }),
  fc.record({ do: fc.constant('limit endpoint' as const), endpoint, most: fc.oneof(fc.integer({ min: 1, max: 2 }), fc.constant(null)) }),
  fc.record({ do: fc.constant('time' as const), hours: fc.integer({ min: 1, max: 30 }) }),
);

/** A queue beside a plain record of what was asked of it: what is paused, within which window, and how many may be at work. */
class Run {
  readonly #state = nobodyWaits();
  readonly #paused = new Set<string | undefined>();
  readonly #windows = new Map<string, PlanWindow>();
  readonly #most = new Map<string, number>();
  readonly started = new Map<string, string>();
  readonly #endpoints = new Map<string, string>();
  readonly begun: string[] = [];
  readonly ended = new Set<string>();
  #now = BEGIN;
  #asked = 0;

  take(one: (typeof step extends fc.Arbitrary<infer T> ? T : never) | { readonly do: 'free' }): void {
    switch (one.do) {
      case 'start': {
        const passId = `pass-${this.started.size}`;
        this.started.set(passId, one.project);
        this.#endpoints.set(passId, one.endpoint);
        const ids = { workgroupId: 'w', customerId: 'c', projectId: one.project, mailboxJobId: `m-${passId}`, passId };
        return this.#hear({ is: 'queued', pass: { ...ids, attempt: 1, endpoint: 'e', endpointId: one.endpoint } });
      }
      case 'end': {
        const passId = this.#atWork()[one.nth];
        if (passId === undefined) return;
        this.ended.add(passId);
        return this.#hear({ is: 'left', passId });
      }
      case 'pause':
        if (one.paused) this.#paused.add(one.scope);
        else this.#paused.delete(one.scope);
        return this.#plan({ projectId: one.scope, paused: one.paused ? { reason: 'why' } : null });
      case 'window':
        if (one.window === null) this.#windows.delete(one.project);
        else this.#windows.set(one.project, one.window);
        return this.#plan({ projectId: one.project, window: one.window });
      case 'limit':
        this.#bound(one.project, one.most);
        return this.#plan({ projectId: one.project, maxMailboxes: one.most });
      case 'limit all':
        this.#bound('all', one.most);
        return this.#plan({ workgroupId: 'w', maxMailboxes: one.most });
      case 'limit endpoint':
        this.#bound(one.endpoint, one.most);
        return this.#plan({ endpointId: one.endpoint, maxMailboxes: one.most });
      case 'time':
        this.#now += one.hours * HOUR;
        return this.#look();
      case 'free':
        for (const projectId of [...projects, undefined]) this.take({ do: 'pause', scope: projectId, paused: false });
        for (const name of projects) this.take({ do: 'window', project: name, window: null });
        while (this.#atWork().length > 0) this.take({ do: 'end', nth: 0 });
    }
  }

  #atWork(): readonly string[] {
    return this.begun.filter((passId) => !this.ended.has(passId));
  }

  #bound(name: string, most: number | null): void {
    if (most === null) this.#most.delete(name);
    else this.#most.set(name, most);
  }

  #plan(change: Omit<Parameters<typeof changePlan>[0], 'by' | 'at'>): void {
    const decision = changePlan({ ...change, by: 'eve', at: this.#at }, this.#state);
    if (decision.accepted) for (const event of decision.events) evolve(this.#state, event);
    this.#look();
  }

  #look(): void {
    this.#hear({ is: 'time', version: ++this.#asked });
  }

  get #at(): string {
    return new Date(this.#now).toISOString();
  }

  #hear(heard: Heard): void {
    const decision = decide({ heard: [heard], limits, at: this.#at }, this.#state);
    const events: readonly AdmissionEvent[] = decision.accepted ? decision.events : [];
    for (const event of events) {
      evolve(this.#state, event);
      if (event.type !== 'PassesAdmitted') continue;
      for (const passId of event.data.passes) this.#begin(passId);
    }
  }

  /** No pass begins while it may not. */
  #begin(passId: string): void {
    const projectId = this.started.get(passId)!;
    const window = this.#windows.get(projectId);
    expect([this.#paused.has(undefined), this.#paused.has(projectId)]).toEqual([false, false]);
    if (window !== undefined) expect(windowAt(window, this.#at).open).toBe(true);
    this.begun.push(passId);
    const atWork = this.#atWork();
    const ofProject = atWork.filter((one) => this.started.get(one) === projectId).length;
    expect(ofProject).toBeLessThanOrEqual(this.#most.get(projectId) ?? limits.perProject);
    const through = this.#endpoints.get(passId)!;
    const sameEndpoint = atWork.filter((one) => this.#endpoints.get(one) === through).length;
    expect(sameEndpoint).toBeLessThanOrEqual(this.#most.get(through) ?? limits.perEndpoint);
    expect(atWork.length).toBeLessThanOrEqual(this.#most.get('all') ?? limits.perEndpoint);
  }
}

describe('plans', () => {
  it('let no pass begin outside its window, while it is paused or over a limit, and none is forgotten', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = new Run();
        for (const one of steps) run.take(one);
        run.take({ do: 'free' });
        // Each once.
        expect(run.begun.toSorted()).toEqual([...run.started.keys()].toSorted());
      }),
      { numRuns: 300 },
    );
  });
});
