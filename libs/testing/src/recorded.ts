import { streamName, type Context, type DomainEvent, type RecordedEvent } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';

/** Dresses events as the store would: versions count on from `after` (default 0), ids follow from stream and version. */
export const recorded = <E extends DomainEvent>(
  context: Context,
  stream: string,
  events: readonly E[],
  options: { readonly after?: number; readonly at?: string; readonly commandId?: string; readonly by?: string } = {},
): RecordedEvent<E>[] => {
  const after = options.after ?? 0;
  return events.map((event, index) => ({
    ...event,
    id: deriveId('event', stream, after + index + 1),
    context,
    stream: streamName(stream),
    version: after + index + 1,
    at: options.at ?? '2026-01-01T00:00:00.000Z',
    metadata: { commandId: options.commandId ?? deriveId('command', stream, after + index + 1), by: options.by ?? 'test' },
  }));
};
