import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromCloudEvent, toCloudEvent, type RecordedEvent } from './envelope.js';
import { EVENT_SCHEMAS, eventFaults } from './event-schemas.js';
import { ItemMeta, WorkUnit } from './extraction.js';

// What each release published is kept in golden/<release>/ and never edited: today's code must read it.

const golden = join(import.meta.dirname, '..', 'golden');
const read = <T>(release: string, file: string): T => JSON.parse(readFileSync(join(golden, release, file), 'utf8')) as T;

describe.each(readdirSync(golden).sort())('what release %s published', (release) => {
  const events = read<RecordedEvent[]>(release, 'events.json');
  const messages = read<{ work: unknown[]; items: unknown[] }>(release, 'messages.json');

  it.each(events.map((event) => [event.type, event] as const))('%s is still read as it was meant', (_type, event) => {
    expect(eventFaults(event)).toEqual([]);
  });
  it.each(events.map((event) => [event.type, event] as const))('%s goes through a CloudEvent unchanged', (_type, event) => {
    const { headers, value } = toCloudEvent(event);
    expect(fromCloudEvent(headers, value)).toEqual(event);
  });
  it.each(messages.work.map((unit) => [(unit as { kind: string }).kind, unit] as const))(
    'a work unit to %s is still understood',
    (_kind, unit) => {
      expect(WorkUnit.parse(unit)).toEqual(unit);
    },
  );
  it.each(messages.items.map((meta) => [(meta as { kind: string }).kind, meta] as const))(
    'an item record of kind %s is still understood',
    (_kind, meta) => {
      expect(ItemMeta.parse(meta)).toEqual(meta);
    },
  );
});

describe('the releases together', () => {
  it('have a golden event of every type', () => {
    const events = readdirSync(golden).flatMap((release) => read<RecordedEvent[]>(release, 'events.json'));
    expect(new Set(events.map((event) => event.type))).toEqual(new Set(Object.keys(EVENT_SCHEMAS)));
    for (const event of events) expect(EVENT_SCHEMAS[event.type as keyof typeof EVENT_SCHEMAS].context).toBe(event.context);
  });
});

describe('an event that is not as its schema says', () => {
  it('is told by field', () =>
    expect(eventFaults({ type: 'PassBegun', data: { passId: 1 } })).toContain('passId: Invalid input: expected string, received number'));
  it('of an unknown type is told', () => expect(eventFaults({ type: 'Nothing', data: {} })).toEqual(['type: Nothing is not known']));
});
