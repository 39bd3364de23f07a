import { partStream, type PartEvent, type RecordedEvent } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import type { EventStore } from './event-store.js';

/** A part of a pass, and what is on its stream. */
export type PartOnRecord = { readonly partId: string; readonly events: readonly RecordedEvent<PartEvent>[] };

/** The parts that a pass has begun, in their order. One that was written off for another is left out: that has taken its place. */
export const readParts = async (store: EventStore, passId: string): Promise<readonly PartOnRecord[]> => {
  const parts: PartOnRecord[] = [];
  for (let again = 0; ; ) {
    const partId = deriveId('part', passId, parts.length + 1, ...(again === 0 ? [] : [again]));
    const events = await store.read(partStream(partId));
    if (events.length === 0) return parts;
    if (events.some(({ type }) => type === 'PartAbandoned')) {
      again++;
      continue;
    }
    parts.push({ partId, events });
    again = 0;
  }
};
