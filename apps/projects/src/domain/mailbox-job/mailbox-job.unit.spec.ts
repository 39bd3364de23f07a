import type { MailboxJobEvent, Totals } from '@pstream/contracts';
import { passSettings, rejected } from '@pstream/testing';
import type { MailboxJobCommand } from './commands.js';
import {
  allListed,
  at,
  begun,
  completed,
  failed,
  inTrial,
  item,
  job,
  opened,
  refs,
  settings,
  start,
  started,
  stopRequested,
  stopped,
  sum,
  untouched,
} from './mailbox-job.fixture.js';
import { statusOf } from './state.js';

describe('a mailbox', () => {
  it('takes its line item along when it is first acted on', () => untouched.given().when(start('verify')).then(opened, started('verify')));
  it('keeps the line item that it has', () => {
    const other = { ...item, destination: 'other.pst' };
    job
      .given()
      .when({ ...start('verify'), item: other } as MailboxJobCommand)
      .then(started('verify'));
  });
  it('of an earlier release takes its line item along with its next pass', () => {
    untouched
      .given(started('full'), completed('full', sum(1, 1, 0, 0)))
      .when(start('verify'))
      .then(opened, started('verify', 2));
  });
  it('is not known in another project', () => {
    job
      .given()
      .when({ ...start('verify'), refs: { ...refs, projectId: 'other' } } as MailboxJobCommand)
      .then(rejected('mailbox-job.unknown'));
  });
  it('has the status that its last pass left', () => {
    const status = (...events: MailboxJobEvent[]): string | undefined => statusOf(job.given(...events).state);
    expect([
      status(),
      status(started('full')),
      status(started('full'), begun),
      status(started('full'), begun, stopRequested),
      status(started('full'), stopRequested, stopped),
      status(started('full'), completed('full', sum(1, 1, 0, 0))),
      status(started('full'), completed('full', sum(1, 0, 0, 1))),
      status(started('full'), failed('full')),
      status(started('verify')),
      status(started('verify'), completed('verify', sum(0, 0, 0, 0))),
      status(started('verify'), failed('verify')),
    ]).toEqual([
      'Not Submitted',
      'Queued',
      'Migrating',
      'Stopping',
      'Stopped',
      'Completed',
      'Completed with errors',
      'Failed',
      'Verifying',
      'Verified',
      'Verification failed',
    ]);
  });
});

describe('a verification', () => {
  const exported = [started('full'), completed('full', sum(2, 1, 0, 1))];
  const status = (...events: MailboxJobEvent[]): string | undefined => statusOf(job.given(...events).state);
  it('leaves a mailbox that was exported so', () =>
    expect(status(...exported, started('verify', 2), completed('verify', sum(0, 0, 0, 0), sum(2, 1, 0, 1)))).toBe('Completed with errors'));
  it('that failed says so, and another pass may follow', () => {
    const broken = job.given(...exported, started('verify', 2), failed('verify'));
    expect(statusOf(broken.state)).toBe('Verification failed');
    broken.when(start('full', '2027-01-01T00:00:00.000Z')).then(started('full', 3));
  });
});

