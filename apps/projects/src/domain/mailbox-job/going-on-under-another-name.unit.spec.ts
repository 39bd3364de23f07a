import type { MailboxJobEvent } from '@pstream/contracts';
import { passSettings, rejected } from '@pstream/testing';
import { needsFreeName } from './decide.js';
import {
  at,
  begun,
  completed,
  failed,
  job,
  opened,
  refs,
  start,
  started,
  stopped,
  stopRequested,
  sum,
  untouched,
} from './mailbox-job.fixture.js';

const foreign = (name: string): MailboxJobEvent => ({
  type: 'PassFailed',
  data: { ...refs, kind: 'full', cause: { code: 'part.foreign-blob', facts: { name } }, at },
});
const resume = { type: 'ResumePass', next: 'ada-2.pst', at } as const;
const resumed = (attempt: number, destination?: string): MailboxJobEvent => ({
  type: 'PassResumed',
  data: { ...refs, attempt, ...(destination === undefined ? {} : { destination }), at },
});
const until = '2027-01-01T00:00:00.000Z';

describe('a pass that met a file of somebody else under the name of its next part', () => {
  const met = job.given(started('full'), begun, foreign('ada.003.pst'));

  it('goes on under another name, or under its own where the file was moved away', () => {
    expect(needsFreeName(met.state)).toBe(true);
    met.when(resume).then(resumed(2, 'ada-2.pst'));
    met.when({ type: 'ResumePass', at }).then(resumed(2));
  });
  it('writes under that name from then on, in later passes too, and keeps the names that it has used', () => {
    const again = job.given(started('full'), begun, foreign('ada.003.pst'), resumed(2, 'ada-2.pst'), completed('full', sum(1, 1, 0, 0)));
    expect(again.state).toMatchObject({ item: { destination: 'ada-2.pst' }, keptNames: ['ada.pst'], foreignName: null });
    expect(again.when(start('full', until)).decision).toMatchObject({
      accepted: true,
      events: [{ type: 'PassStarted', data: { settings: { destinationName: 'ada-2.pst' } } }],
    });
  });
  it('may meet another one, and go on under a third name', () => {
    const twice = job.given(started('full'), begun, foreign('ada.003.pst'), resumed(2, 'ada-2.pst'), foreign('ada-2.003.pst'));
    twice.when({ ...resume, next: 'ada-3.pst' }).then(resumed(3, 'ada-3.pst'));
    expect(job.given(started('full'), begun, foreign('a'), resumed(2, 'b.pst'), foreign('b'), resumed(3, 'c.pst')).state).toMatchObject({
      keptNames: ['ada.pst', 'b.pst'],
      pass: { settings: { destinationName: 'c.pst' } },
    });
  });
  it('keeps its name where it failed or was stopped for any other cause', () => {
    job.given(started('full'), begun, failed('full')).when(resume).then(resumed(2));
    job.given(started('full'), begun, stopRequested, stopped).when(resume).then(resumed(2));
  });
  it('says what the mailbox is where only the roster has said so', () => {
    untouched.given(started('full'), begun, foreign('ada.003.pst')).when(resume).then(opened, resumed(2, 'ada-2.pst'));
  });
  it('does not go on once its project is closed', () => {
    const { passId: _passId, ...mailbox } = refs;
    job
      .given(started('full'), begun, foreign('ada.003.pst'), { type: 'MailboxClosed', data: { ...mailbox, at } })
      .when(resume)
      .then(rejected('project.closed'));
  });
  it('leaves the settings of the pass as they were otherwise', () => {
    const { state } = job.given(started('full'), begun, foreign('ada.003.pst'), resumed(2, 'ada-2.pst'));
    expect(state).toMatchObject({ is: 'queued', pass: { attempt: 2, settings: { ...passSettings, destinationName: 'ada-2.pst' } } });
  });
});
