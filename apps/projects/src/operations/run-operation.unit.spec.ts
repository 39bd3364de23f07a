import type { MailboxJobEvent, OperationEvent } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { item, outcomesOf, Scene } from './operations.fixture.js';

const verify = { verb: 'start', kind: 'verify' } as const;
const full = { verb: 'start', kind: 'full' } as const;
const last = (events: readonly OperationEvent[]) => events.at(-1);
const typesOf = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);

describe('an operation over mailboxes', () => {
  it('starts a pass of each, whose line item its own stream then holds', async () => {
    const scene = await new Scene().prepare(250);
    const events = await scene.whole('verify', verify);
    expect(outcomesOf(events)).toEqual(Array(250).fill('accepted'));
    expect(last(events)).toMatchObject({ type: 'OperationFinished', data: { accepted: 250, rejected: 0 } });
    expect(await scene.job(249)).toMatchObject([
      { type: 'MailboxJobOpened', data: item(249), metadata: { by: 'token' } },
      { type: 'PassStarted', data: { kind: 'verify', settings: { source: 'user249@contoso.com', destinationName: 'user249.pst' } } },
    ]);
  });

  it('says of each row why it was refused, and goes on', async () => {
    const scene = await new Scene().prepare(3);
    scene.bundles.set('user1@contoso.com', '2027-01-01T00:00:00.000Z').set('user2@contoso.com', '2026-01-01T00:00:00.000Z');
    const events = await scene.whole('full', full);
    expect(outcomesOf(events)).toEqual(['licence.not-applied', 'accepted', 'licence.expired']);
    expect(last(events)).toMatchObject({ data: { accepted: 1, rejected: 2 } });
  });

  it('submits passes for a time to come, in the form in which times are compared', async () => {
    const scene = await new Scene().prepare(1);
    await scene.whole('later', { verb: 'start', kind: 'trial', startAt: '2026-03-01T20:00:00+01:00', priority: 3 });
    expect(await scene.job(0)).toMatchObject([
      { type: 'MailboxJobOpened' },
      { type: 'MailboxPrioritised', data: { priority: 3 } },
      { type: 'PassStarted', data: { kind: 'trial', startAt: '2026-03-01T19:00:00.000Z' } },
    ]);
  });

  it('counts the age of a Pre-Stage from the time at which it begins', async () => {
    const scene = await new Scene().prepare(1);
    scene.bundles.set('user0@contoso.com', '2027-01-01T00:00:00.000Z');
    await scene.whole('later', { verb: 'start', kind: 'pre-stage', olderThanDays: 30, startAt: '2026-03-31T00:00:00Z' });
    expect((await scene.job(0)).at(-1)).toMatchObject({ data: { settings: { before: '2026-03-01T00:00:00.000Z' } } });
  });

  it.each(['2026-03-01T00:00:00.000Z', '2026-02-28T23:00:00Z', '2027-03-03T00:00:00Z'])('takes no pass for %s', async (startAt) => {
    const scene = await new Scene().prepare(1);
    await expect(scene.request('late', { verb: 'start', kind: 'trial', startAt })).rejects.toThrow('pass.start-out-of-range');
  });

  it('gives mailboxes another priority, acted on before or not', async () => {
    const scene = await new Scene().prepare(2);
    await scene.whole('one', verify, { by: 'list', entries: ['user0@contoso.com'] });
    const entries = ['user0@contoso.com', 'user1@contoso.com', 'nobody@contoso.com'];
    const events = await scene.whole('first', { verb: 'prioritise', priority: 4 }, { by: 'list', entries });
    expect(outcomesOf(events)).toEqual(['accepted', 'accepted', 'mailbox-job.unknown']);
    expect([typesOf(await scene.job(0)), typesOf(await scene.job(1))]).toEqual([
      ['MailboxJobOpened', 'PassStarted', 'MailboxPrioritised'],
      ['MailboxJobOpened', 'MailboxPrioritised'],
    ]);
  });

  it('asks licensing once for a batch', async () => {
    const scene = await new Scene().prepare(150);
    await scene.whole('full', full);
    expect(scene.asked.map((users) => users.length)).toEqual([100, 50]);
  });

  it('takes ids and addresses, each mailbox once, and names what the project does not have', async () => {
    const scene = await new Scene().prepare(3);
    const entries = [item(2).mailboxJobId, 'USER2@contoso.com', 'user0@contoso.com', 'nobody@contoso.com'];
    const events = await scene.whole('some', verify, { by: 'list', entries });
    expect(outcomesOf(events)).toEqual(['accepted', 'accepted', 'mailbox-job.unknown']);
    expect(await scene.job(1)).toEqual([]);
  });

  it('takes those with a status as they are when it begins', async () => {
    const scene = await new Scene().prepare(4);
    await scene.whole('some', verify, { by: 'list', entries: ['user1@contoso.com', 'user3@contoso.com'] });
    const events = await scene.whole('rest', verify, { by: 'status', statuses: ['Not Submitted', 'Failed'] });
    expect(events).toMatchObject([
      { type: 'OperationRequested' },
      { type: 'OperationRowsChosen', data: { rows: [{ source: 'user0@contoso.com' }, { source: 'user2@contoso.com' }] } },
      { type: 'OperationBegun' },
      { type: 'OperationRowsDone' },
      { type: 'OperationFinished', data: { accepted: 2 } },
    ]);
    expect(last(await scene.whole('none', verify, { by: 'status', statuses: ['Completed'] }))).toMatchObject({
      type: 'OperationFailed',
      data: { code: 'selection.empty' },
    });
  });

  it('stops and resumes', async () => {
    const scene = await new Scene().prepare(2);
    scene.bundles.set('user0@contoso.com', '2027-01-01T00:00:00.000Z');
    await scene.whole('full', full);
    expect(outcomesOf(await scene.whole('stop', { verb: 'stop' }))).toEqual(['accepted', 'mailbox-job.not-running']);
    const [, started] = await scene.job(0);
    const {
      number: _number,
      kind: _kind,
      settings: _settings,
      ...refs
    } = (started as Extract<MailboxJobEvent, { type: 'PassStarted' }>).data;
    await scene.append(0, { type: 'PassStopped', data: refs });
    expect(outcomesOf(await scene.whole('resume', { verb: 'resume' }))).toEqual(['accepted', 'mailbox-job.not-stopped']);
    expect(typesOf(await scene.job(0))).toEqual(['MailboxJobOpened', 'PassStarted', 'PassStopRequested', 'PassStopped', 'PassResumed']);
  });

  it('reads line items that an earlier release put on the stream of the project', async () => {
    const scene = await new Scene().prepare(1);
    const refs = { workgroupId: 'default', customerId: 'c', projectId: 'p', at: '2026-01-01T00:00:00.000Z' };
    await scene.addEarlier({ type: 'LineItemsAdded', data: { ...refs, items: [item(7)] } });
    expect(outcomesOf(await scene.whole('verify', verify))).toEqual(['accepted', 'accepted']);
    expect(await scene.job(7)).toMatchObject([{ type: 'MailboxJobOpened', data: item(7) }, { type: 'PassStarted' }]);
    expect(await scene.add('again', { ...item(8), source: item(7).source })).toMatchObject({
      rejection: { facts: { conflicts: ['0:source:line-item.source-exists'] } },
    });
  });

  it('is refused at once where there is no such project', async () => {
    const scene = new Scene();
    await expect(scene.request('verify', verify)).rejects.toThrow('project.unknown');
  });

  it('ends a row by a fault that lasts, and waits out one that may pass', async () => {
    const scene = await new Scene().prepare(2);
    const operationId = await scene.request('full', full);
    let asked = 0;
    const passing = {
      ...scene.ports,
      coverage: () => Promise.reject(new Fault('transport.no-answer', { retry: asked++ === 0 ? 'now' : 'never' })),
    };
    await expect(scene.runWith(passing, operationId)).rejects.toThrow('transport.no-answer');
    expect(last(await scene.operation(operationId))).toMatchObject({ type: 'OperationBegun' });
    await scene.runWith(passing, operationId);
    expect(last(await scene.operation(operationId))).toMatchObject({ type: 'OperationFailed', data: { code: 'transport.no-answer' } });
  });

  it('that is taken away is neither failed nor finished', async () => {
    const scene = await new Scene().prepare(2);
    const operationId = await scene.request('verify', verify);
    const gone = AbortSignal.abort(new Fault('transport.not-owner', { retry: 'never' }));
    await expect(scene.run(operationId, gone)).rejects.toThrow('transport.not-owner');
    expect(typesOf(await scene.operation(operationId))).toEqual(['OperationRequested']);
  });
});

describe('applying bundles to many users', () => {
  const users = Array.from({ length: 250 }, (_, n) => `user${n}@contoso.com`);
  const apply = (scene: Scene) => scene.whole('apply', { verb: 'apply-bundles' }, { by: 'list', entries: [...users, 'USER1@contoso.com'] });

  it('is one command for all of them', async () => {
    const scene = new Scene();
    scene.free = 250;
    const events = await apply(scene);
    expect(outcomesOf(events)).toEqual(Array(250).fill('accepted'));
    expect(scene.bundles.size).toBe(250);
  });

  it('fails as a whole', async () => {
    const scene = new Scene();
    scene.free = 249;
    expect(last(await apply(scene))).toMatchObject({
      type: 'OperationFailed',
      data: { code: 'licence.seats-exhausted', facts: { wanted: 250, free: 249 } },
    });
    expect(scene.bundles.size).toBe(0);
  });
});