describe('a Full Migration', () => {
  it('needs an applied bundle', () => job.given().when(start('full')).then(rejected('licence.not-applied')));
  it('needs none where nobody is asked for licences', () => {
    const { decision } = job.given().when({ ...start('full'), needsNoLicence: true } as MailboxJobCommand);
    expect(decision).toMatchObject({ accepted: true, events: [{ type: 'PassStarted', data: { kind: 'full' } }] });
  });
  it('needs a bundle that has not expired', () => job.given().when(start('full', at)).then(rejected('licence.expired')));
  it('starts with the settings of now', () => job.given().when(start('full', '2027-01-01T00:00:00.000Z')).then(started('full')));
  it('does not start while a pass is open', () =>
    job.given(started('verify')).when(start('full', '2027-01-01T00:00:00.000Z')).then(rejected('mailbox-job.pass-open')));
  it('completes when its sum holds', () => {
    job
      .given(started('full'), begun)
      .when({ type: 'CompletePass', ...allListed, at, passId: 'p1', totals: sum(10, 8, 1, 1) })
      .then(completed('full', sum(10, 8, 1, 1)));
  });
  it('fails when items are unaccounted for, whatever else was reported', () => {
    const { decision } = job
      .given(started('full'), begun)
      .when({ type: 'CompletePass', ...allListed, at, passId: 'p1', totals: sum(10, 8, 1, 0) });
    expect(decision).toMatchObject({
      accepted: true,
      events: [{ type: 'PassFailed', data: { cause: { code: 'pass.sum-does-not-hold', facts: { unaccounted: 1 } } } }],
    });
  });
  it('that ended with items unaccounted for is at its end: neither resumed nor followed by another pass', () => {
    const ended: MailboxJobEvent = { type: 'PassFailed', data: { ...refs, kind: 'full', cause: { code: 'pass.sum-does-not-hold' }, at } };
    job.given(started('full'), begun, ended).when({ type: 'ResumePass', at }).then(rejected('mailbox-job.built-to-its-end'));
    for (const kind of ['full', 'verify'] as const)
      job.given(started('full'), begun, ended).when(start(kind, '2027-01-01T00:00:00.000Z')).then(rejected('mailbox-job.built-to-its-end'));
  });
  it('may be run again, for what is new', () => {
    job
      .given(started('full'), completed('full', sum(10, 8, 1, 1)))
      .when(start('full', '2027-01-01T00:00:00.000Z'))
      .then(started('full', 2));
  });
  it('adds what it discovered to the sum of the mailbox', () => {
    job
      .given(started('full'), completed('full', sum(10, 8, 1, 1)), started('full', 2))
      .when({ type: 'CompletePass', ...allListed, at, passId: 'p1', totals: sum(3, 2, 0, 1) })
      .then(completed('full', sum(3, 2, 0, 1), sum(13, 10, 1, 2)));
  });
  it('is resumed, not started again, after a failure', () => {
    const broken = job.given(started('full'), begun, failed('full'));
    broken.when(start('full', '2027-01-01T00:00:00.000Z')).then(rejected('mailbox-job.resume-instead'));
    broken.when({ type: 'ResumePass', at }).then({ type: 'PassResumed', data: { ...refs, attempt: 2, at } });
  });
  it('that failed before it read anything is resumed, or started again with the settings of now', () => {
    const broken = job.given(started('full'), failed('full'));
    broken.when({ type: 'ResumePass', at }).then({ type: 'PassResumed', data: { ...refs, attempt: 2, at } });
    broken.when(start('full', '2027-01-01T00:00:00.000Z')).then(started('full', 2));
    broken.when(start('verify')).then(started('verify', 2));
  });
  it('is admitted once for each attempt, and waits for its place before', () => {
    const admit = (attempt: number): MailboxJobCommand => ({ type: 'AdmitPass', at, passId: 'p1', attempt });
    const admitted = (attempt: number): MailboxJobEvent => ({ type: 'PassAdmitted', data: { ...refs, attempt, at } });
    const resumed: MailboxJobEvent = { type: 'PassResumed', data: { ...refs, attempt: 2, at } };
    job.given(started('full')).when(admit(1)).then(admitted(1));
    job.given(started('full'), admitted(1)).when(admit(1)).then();
    expect(job.given(started('full'), admitted(1)).state).toMatchObject({ is: 'queued', pass: { admitted: true } });
    job.given(started('full'), admitted(1), begun, failed('full'), resumed).when(admit(2)).then(admitted(2));
    expect(job.given(started('full'), begun, failed('full'), resumed, admitted(2)).state).toMatchObject({ is: 'migrating' });
  });
  describe('that was stopped while it was queued', () => {
    const begin: MailboxJobCommand = { type: 'BeginPass', at, passId: 'p1' };
    const resumed: MailboxJobEvent = { type: 'PassResumed', data: { ...refs, attempt: 2, at } };
    const again: MailboxJobEvent = { type: 'PassAdmitted', data: { ...refs, attempt: 2, at } };
    it.each([
      ['Migrating', [started('full'), stopRequested, stopped, resumed, again]],
      ['Stopping', [started('full'), stopRequested]],
      ['Stopped', [started('full'), stopRequested, stopped]],
      ['Failed', [started('full'), failed('full')]],
      ['Queued', [started('full'), stopRequested, stopped, resumed]],
    ] as const)('begins once while it is %s, and stays so', (status, events) => {
      job
        .given(...events)
        .when(begin)
        .then(begun);
      const { state } = job.given(...events, begun);
      expect([statusOf(state), 'pass' in state && state.pass.begun]).toEqual([status, true]);
      job
        .given(...events, begun)
        .when(begin)
        .then();
    });
    it('has read something once it has begun, whenever that is known', () => {
      const full = start('full', '2027-01-01T00:00:00.000Z');
      const late = [started('full'), stopRequested, stopped, resumed, again, begun, failed('full')];
      job
        .given(...late)
        .when(full)
        .then(rejected('mailbox-job.resume-instead'));
      job.given(started('full'), stopRequested, begun, stopped).when(full).then(rejected('mailbox-job.pass-open'));
    });
    it('waits for its place when it is resumed, whatever is known late', () => {
      job
        .given(started('full'), stopRequested, stopped, resumed, begun)
        .when({ type: 'AdmitPass', at, passId: 'p1', attempt: 2 })
        .then(again);
    });
  });
  it('ignores reports about another pass', () =>
    job
      .given(started('full'))
      .when({ type: 'CompletePass', ...allListed, at, passId: 'other', totals: sum(0, 0, 0, 0) })
      .then());
  it('ignores a failure of an attempt that was resumed meanwhile', () => {
    job
      .given(started('full'), failed('full'), { type: 'PassResumed', data: { ...refs, attempt: 2, at } })
      .when({ type: 'FailPass', at, passId: 'p1', attempt: 1, cause: { code: 'x' } })
      .then();
  });
});

