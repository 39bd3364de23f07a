import type { MailboxJobEvent } from '@pstream/contracts';
import { rejected } from '@pstream/testing';
import type { MailboxJobCommand } from './commands.js';
import {
  allListed,
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
const over = (parts: 'keep' | 'delete'): MailboxJobCommand => ({
  type: 'StartOver',
  refs: mailbox,
  item,
  parts,
  next: 'ada-2.pst',
  at,
});
const startedOver = (parts: 'keep' | 'delete', destination: string, passIds = ['p1']): MailboxJobEvent => ({
  type: 'MailboxStartedOver',
  data: { ...mailbox, passIds, parts, destination, at },
});
const until = '2027-01-01T00:00:00.000Z';
const exported = [started('full'), completed('full', sum(10, 8, 1, 1))] as const;

describe('a mailbox that starts over', () => {
  it('gives its next PSTs another name where the old ones are kept, and the same where they are deleted', () => {
    job
      .given(...exported)
      .when(over('keep'))
      .then(startedOver('keep', 'ada-2.pst'));
    job
      .given(...exported)
      .when(over('delete'))
      .then(startedOver('delete', 'ada.pst'));
  });
  it('is as it was at first, with the numbers of its passes going on', () => {
    const again = job.given(...exported, startedOver('keep', 'ada-2.pst'));
    expect(again.state).toMatchObject({ is: 'not-submitted', exported: false, mailbox: sum(0, 0, 0, 0), keptNames: ['ada.pst'] });
    expect(statusOf(again.state)).toBe('Not Submitted');
    again.when(start('retry-errors')).then(rejected('mailbox-job.nothing-to-retry'));
    const { decision } = again.when(start('full', until));
    expect(decision).toMatchObject({
      accepted: true,
      events: [{ type: 'PassStarted', data: { number: 2, settings: { destinationName: 'ada-2.pst' } } }],
    });
    expect(again.when(start('trial')).decision).toMatchObject({ accepted: true });
  });
  it('may do so in every state without a pass under way, so also when nothing else can be done', () => {
    const ended: MailboxJobEvent = { type: 'PassFailed', data: { ...refs, kind: 'full', cause: { code: 'pass.sum-does-not-hold' }, at } };
    for (const open of [ended, failed('full')])
      job.given(started('full'), begun, open).when(over('delete')).then(startedOver('delete', 'ada.pst'));
    job.given(started('full'), begun, stopRequested, stopped).when(over('delete')).then(startedOver('delete', 'ada.pst'));
    for (const under of [[], [begun], [begun, stopRequested]])
      job
        .given(started('full'), ...under)
        .when(over('delete'))
        .then(rejected('mailbox-job.pass-open'));
  });
  it('ignores what is heard of the pass that it gave up', () => {
    const again = job.given(started('full'), begun, failed('full'), startedOver('delete', 'ada.pst'));
    again.when({ type: 'CompletePass', ...allListed, at, passId: 'p1', totals: sum(1, 1, 0, 0) }).then();
    again.when({ type: 'ResumePass', at }).then(rejected('mailbox-job.not-stopped'));
  });
  it('has something to start over', () => {
    for (const events of [[], [started('verify'), completed('verify', sum(0, 0, 0, 0))], [started('full'), failed('full')]])
      job
        .given(...events)
        .when(over('keep'))
        .then(rejected('mailbox-job.nothing-to-start-over'));
  });
  it('keeps its name where only a Trial was exported, which is elsewhere', () => {
    job
      .given(started('trial'), completed('trial', sum(1, 1, 0, 0)))
      .when(over('keep'))
      .then(startedOver('keep', 'ada.pst'));
  });
  it('of an earlier release takes its line item along', () => {
    untouched
      .given(...exported)
      .when(over('delete'))
      .then(opened, startedOver('delete', 'ada.pst'));
  });
});
