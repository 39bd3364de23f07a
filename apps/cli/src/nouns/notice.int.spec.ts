import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { FakeGateway, runner, type Ended } from '../cli.fixture.js';
import { AT } from '../scene.fixture.js';

const gateway = new FakeGateway();
const file = join(tempDir(), 'address');
const url = 'https://hooks.contoso.com/pstream?sig=x';
let run: (argv: readonly string[]) => Promise<Ended>;
const ops = { subscriptionId: 'S', workgroupId: 'default', name: 'Ops', kinds: ['pass.failed'], projectId: null, channel: 'mail' };
const sent = { noticeId: 'N', subscriptionId: 'S', workgroupId: 'default', channel: 'mail', project: null, counts: { 'pass.failed': 2 } };
const project = { projectId: 'P', customerId: 'C', name: 'Leavers' };
beforeAll(async () => {
  writeFileSync(file, `${url}\n`);
  run = runner(await gateway.start());
  const all = [
    { ...ops, to: ['ada@contoso.com', 'bob@contoso.com'], host: null, active: true, addedAt: AT },
    { ...ops, subscriptionId: 'H', name: 'Hook', channel: 'webhook', to: [], host: 'hooks.contoso.com', active: false, addedAt: AT },
  ];
  gateway.list('/v1/notices/subscriptions', all);
  gateway.list('/v1/projects', [project]);
  gateway.routes.set('GET /v1/notices/subscriptions/S', { body: all[0] });
  const done = { id: 'S', stream: 'notice-rules:default', version: 2 };
  for (const path of ['PATCH /v1/notices/subscriptions/S', 'PATCH /v1/notices/subscriptions/H', 'DELETE /v1/notices/subscriptions/S'])
    gateway.routes.set(path, { body: done });
  gateway.routes.set('POST /v1/notices/subscriptions', { status: 201, body: { ...done, signingKey: 'whsec_x' } });
  gateway.routes.set('POST /v1/notices/subscriptions/S/test', { body: { outcome: 'sent', code: null, advice: null } });
  gateway.routes.set('POST /v1/notices/subscriptions/H/test', {
    body: { outcome: 'failed', code: 'notice.no-answer', advice: 'Check the address.' },
  });
  gateway.routes.set('GET /v1/notices/templates', {
    body: { items: [{ kind: 'pass.failed', subject: 'Look', body: 'a\nb', placeholders: ['project', 'cause'] }] },
  });
  gateway.routes.set('PATCH /v1/notices/templates/pass.failed', { body: { ...done, id: 'pass.failed' } });
  gateway.routes.set('POST /v1/notices/templates/pass.failed/preview', { body: { subject: 'Test: Look', text: 'Text\n', html: '' } });
  gateway.list('/v1/notices', [
    { ...sent, state: 'given-up', attempts: 3, refused: 0, code: 'notice.refused', advice: null, madeAt: AT, retryAt: null, endedAt: AT },
  ]);
});
afterAll(() => gateway.stop());