describe('a folder that could not be listed', () => {
  const end = (passId: string, totals: Totals, foldersNotListed: number, firstSeen = 0): MailboxJobCommand => ({
    type: 'CompletePass',
    at,
    passId,
    totals,
    superseded: 0,
    foldersNotListed,
    firstSeen,
  });
  const withFolders = (event: MailboxJobEvent, foldersNotListed: number): MailboxJobEvent =>
    ({ ...event, data: { ...event.data, foldersNotListed } }) as MailboxJobEvent;
  const lacking = withFolders(completed('full', sum(10, 10, 0, 0)), 1);

  it('keeps a pass from being plainly completed, though every item is exported', () => {
    job
      .given(started('full'), begun)
      .when(end('p1', sum(10, 10, 0, 0), 1))
      .then(lacking);
    expect(statusOf(job.given(started('full'), lacking).state)).toBe('Completed with errors');
  });
  it('is something to retry', () => job.given(started('full'), lacking).when(start('retry-errors')).then(started('retry-errors', 2)));
  it('adds its items to the mailbox when a retry lists it, and then nothing is left to retry', () => {
    const mended = completed('retry-errors', sum(5, 4, 0, 1), sum(14, 14, 0, 0), 'p2');
    const failing = completed('full', sum(10, 9, 0, 1));
    job
      .given(started('full'), withFolders(failing, 1), started('retry-errors', 2, 'p2'))
      .when(end('p2', sum(5, 4, 0, 1), 0, 4))
      .then(completed('retry-errors', sum(5, 4, 0, 1), sum(14, 13, 0, 1), 'p2'));
    job
      .given(started('full'), lacking, started('retry-errors', 2, 'p2'), mended)
      .when(start('retry-errors'))
      .then(rejected('mailbox-job.nothing-to-retry'));
  });
  it('is still missing after a verification', () => {
    job
      .given(started('full'), lacking, started('verify', 2, 'p2'))
      .when(end('p2', sum(0, 0, 0, 0), 0))
      .then(withFolders(completed('verify', sum(0, 0, 0, 0), sum(10, 10, 0, 0), 'p2'), 1));
  });
});

