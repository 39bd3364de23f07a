import type { RecordedEvent } from '@pstream/contracts';
import { deepStrictEqual } from 'node:assert';
import { byDocument, evolveRow } from './applying.js';
import type { Document, Projection } from './projection.js';

/** The document that a projection makes of events, null if none. */
export const documentAfter = <D extends Document>(projection: Projection<D>, id: string, events: readonly RecordedEvent[]): D | null => {
  const concerning = byDocument(projection, events).get(id) ?? [];
  return (evolveRow(projection, id, undefined, concerning)?.document ?? null) as D | null;
};

/** For specs of projections: `expectDocument(progress, 'job:1').after(...events).toBe({ exported: 50 })`. `toBe` compares
 *  deeply, with undefined fields left out, as a store would; null means that there is no document. */
export const expectDocument = <D extends Document>(
  projection: Projection<D>,
  id: string,
): { after(...events: readonly RecordedEvent[]): { toBe(expected: D | null): void } } => ({
  after: (...events) => ({
    toBe: (expected) => deepStrictEqual(asStored(documentAfter(projection, id, events)), asStored(expected)),
  }),
});

const asStored = (document: Document | null): unknown => JSON.parse(JSON.stringify(document));
