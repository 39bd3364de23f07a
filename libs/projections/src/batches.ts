import type { RecordedEvent } from '@pstream/contracts';
import type { Hole, Projection } from './projection.js';

/** Applies events to one generation of a projection, or to each that there is, and returns what was missing. */
export type Apply = (projection: Projection, events: readonly RecordedEvent[], generation: string | undefined) => Promise<readonly Hole[]>;

type Waiting = {
  readonly projection: Projection;
  readonly events: readonly RecordedEvent[];
  readonly generation: string | undefined;
  readonly resolve: (holes: readonly Hole[]) => void;
  readonly reject: (error: unknown) => void;
};

/** Events applied together at most, unless one batch alone holds more. */
const MOST_EVENTS = 250;

/** One writer for each projection: batches that arrive while it is at work (the partitions of a topic, say) go together into the next one. */
export class Batches {
  readonly #apply: Apply;
  readonly #queues = new Map<string, Waiting[]>();

  constructor(apply: Apply) {
    this.#apply = apply;
  }

  apply(projection: Projection, events: readonly RecordedEvent[], generation: string | undefined): Promise<readonly Hole[]> {
    return new Promise((resolve, reject) => {
      const waiting = { projection, events, generation, resolve, reject };
      const queue = this.#queues.get(projection.name);
      if (queue !== undefined) queue.push(waiting);
      else {
        this.#queues.set(projection.name, [waiting]);
        void this.#work(projection.name);
      }
    });
  }

  async #work(name: string): Promise<void> {
    const queue = this.#queues.get(name) ?? [];
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const { projection, generation } = first;
      const together = queue.splice(0, togetherIn(queue));
      const events = together.flatMap((one) => one.events);
      try {
        const holes = await this.#apply(projection, events, generation);
        for (const one of together) one.resolve(holes.length === 0 ? holes : ownOf(one.events, holes));
      } catch (error) {
        for (const one of together) one.reject(error);
      }
    }
    this.#queues.delete(name);
  }
}

/** How many batches at the head of a queue go together: those for the same generation by the same declaration, in their order. */
const togetherIn = (queue: readonly Waiting[]): number => {
  const [first] = queue;
  let events = 0;
  const end = queue.findIndex((one) => {
    events += one.events.length;
    return one !== first && (one.projection !== first?.projection || one.generation !== first.generation || events > MOST_EVENTS);
  });
  return end < 0 ? queue.length : end;
};

const ownOf = (events: readonly RecordedEvent[], holes: readonly Hole[]): readonly Hole[] => {
  const streams = new Set(events.map(({ stream }) => stream));
  return holes.filter(({ stream }) => (streams as ReadonlySet<string>).has(stream));
};
