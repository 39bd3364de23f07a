import type { MailboxJobEvent } from '@pstream/contracts';
import { passSettings, rejected } from '@pstream/testing';
import type { MailboxJobCommand } from './commands.js';
import {
  at,
  begun,
  completed,
  failed,
  item,
  job,
  refs,
  start,
  started,
  stopped,
  stopRequested,
  sum,
  untouched,
  allListed,
} from './mailbox-job.fixture.js';
import { statusOf } from './state.js';

describe('a mailbox that is edited', () => {
  const ids = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm' };
  const edit = (change: { readonly source?: string; readonly destination?: string }): MailboxJobCommand => ({
    type: 'EditMailbox',
    at,
    refs: ids,
    item,
    ...change,
  });
  const edited = (change: Partial<typeof item>): MailboxJobEvent => ({ type: 'MailboxEdited', data: { ...ids, ...item, ...change, at } });
  const right = { source: 'eda@contoso.com' };

  it('is what it is from now on, also before anything was started', () => {
    untouched.given().when(edit(right)).then(edited(right));
    untouched
      .given(edited(right))
      .when(edit({ destination: 'eda.pst' }))
      .then(edited({ ...right, destination: 'eda.pst' }));
  });
  it('takes its new address into the next pass', () => {
    const { decision } = untouched.given(edited(right)).when(start('verify'));
    expect(decision).toMatchObject({
      accepted: true,
      events: [{ type: 'PassStarted', data: { settings: { source: 'eda@contoso.com' } } }],
    });
  });
  it('changes nothing where there is nothing to change', () =>
    job
      .given()
      .when(edit({ source: item.source }))
      .then());
  it('keeps a pass under way as it is', () => {
    job.given(started('full')).when(edit(right)).then(rejected('mailbox-job.pass-open'));
    job.given(started('full'), begun, stopRequested).when(edit(right)).then(rejected('mailbox-job.pass-open'));
  });
  it('gives up a pass that failed before it read anything', () => {
    job.given(started('full'), failed('full')).when(edit(right)).then(edited(right));
    const next = job.given(started('full'), failed('full'), edited(right));
    expect(statusOf(next.state)).toBe('Not Submitted');
    next.when({ type: 'ResumePass', at }).then(rejected('mailbox-job.not-stopped'));
    next.when(start('trial')).then({
      ...started('trial', 2),
      data: { ...started('trial', 2).data, settings: { ...passSettings, folder: 'trial', ...right } },
    } as MailboxJobEvent);
  });
  it('is no other mailbox once it has been read', () => {
    job.given(started('full'), begun, failed('full')).when(edit(right)).then(rejected('mailbox-job.already-read'));
    job
      .given(started('full'), completed('full', sum(1, 1, 0, 0)))
      .when(edit(right))
      .then(rejected('mailbox-job.already-read'));
  });
  it('gives up a pass whose very first PST has the name of something that is not ours', () => {
    const foreign = (name: string): MailboxJobEvent => ({
      type: 'PassFailed',
      data: { ...refs, kind: 'full', cause: { code: 'part.foreign-blob', facts: { name } }, at },
    });
    const other = { destination: 'ada-b.pst' };
    const refused = job.given(started('full'), begun, foreign(passSettings.destinationName));
    refused.when(edit(other)).then(edited(other));
    refused.when(start('full', '2027-01-01T00:00:00.000Z')).then(started('full', 2));
    refused.when({ type: 'ResumePass', at }).then({ type: 'PassResumed', data: { ...refs, attempt: 2, at } });
    job.given(started('full'), begun, foreign('ada.002.pst')).when(edit(other)).then(rejected('mailbox-job.already-read'));
    const exported = [started('trial'), completed('trial', sum(1, 1, 0, 0)), started('full', 2), begun];
    job
      .given(...exported, foreign(passSettings.destinationName))
      .when(edit(other))
      .then(rejected('mailbox-job.already-read'));
    const ofTrial = (name: string): MailboxJobEvent => {
      const event = foreign(name);
      return { ...event, data: { ...event.data, kind: 'trial' } } as MailboxJobEvent;
    };
    job
      .given(started('trial'), begun, ofTrial(`trial/${passSettings.destinationName}`))
      .when(edit(other))
      .then(edited(other));
    job.given(started('trial'), begun, ofTrial(passSettings.destinationName)).when(edit(other)).then(rejected('mailbox-job.already-read'));
  });
  it('is moved to another project under the same rules', () => {
    const move: MailboxJobCommand = { type: 'MoveMailbox', at, refs: ids, item, to: 'other' };
    const moved: MailboxJobEvent = { type: 'MailboxEdited', data: { ...ids, ...item, projectId: 'other', at } };
    job.given().when(move).then(moved);
    job.given(moved).when(move).then();
    job.given(moved).when(start('verify')).then(rejected('mailbox-job.unknown'));
    job.given(started('full'), begun, stopRequested, stopped).when(move).then(rejected('mailbox-job.already-read'));
  });
});

