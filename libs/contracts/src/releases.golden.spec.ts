import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { streamName, toCloudEvent, type RecordedEvent } from './envelope.js';
import { EVENTS, fromCloudEvent } from './events.js';
import type { ItemMeta, WorkUnit } from './extraction.js';
import { itemRecord, readItemRecord, readWorkUnit, workRecord } from './topic-records.js';

// What each release published is kept in golden/<release>/ and never edited: today's code must read it.

const golden = join(import.meta.dirname, '..', 'golden');
const read = <T>(release: string, file: string): T => JSON.parse(readFileSync(join(golden, release, file), 'utf8')) as T;

describe.each(readdirSync(golden).sort())('what release %s published', (release) => {
  const events = read<RecordedEvent[]>(release, 'events.json');
  const messages = read<{ work: WorkUnit[]; items: ItemMeta[] }>(release, 'messages.json');

  it.each(events.map((event) => [event.type, event] as const))('%s is still read as it was meant', (_type, event) => {
    const { headers, value } = toCloudEvent(event);
    expect(fromCloudEvent(headers, value)).toEqual(event);
  });
  it.each(messages.work.map((unit) => [unit.kind, unit] as const))('a work unit to %s is still understood', (_kind, unit) => {
    expect(readWorkUnit(workRecord(unit))).toEqual(unit);
  });
  it.each(messages.items.map((meta) => [meta.kind, meta] as const))('an item record of kind %s is still understood', (_kind, meta) => {
    expect(readItemRecord(itemRecord('job', meta))).toEqual(meta);
  });
});

describe('the releases together', () => {
  it('have a golden event of every type, in its context', () => {
    const events = readdirSync(golden).flatMap((release) => read<RecordedEvent[]>(release, 'events.json'));
    const types = Object.entries(EVENTS).flatMap(([context, schemas]) => Object.keys(schemas).map((type) => `${context} ${type}`));
    expect(new Set(events.map(({ context, type }) => `${context} ${type}`))).toEqual(new Set(types));
    expect(new Set(types.map((name) => name.split(' ')[1])).size).toBe(types.length);
  });
});

describe('an event that several consumers read', () => {
  it('is read once for each record', () => {
    const [event] = read<RecordedEvent[]>(readdirSync(golden)[0] ?? '', 'events.json');
    const { headers, value } = toCloudEvent(event!);
    expect(fromCloudEvent(headers, value)).toBe(fromCloudEvent(headers, value));
    expect(fromCloudEvent({ ...headers, ce_id: 'another' }, value).id).toBe('another');
  });
});

describe('an event that cannot be read', () => {
  const event: RecordedEvent = {
    id: 'e-1',
    context: 'projects',
    stream: streamName('mailbox-job:j'),
    version: 1,
    type: 'PassBegun',
    at: '2026-01-01T00:00:00.000Z',
    data: { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'j', passId: 'secret', at: '2026-01-01T00:00:00.000Z' },
    metadata: { commandId: 'c-1', by: 'u' },
  };
  const reading = (changed: RecordedEvent, headers: Readonly<Record<string, string>> = {}, value?: Uint8Array): unknown => {
    const record = toCloudEvent(changed);
    try {
      return fromCloudEvent({ ...record.headers, ...headers }, value ?? record.value);
    } catch (error) {
      return error;
    }
  };
  const unreadable = (facts: object): object => ({ name: 'Fault', code: 'event.unreadable', retry: 'never', facts });

  it('is named by the field at fault, without what it holds', () => {
    const fault = reading({ ...event, data: { ...(event.data as object), passId: ['secret'] } });
    expect(fault).toMatchObject(unreadable({ type: 'PassBegun', fields: ['passId: Invalid input: expected string, received array'] }));
    expect(String(fault)).not.toContain('secret');
  });
  it('is one of an unknown type', () =>
    expect(reading({ ...event, type: 'Nothing' })).toMatchObject(unreadable({ header: 'ce_type', context: 'projects', type: 'Nothing' })));
  it('is one of a type that every object has', () =>
    expect(reading({ ...event, type: 'toString' })).toMatchObject(unreadable({ header: 'ce_type', type: 'toString' })));
  it('is one of another context than its type', () =>
    expect(reading({ ...event, context: 'build' })).toMatchObject(unreadable({ header: 'ce_type', context: 'build' })));
  it('is one of a later version of its schema', () =>
    expect(reading(event, { ce_type: 'pstream.projects.PassBegun.v2' })).toMatchObject(unreadable({ header: 'ce_type' })));
  it.each(['', '0', '-1', '1.5', 'x'])('is one with the sequence "%s"', (ce_sequence) =>
    expect(reading(event, { ce_sequence })).toMatchObject(unreadable({ header: 'ce_sequence' })),
  );
  it('is one without a header', () => {
    const { ce_subject: _subject, ...headers } = toCloudEvent(event).headers;
    expect(() => fromCloudEvent(headers, toCloudEvent(event).value)).toThrow(expect.objectContaining(unreadable({ header: 'ce_subject' })));
  });
  it('is one that is no JSON', () => {
    const fault = reading(event, {}, new TextEncoder().encode('secret{'));
    expect(fault).toMatchObject(unreadable({ fields: ['value: is not JSON'] }));
    expect(String(fault)).not.toContain('secret');
  });
});