describe('notices', () => {
  it.each([
    [['notice', 'list'], 'S\tOps\tmail\tada@contoso.com, bob@contoso.com\tpass.failed\t\ttrue\n'],
    [['notice', 'show', 'ops'], 'To\tada@contoso.com, bob@contoso.com\n'],
    [['notice', 'templates'], 'pass.failed\tLook\ta b\t{project} {cause}\n'],
    [['notice', 'preview', 'pass.failed', '--subject', 'Look'], 'Subject: Test: Look\n\nText\n'],
    [['notice', 'sent'], `N\t${AT}\tmail\t\t2 pass.failed\tgiven-up\t3\tnotice.refused\n`],
  ] as const)('are shown by %j', async (argv, shown) => {
    const { exitCode, stdout } = await run(argv);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(shown)]);
  });

  const usual = [
    'pass.completed',
    'pass.completed-with-errors',
    'pass.failed',
    'pass.held',
    'pass.silent',
    'licence.released',
    'licence.ending',
    'secret.ending',
  ];
  it.each([
    [
      ['notice', 'add', 'Ops', '--mail', 'ada@contoso.com'],
      'POST /v1/notices/subscriptions',
      { name: 'Ops', kinds: usual, channel: { kind: 'mail', to: ['ada@contoso.com'] } },
    ],
    [
      ['notice', 'add', 'Ops', '--webhook-file', file, '--about', 'pass.failed, pass.held', '--project', 'leavers'],
      'POST /v1/notices/subscriptions',
      { name: 'Ops', kinds: ['pass.failed', 'pass.held'], channel: { kind: 'webhook', url }, projectId: 'P' },
    ],
    [
      ['notice', 'add', 'Ops', '--teams-file', file, '--about', 'pass.failed'],
      'POST /v1/notices/subscriptions',
      { name: 'Ops', kinds: ['pass.failed'], channel: { kind: 'teams', url } },
    ],
    [
      ['notice', 'edit', 'Ops', '--name', 'Day', '--active', 'off', '--project', 'all'],
      'PATCH /v1/notices/subscriptions/S',
      { name: 'Day', active: false, projectId: null },
    ],
    [['notice', 'edit', 'Hook', '--address-file', file], 'PATCH /v1/notices/subscriptions/H', { url }],
    [['notice', 'remove', 'Ops', '--yes'], 'DELETE /v1/notices/subscriptions/S', undefined],
    [['notice', 'test', 'Ops'], 'POST /v1/notices/subscriptions/S/test', undefined],
    [['notice', 'test', 'Ops', '--about', 'pass.failed'], 'POST /v1/notices/subscriptions/S/test', undefined],
    [
      ['notice', 'word', 'pass.failed', '--subject', 'Look at {project}', '--body', 'usual'],
      'PATCH /v1/notices/templates/pass.failed',
      { subject: 'Look at {project}', body: null },
    ],
    [['notice', 'word', 'pass.failed', '--body-file', file], 'PATCH /v1/notices/templates/pass.failed', { body: `${url}\n` }],
  ] as const)('are changed by %j', async (argv, address, body) => {
    gateway.got.length = 0;
    expect(await run(argv)).toMatchObject({ exitCode: 0 });
    const [change] = gateway.changes;
    expect([`${change?.method} ${change?.path}`, change?.body === '' ? undefined : JSON.parse(change?.body ?? '')]).toEqual([
      address,
      body,
    ]);
  });

  it.each([
    [['notice', 'add', 'Ops'], 2, 'Give one of --mail, --webhook-file and --teams-file.'],
    [['notice', 'add', 'Ops', '--mail', 'a@b.example', '--teams-file', file], 2, 'Give one of'],
    [['notice', 'add', 'Ops', '--mail', 'a@b.example', '--about', 'pass.lost'], 2, '--about: Give some of pass.started'],
    [['notice', 'add', 'Ops', '--webhook-file', '/nowhere'], 2, '/nowhere cannot be read'],
    [['notice', 'edit', 'Ops'], 2, 'There is nothing to change.'],
    [['notice', 'word', 'pass.failed'], 2, 'There is nothing to change.'],
    [['notice', 'word', 'pass.lost', '--subject', 'x'], 2, 'There are no notices about "pass.lost".'],
    [['notice', 'word', 'pass.failed', '--body', 'x', '--body-file', file], 2, 'Give one of --body and --body-file.'],
    [['notice', 'test', 'Ops', '--about', 'pass.lost'], 2, '--about: Give one of pass.started'],
    [['notice', 'remove', 'Ops'], 2, 'remove the subscription Ops'],
    [['notice', 'test', 'Nobody'], 3, 'There is no subscription "Nobody".'],
    [['notice', 'test', 'Hook'], 1, 'notice.no-answer'],
  ] as const)('%j ends with exit %i', async (argv, exit, said) => {
    const { exitCode, stdout, stderr } = await run(argv);
    expect([exitCode, `${stdout}${stderr}`]).toEqual([exit, expect.stringContaining(said)]);
  });
});
