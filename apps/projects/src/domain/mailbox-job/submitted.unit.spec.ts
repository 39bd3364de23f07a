import type { MailboxJobEvent, PassKind } from '@pstream/contracts';
import { rejected } from '@pstream/testing';
import type { MailboxJobCommand } from './commands.js';
import { at, item, job, opened, refs, start, started, stopped, untouched } from './mailbox-job.fixture.js';
import { statusOf } from './state.js';

const startAt = '2026-03-02T20:00:00.000Z';
const { passId: _passId, ...ids } = refs;
const submit = (kind: PassKind, more: object = {}): MailboxJobCommand =>
  ({ ...start(kind, '2027-01-01T00:00:00.000Z'), startAt, ...more }) as MailboxJobCommand;
const submitted = (kind: PassKind): MailboxJobEvent =>
  ({ type: 'PassStarted', data: { ...started(kind).data, startAt } }) as MailboxJobEvent;
const due: MailboxJobEvent = { type: 'PassDue', data: { ...refs, at: startAt } };
const queue = (now: string): MailboxJobCommand => ({ type: 'QueuePass', passId: refs.passId, at: now });
const admit: MailboxJobCommand = { type: 'AdmitPass', passId: refs.passId, attempt: 1, at: startAt };
const prioritised = (priority: number): MailboxJobEvent => ({ type: 'MailboxPrioritised', data: { ...ids, priority, at } });
const prioritise = (priority: number, projectId = 'p'): MailboxJobCommand => ({
  type: 'PrioritiseMailbox',
  refs: { ...ids, projectId },
  item,
  priority,
  at,
});

describe('a pass that is submitted for a time', () => {
  it.each(['verify', 'trial', 'full'] as const)('is Submitted until that has come (%s)', (kind) => {
    job.given().when(submit(kind)).then(submitted(kind));
    expect(statusOf(job.given(submitted(kind)).state)).toBe('Submitted');
    expect(statusOf(job.given(submitted(kind), due).state)).toBe(kind === 'verify' ? 'Verifying' : 'Queued');
  });
  it('needs a bundle that is valid then', () => {
    job
      .given()
      .when(submit('full', { coveredUntil: startAt }))
      .then(rejected('licence.expired'));
    job
      .given()
      .when(submit('full', { coveredUntil: '2026-03-02T20:00:00.001Z' }))
      .then(submitted('full'));
  });
  it('is queued once, and not before its time', () => {
    job.given(submitted('full')).when(queue('2026-03-02T19:59:59.999Z')).then();
    job.given(submitted('full')).when(queue(startAt)).then(due);
    job.given(submitted('full'), due).when(queue(startAt)).then();
    job.given(submitted('full'), stopped).when(queue(startAt)).then();
    job
      .given(submitted('full'))
      .when({ ...queue(startAt), passId: 'other' } as MailboxJobCommand)
      .then();
  });
  it('gets no place before', () => {
    job.given(submitted('full')).when(admit).then();
    job
      .given(submitted('full'), due)
      .when(admit)
      .then({ type: 'PassAdmitted', data: { ...refs, attempt: 1, at: startAt } });
  });
  it('is cancelled at once by a stop, and another may take its place', () => {
    job.given(submitted('verify')).when({ type: 'StopPass', at }).then(stopped);
    job
      .given(submitted('full'), stopped)
      .when(submit('full'))
      .then({ type: 'PassStarted', data: { ...submitted('full').data, number: 2 } } as MailboxJobEvent);
  });
  it('that was cancelled goes on at once when it is resumed; a verification has nothing to go on with', () => {
    job
      .given(submitted('full'), stopped)
      .when({ type: 'ResumePass', at })
      .then({ type: 'PassResumed', data: { ...refs, attempt: 2, at } });
    const resumed: MailboxJobEvent = { type: 'PassResumed', data: { ...refs, attempt: 2, at } };
    expect(statusOf(job.given(submitted('full'), stopped, resumed).state)).toBe('Queued');
    job.given(submitted('verify'), stopped).when({ type: 'ResumePass', at }).then(rejected('mailbox-job.not-stopped'));
  });
  it('goes with its mailbox, if it may be stopped', () => {
    const remove = (stop: boolean): MailboxJobCommand => ({ type: 'RemoveMailbox', refs, item, stop, at });
    job.given(submitted('full')).when(remove(false)).then(rejected('mailbox-job.pass-open'));
    job
      .given(submitted('full'))
      .when(remove(true))
      .then(stopped, { type: 'MailboxRemoved', data: { ...refs, at } });
  });
});

describe('the priority of a mailbox', () => {
  it('is recorded when it is another one, with the line item when the mailbox is first acted on', () => {
    untouched.given().when(prioritise(5)).then(opened, prioritised(5));
    job.given(prioritised(5)).when(prioritise(5)).then();
    job.given(prioritised(5)).when(prioritise(0)).then(prioritised(0));
    job.given().when(prioritise(5, 'q')).then(rejected('mailbox-job.unknown'));
  });
  it('is given at the start too, and stays', () => {
    job
      .given()
      .when(submit('trial', { priority: 9 }))
      .then(prioritised(9), submitted('trial'));
    expect(job.given(prioritised(9), submitted('trial'), stopped).state.priority).toBe(9);
  });
  it('changes nothing else of a mailbox that has a pass', () => {
    expect(statusOf(job.given(started('full'), prioritised(9)).state)).toBe('Queued');
    job.given(started('full')).when(prioritise(9)).then(prioritised(9));
  });
});
