import type { PassRefs, RecordedEvent } from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { passSettings } from '@pstream/testing';
import { mailboxes } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const event = (type: string, data: object = {}): RecordedEvent => ({ type, data: { ...refs, ...data, at } }) as unknown as RecordedEvent;

const started = event('PassStarted', { number: 1, kind: 'full', settings: passSettings });
const [begun, stopRequested, stopped] = ['PassBegun', 'PassStopRequested', 'PassStopped'].map((type) => event(type)) as [
  RecordedEvent,
  RecordedEvent,
  RecordedEvent,
];
const resumed = event('PassResumed', { attempt: 2 });
const admitted = event('PassAdmitted', { attempt: 2 });
const failed = event('PassFailed', { kind: 'full', cause: { code: 'graph.x' } });

const after = (...events: readonly RecordedEvent[]): Document | null =>
  events.reduce<Document | null>((document, each) => mailboxes.evolve(document, each, 'm'), null);

describe('a pass that is submitted for a time', () => {
  const startAt = '2026-03-02T20:00:00.000Z';
  const submitted = (kind: string): RecordedEvent => event('PassStarted', { number: 1, kind, settings: passSettings, startAt });
  const due = event('PassDue');
  it('is Submitted until then, and says when that is', () => {
    expect(after(submitted('full'))).toMatchObject({ status: 'Submitted', pass: { startedAt: at, startAt } });
    expect(after(submitted('full'), due)).toMatchObject({ status: 'Queued', pass: { startedAt: at, startAt: null } });
    expect(after(submitted('verify'), due)).toMatchObject({ status: 'Verifying' });
    expect(after(submitted('full'), due, begun)).toMatchObject({ status: 'Migrating' });
  });
  it('says so no longer when it is cancelled', () =>
    expect(after(submitted('full'), stopped)).toMatchObject({ status: 'Stopped', pass: { startAt: null } }));
  it('leaves the priority of its mailbox', () =>
    expect(after(event('MailboxPrioritised', { priority: 5 }), submitted('full'), due)).toMatchObject({ priority: 5 }));
});

describe('a pass that begins', () => {
  it('is migrating', () => expect(after(started, begun)).toMatchObject({ status: 'Migrating', begun: true }));
  it.each([
    ['Stopping', [started, stopRequested]],
    ['Stopped', [started, stopRequested, stopped]],
    ['Failed', [started, failed]],
    ['Queued', [started, stopRequested, stopped, resumed]],
    ['Migrating', [started, stopRequested, stopped, resumed, admitted]],
  ] as const)('stays %s when that is known late', (status, events) => {
    expect(after(...events, begun)).toMatchObject({ status, begun: true });
  });
  it('is migrating again when another one takes its place', () => {
    const next = event('PassStarted', { passId: 'y', number: 2, kind: 'full', settings: passSettings });
    expect(after(started, stopRequested, stopped, resumed, admitted, failed, next, event('PassBegun', { passId: 'y' }))).toMatchObject({
      status: 'Migrating',
    });
  });
});

describe('a mailbox that gets another name', () => {
  const foreign = (name: string): RecordedEvent =>
    event('PassFailed', { kind: 'trial', cause: { code: 'part.foreign-blob', facts: { name } } });
  const { destinationName } = passSettings;
  const opened = event('MailboxJobOpened', { source: 'a@contoso.com', destination: destinationName });
  const edited = event('MailboxEdited', { source: 'a@contoso.com', destination: 'b.pst' });
  it.each([
    ['Not Submitted', destinationName],
    ['Not Submitted', `trial/${destinationName}`],
    ['Failed', 'c.pst'],
  ] as const)('is %s after a pass that found another file as %s', (status, name) => {
    expect(after(opened, started, begun, foreign(name), edited)).toMatchObject({ status });
  });
});
