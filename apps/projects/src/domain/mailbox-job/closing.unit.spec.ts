import type { MailboxJobEvent } from '@pstream/contracts';
import { rejected } from '@pstream/testing';
import type { MailboxJobCommand } from './commands.js';
import {
  at,
  begun,
  completed,
  failed,
  item,
  job,
  opened,
  refs,
  start,
  started,
  stopRequested,
  stopped,
  sum,
  untouched,
} from './mailbox-job.fixture.js';
import { statusOf } from './state.js';

const { passId: _passId, ...mailbox } = refs;
const close: MailboxJobCommand = { type: 'CloseMailbox', refs: mailbox, item, at };
const closed: MailboxJobEvent = { type: 'MailboxClosed', data: { ...mailbox, at } };
const until = '2027-01-01T00:00:00.000Z';

describe('a mailbox whose project is closed', () => {
  it('is closed once, whatever was exported of it, and keeps its status', () => {
    untouched.given().when(close).then(opened, closed);
    job
      .given(started('full'), completed('full', sum(3, 3, 0, 0)))
      .when(close)
      .then(closed);
    job.given(closed).when(close).then();
    const failure = job.given(started('full'), begun, failed('full'), closed);
    expect(statusOf(failure.state)).toBe('Failed');
  });
  it('is not closed while a pass is under way', () => {
    job.given(started('full'), begun).when(close).then(rejected('mailbox-job.pass-open'));
    job.given(started('full'), begun, stopRequested).when(close).then(rejected('mailbox-job.pass-open'));
  });
  it('is left alone where it is in another project, or in none', () => {
    const moved: MailboxJobEvent = { type: 'MailboxEdited', data: { ...mailbox, ...item, projectId: 'another', at } };
    job.given(moved).when(close).then();
    job
      .given({ type: 'MailboxRemoved', data: { ...mailbox, at } })
      .when(close)
      .then();
  });
  it('is not exported, resumed, changed or moved any more, but may be removed', () => {
    const stop = job.given(started('full'), begun, stopRequested, stopped, closed);
    stop.when({ type: 'ResumePass', at }).then(rejected('project.closed'));
    for (const kind of ['verify', 'trial', 'full', 'retry-errors'] as const) {
      stop.when(start(kind, until)).then(rejected('project.closed'));
      job.given(closed).when(start(kind, until)).then(rejected('project.closed'));
    }
    const placed = { refs: mailbox, item, at };
    for (const command of [
      { type: 'StartOver', parts: 'keep', next: 'ada-2.pst', ...placed },
      { type: 'EditMailbox', destination: 'b.pst', ...placed },
      { type: 'MoveMailbox', to: 'another', ...placed },
      { type: 'PrioritiseMailbox', priority: 1, ...placed },
    ] as const)
      job.given(closed).when(command).then(rejected('project.closed'));
    stop.when({ type: 'RemoveMailbox', stop: false, ...placed }).then({ type: 'MailboxRemoved', data: { ...mailbox, at } });
  });
});