describe('what a later release adds', () => {
  it('is left out of an event, on every level', () => {
    const totals = { discovered: 1, exported: 1, skipped: 0, failed: 0 };
    const events = readdirSync(golden).flatMap((release) => read<RecordedEvent[]>(release, 'events.json'));
    const event = events.find(({ type }) => type === 'BuildFinished')!;
    const data = { ...(event.data as object), totals };
    const { headers, value } = toCloudEvent({ ...event, data: { ...data, more: 1, totals: { ...totals, archived: 2 } } });
    expect(fromCloudEvent(headers, value).data).toEqual(data);
  });
  it('is left out of a unit of work and an item record', () => {
    const unit = read<{ work: WorkUnit[] }>('0.1.0', 'messages.json').work[0]!;
    const later: WorkUnit = Object.assign({}, unit, { more: 1 });
    expect(readWorkUnit(workRecord(later))).toEqual(unit);
    const item = read<{ items: ItemMeta[] }>('0.1.0', 'messages.json').items.find(({ kind }) => kind === 'item')!;
    const mailbox = { id: 'm', version: 'beta' };
    const laterItem: ItemMeta = Object.assign({}, item, { mailbox: { ...mailbox, region: 'eu' } });
    expect(readItemRecord(itemRecord('job', laterItem))).toEqual({ ...item, mailbox });
  });
});

describe('a record of the work topic or the items topic that cannot be read', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const item =
    (text: string): (() => ItemMeta) =>
    (): ItemMeta =>
      readItemRecord({ headers: { 'ps-meta': text } });
  const fault = (code: string, facts: object): unknown => expect.objectContaining({ name: 'Fault', code, retry: 'never', facts });

  it('is one of an unknown kind', () => {
    const fields = [expect.stringMatching(/^kind: Invalid/)];
    expect(() => readWorkUnit({ value: bytes('{"kind":"secret"}') })).toThrow(fault('work-unit.unreadable', { fields }) as Error);
    expect(item('{"kind":"secret"}')).toThrow(fault('item-record.unreadable', { fields }) as Error);
  });
  it('is one that is no JSON, or no object', () => {
    for (const text of ['', 'secret', 'null', '[]', '1']) {
      expect(() => readWorkUnit({ value: bytes(text) })).toThrow(expect.objectContaining({ code: 'work-unit.unreadable' }));
      expect(item(text)).toThrow(expect.objectContaining({ code: 'item-record.unreadable' }));
      expect(item(text)).not.toThrow(/secret/);
    }
  });
  it('is an item record without its header', () =>
    expect(() => readItemRecord({ headers: {} })).toThrow(fault('item-record.unreadable', { header: 'ps-meta' }) as Error));
  it('is named by the field at fault', () => {
    const unit = { ...read<{ work: WorkUnit[] }>('0.1.0', 'messages.json').work[0], kind: 'page', page: 'secret' };
    expect(() => readWorkUnit({ value: bytes(JSON.stringify(unit)) })).toThrow(
      fault('work-unit.unreadable', { fields: expect.arrayContaining([expect.stringMatching(/^page: /)]) }) as Error,
    );
  });
});