describe('a mailbox that is removed', () => {
  const ids = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm' };
  const remove = (stop = false): MailboxJobCommand => ({ type: 'RemoveMailbox', at, refs: ids, item, stop });
  const removed: MailboxJobEvent = { type: 'MailboxRemoved', data: { ...ids, at } };
  const requested: MailboxJobEvent = { type: 'MailboxRemovalRequested', data: { ...ids, at } };
  const confirm: MailboxJobCommand = { type: 'ConfirmStopped', at, passId: 'p1', attempt: 1 };

  it.each([
    ['before anything was started', []],
    ['completed', [started('full'), completed('full', sum(1, 1, 0, 0))]],
    ['failed', [started('full'), begun, failed('full')]],
    ['stopped', [started('full'), begun, stopRequested, stopped]],
    ['verified', [started('verify'), completed('verify', sum(0, 0, 0, 0))]],
  ] as const)('is gone: %s', (_state, events) =>
    job
      .given(...events)
      .when(remove())
      .then(removed),
  );
  it.each([[[started('full')]], [[started('full'), begun]], [[started('verify')]], [[started('full'), begun, stopRequested]]])(
    'stays while a pass is under way',
    (events) =>
      job
        .given(...events)
        .when(remove())
        .then(rejected('mailbox-job.pass-open')),
  );
  it('is stopped first if so asked, and gone when the pass has ended', () => {
    job.given(started('full'), begun).when(remove(true)).then(requested, stopRequested);
    job.given(started('full'), begun, requested, stopRequested).when(confirm).then(stopped, removed);
    job
      .given(started('full'), begun, requested, stopRequested)
      .when({ type: 'CompletePass', at, passId: 'p1', totals: sum(1, 1, 0, 0), ...allListed })
      .then(completed('full', sum(1, 1, 0, 0)), removed);
    job
      .given(started('full'), begun, requested, stopRequested)
      .when({ type: 'FailPass', at, passId: 'p1', attempt: 1, cause: { code: 'graph.x' } })
      .then(failed('full'), removed);
  });
  it('waits for a verification, which ends by itself', () => {
    job.given(started('verify')).when(remove(true)).then(requested);
    job
      .given(started('verify'), requested)
      .when({ type: 'CompletePass', at, passId: 'p1', totals: sum(0, 0, 0, 0), ...allListed })
      .then(completed('verify', sum(0, 0, 0, 0)), removed);
  });
  it('is asked once', () => job.given(started('full'), requested, stopRequested).when(remove(true)).then());
  it('is unknown from then on', () => {
    for (const command of [remove(), start('verify')]) job.given(removed).when(command).then(rejected('mailbox-job.unknown'));
    job.given(removed).when({ type: 'StopPass', at }).then(rejected('mailbox-job.not-running'));
    job.given(removed).when({ type: 'ResumePass', at }).then(rejected('mailbox-job.not-stopped'));
    expect(statusOf(job.given(removed).state)).toBeUndefined();
  });
  it('must have been in the project', () =>
    untouched.given().when({ type: 'RemoveMailbox', at, refs: ids, item: undefined, stop: false }).then(rejected('mailbox-job.unknown')));
});