describe('stopping a pass', () => {
  it('is possible while it is queued', () => job.given(started('full')).when({ type: 'StopPass', at }).then(stopRequested));
  it('is possible while it runs', () => job.given(started('full'), begun).when({ type: 'StopPass', at }).then(stopRequested));
  it('is confirmed when nothing is under way any more', () =>
    job.given(started('full'), begun, stopRequested).when({ type: 'ConfirmStopped', at, passId: 'p1', attempt: 1 }).then(stopped));
  it('twice is once', () => job.given(started('full'), stopRequested).when({ type: 'StopPass', at }).then());
  it('can be followed by a resume', () =>
    job
      .given(started('full'), stopRequested, stopped)
      .when({ type: 'ResumePass', at })
      .then({ type: 'PassResumed', data: { ...refs, attempt: 2, at } }));
  it('comes too late when the pass reaches its end first', () => {
    job
      .given(started('full'), begun, stopRequested)
      .when({ type: 'CompletePass', ...allListed, at, passId: 'p1', totals: sum(1, 1, 0, 0) })
      .then(completed('full', sum(1, 1, 0, 0)));
  });
});

describe('a Pre-Stage', () => {
  it('needs a bundle, as a Full Migration does', () => {
    job.given().when(start('pre-stage')).then(rejected('licence.not-applied'));
    job.given().when(start('pre-stage', at)).then(rejected('licence.expired'));
  });
  it('is refused where the options of the project take nothing that old', () => {
    const until = (before: string): MailboxJobCommand =>
      ({
        ...start('pre-stage', '2027-01-01T00:00:00.000Z'),
        settings: { ...settings, before, options: { itemsFrom: '2020-01-01' } },
      }) as MailboxJobCommand;
    for (const before of ['2019-06-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'])
      job.given().when(until(before)).then(rejected('mailbox-job.nothing-in-range'));
    const day = { before: '2020-01-02T00:00:00.000Z', options: { itemsFrom: '2020-01-01' } };
    job
      .given()
      .when(until(day.before))
      .then({ type: 'PassStarted', data: { ...refs, number: 1, kind: 'pre-stage', settings: { ...passSettings, ...day }, at } });
  });
  it('may come before a Full Migration and after it', () => {
    job
      .given(started('pre-stage'), completed('pre-stage', sum(4, 4, 0, 0)))
      .when(start('full', '2027-01-01T00:00:00.000Z'))
      .then(started('full', 2));
    job
      .given(started('full'), completed('full', sum(4, 4, 0, 0)))
      .when(start('pre-stage', '2027-01-01T00:00:00.000Z'))
      .then(started('pre-stage', 2));
  });
});

