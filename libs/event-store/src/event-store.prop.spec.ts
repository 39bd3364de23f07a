import { streamName, type DomainEvent } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import fc from 'fast-check';
import type { EventStore } from './event-store.js';
import { memoryEventStore } from './sqlite-event-store.js';

/** The whole contract in a dozen lines: lists of events, and what each command was answered. */
class Model {
  readonly streams = new Map<string, DomainEvent[]>();
  readonly answers = new Map<string, { version: number; types: string[] }>();

  append(stream: string, expectedVersion: number, commandId: string, types: string[]): { version: number; types: string[] } | 'conflict' {
    const known = this.answers.get(commandId);
    if (known !== undefined) return known;
    const events = this.streams.get(stream) ?? [];
    if (events.length !== expectedVersion) return 'conflict';
    events.push(...types.map((type) => ({ type, data: null })));
    this.streams.set(stream, events);
    const answer = { version: events.length, types };
    this.answers.set(commandId, answer);
    return answer;
  }
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('append' as const),
    stream: fc.constantFrom('a:1', 'a:2', 'b:1'),
    /** Off by this much from the true version. */
    off: fc.constantFrom(0, 0, 0, 0, -1, 1, 2),
    command: fc.nat(30),
    types: fc.array(fc.constantFrom('Opened', 'Changed', 'Closed'), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ do: fc.constant('publish' as const), limit: fc.integer({ min: 1, max: 5 }) }),
);

describe('event store', () => {
  it('behaves like its model under any sequence of appends and publications', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store: EventStore = memoryEventStore();
        const model = new Model();
        const published = new Map<string, number>();
        for (const each of steps) {
          if (each.do === 'publish') {
            const commits = await store.unpublished(each.limit);
            for (const event of commits.flatMap((commit) => commit.events)) {
              expect(event.version).toBe((published.get(event.stream) ?? 0) + 1);
              published.set(event.stream, event.version);
            }
            await store.markPublished(commits.map((commit) => commit.id));
            continue;
          }
          const expectedVersion = Math.max(0, (model.streams.get(each.stream)?.length ?? 0) + each.off);
          const commandId = `command-${each.command}`;
          const answered = await store
            .append({
              context: 'projects',
              stream: streamName(each.stream),
              expectedVersion,
              events: each.types.map((type) => ({ type, data: null })),
              at: '2026-01-01T00:00:00.000Z',
              metadata: { commandId, by: 'user-1' },
            })
            .then(
              ({ version, events }) => ({ version, types: events.map((event) => event.type) }),
              (error: unknown) =>
                isFault(error) && error.code === 'event-store.version-conflict' ? ('conflict' as const) : Promise.reject(error),
            );
          expect(answered).toEqual(model.append(each.stream, expectedVersion, commandId, each.types));
        }
        for (const [stream, events] of model.streams) {
          const stored = await store.read(streamName(stream));
          expect(stored.map(({ type, data }) => ({ type, data }))).toEqual(events);
          expect(stored.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
        }
        await store.close();
      }),
      { numRuns: 150 },
    );
  });
});
