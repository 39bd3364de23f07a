import type { RecordedEvent } from '@pstream/contracts';
import { assert, Fault } from '@pstream/kernel';
import type { Document, Hole, Projection } from './projection.js';

// What both stores do in the same way: everything that needs no database.

/** A document as a store keeps it. `document` is null after a deletion: what it has seen must stay, or a repeated event
 *  would bring it back. */
export type Row = { readonly document: Document | null; readonly seen: Readonly<Record<string, number>> };

/** The generation that a projection starts with. */
export const FIRST_GENERATION = 'g0';

/** Names become names of tables and collections. */
export const checkNames = (projection: string, generation: string): void => {
  assert(/^[a-z][a-z0-9_]{0,60}$/.test(projection), `not a projection's name: ${projection}`);
  assert(/^[a-z0-9][a-z0-9_]{0,40}$/.test(generation) && !generation.includes('__'), `not a generation's name: ${generation}`);
};

/** A generation that neither is live nor is being filled. */
export const generationGone = (projection: string, generation: string): Fault =>
  new Fault('projection.generation-gone', {
    retry: 'never',
    facts: { projection, generation },
    advice: 'Another rebuild of this projection has started since; only the last one counts.',
  });

/** Separates what follows on from what is known and what stands behind a hole. `positions` moves along. */
export const separate = (
  events: readonly RecordedEvent[],
  positions: Map<string, number>,
  generation: string,
): { readonly fresh: readonly RecordedEvent[]; readonly holes: readonly Hole[] } => {
  const fresh: RecordedEvent[] = [];
  const holes = new Map<string, Hole>();
  for (const event of events) {
    const seen = positions.get(event.stream) ?? 0;
    if (event.version <= seen) continue;
    if (event.version === seen + 1 && !holes.has(event.stream)) {
      fresh.push(event);
      positions.set(event.stream, event.version);
    } else if (!holes.has(event.stream)) {
      holes.set(event.stream, { generation, stream: event.stream, seen, next: event.version });
    }
  }
  return { fresh, holes: [...holes.values()] };
};

/** The events that concern each document, in order. */
export const byDocument = (projection: Projection, events: readonly RecordedEvent[]): Map<string, RecordedEvent[]> => {
  const documents = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    for (const id of new Set(projection.keys(event))) {
      const list = documents.get(id);
      if (list === undefined) documents.set(id, [event]);
      else list.push(event);
    }
  }
  return documents;
};

/** Events in runs that concern at most `most` documents together; an event that concerns more is a run of its own. */
export const runsOf = (projection: Projection, events: readonly RecordedEvent[], most: number): readonly (readonly RecordedEvent[])[] => {
  const runs: RecordedEvent[][] = [];
  let documents = Infinity;
  for (const event of events) {
    const more = Math.max(1, projection.keys(event).length);
    if (documents + more > most) {
      runs.push([]);
      documents = 0;
    }
    runs.at(-1)?.push(event);
    documents += more;
  }
  return runs;
};

/** The row after the events, or undefined if it has seen them all. */
export const evolveRow = (projection: Projection, id: string, row: Row | undefined, events: readonly RecordedEvent[]): Row | undefined => {
  let document = row?.document ?? null;
  const seen: Record<string, number> = { ...row?.seen };
  let changed = false;
  for (const event of events) {
    if (event.version <= (seen[event.stream] ?? 0)) continue;
    document = projection.evolve(document, event, id);
    seen[event.stream] = event.version;
    changed = true;
  }
  return changed ? { document, seen } : undefined;
};