describe('a Trial', () => {
  const until = '2027-01-01T00:00:00.000Z';
  const tried = [started('trial'), completed('trial', sum(2, 1, 0, 1))] as const;
  const { passId: _passId, ...mailbox } = refs;
  const startedOver = (parts: 'keep' | 'delete', passIds = ['p1']): MailboxJobEvent => ({
    type: 'MailboxStartedOver',
    data: { ...mailbox, passIds, parts, destination: 'ada.pst', at },
  });
  it('needs no bundle, and puts its PSTs into a folder of their own', () => {
    job.given().when(start('trial')).then(started('trial'));
    expect(started('trial')).toMatchObject({ data: { settings: { folder: 'trial' } } });
  });
  it('comes before every other export, and once', () => {
    for (const kind of ['trial', 'pre-stage', 'full'] as const)
      job
        .given(started(kind), completed(kind, sum(1, 1, 0, 0)))
        .when(start('trial'))
        .then(rejected('mailbox-job.already-exported'));
  });
  it('with errors can be retried for free, into the same folder', () =>
    job
      .given(...tried)
      .when(start('retry-errors'))
      .then(inTrial(started('retry-errors', 2))));
  it.each(['pre-stage', 'full'] as const)('is followed by a %s that exports everything again', (kind) => {
    job
      .given(...tried)
      .when(start(kind, until))
      .then(startedOver('keep'), started(kind, 2));
    const after = job.given(...tried, startedOver('keep'), started(kind, 2, 'p2'));
    after
      .when({ type: 'CompletePass', ...allListed, at, passId: 'p2', totals: sum(10, 10, 0, 0) })
      .then(completed(kind, sum(10, 10, 0, 0), sum(10, 10, 0, 0), 'p2'));
  });
  it('counts no more with its retries either, and its PSTs are deleted if the project says so', () => {
    const retried = [
      ...tried,
      inTrial(started('retry-errors', 2, 'p2')),
      completed('retry-errors', sum(1, 1, 0, 0), sum(2, 2, 0, 0), 'p2'),
    ];
    const full = { ...start('full', until), settings: { ...settings, options: { trialParts: 'discard' } } } as MailboxJobCommand;
    const { decision } = job.given(...retried).when(full);
    expect(decision).toMatchObject({ accepted: true, events: [startedOver('delete', ['p1', 'p2']), { type: 'PassStarted' }] });
  });
  it('of a release that had no folder for it is part of the migration', () => {
    const before = { ...started('trial'), data: { ...started('trial').data, settings: passSettings } } as MailboxJobEvent;
    job
      .given(before, completed('trial', sum(1, 1, 0, 0)))
      .when(start('full', until))
      .then(started('full', 2));
  });
  it('is set aside by the pass that follows it, however many were given up before it', () => {
    const broken = [started('full', 1, 'p0'), failed('full'), started('trial', 2), completed('trial', sum(1, 1, 0, 0))];
    job
      .given(...broken)
      .when(start('full', until))
      .then(startedOver('keep'), started('full', 3));
  });
  it('may be run again after a Full that read nothing and was given up', () => {
    job
      .given(...tried, startedOver('keep'), started('full', 2), failed('full'))
      .when(start('trial'))
      .then(started('trial', 3));
  });
  it('is set aside once', () => {
    job
      .given(...tried, startedOver('keep'), started('full', 2), completed('full', sum(9, 9, 0, 0)))
      .when(start('full', until))
      .then(started('full', 3));
  });
});

describe('a pass that updates', () => {
  it('counts what was exported before once, as it is now', () =>
    job
      .given(started('full'), completed('full', sum(10, 9, 1, 0)), started('full', 2))
      // Two changed, one of which fails now; one is new.
      .when({ type: 'CompletePass', ...allListed, superseded: 2, at, passId: 'p1', totals: sum(3, 2, 0, 1) })
      .then({
        type: 'PassCompleted',
        data: { ...refs, kind: 'full', pass: sum(3, 2, 0, 1), mailbox: sum(11, 9, 1, 1), superseded: 2, at },
      }));
});

describe('Retry Errors', () => {
  const withErrors = [started('full'), completed('full', sum(10, 8, 1, 1))] as const;
  it('needs a finished pass with errors', () => {
    job.given().when(start('retry-errors')).then(rejected('mailbox-job.nothing-to-retry'));
    job
      .given(started('full'), completed('full', sum(1, 1, 0, 0)))
      .when(start('retry-errors'))
      .then(rejected('mailbox-job.nothing-to-retry'));
  });
  it('needs no bundle', () =>
    job
      .given(...withErrors)
      .when(start('retry-errors'))
      .then(started('retry-errors', 2)));
  it('moves mended items from failed to exported and discovers nothing', () => {
    job
      .given(...withErrors, started('retry-errors', 2, 'p1'))
      .when({ type: 'CompletePass', ...allListed, at, passId: 'p1', totals: sum(1, 1, 0, 0) })
      .then(completed('retry-errors', sum(1, 1, 0, 0), sum(10, 9, 1, 0)));
  });
});
