import { FakeGateway, runner, type Ended } from '../cli.fixture.js';
import { AT } from '../scene.fixture.js';

const gateway = new FakeGateway();
let url: string;
let run: (argv: readonly string[]) => Promise<Ended>;
beforeAll(async () => {
  url = await gateway.start();
  run = runner(url);
  const ada = { agentId: 'A', workgroupId: 'default', email: 'ada@contoso.com', name: 'Ada Lovelace', role: 'agent', status: 'active' };
  const all = [
    { ...ada, invitedAt: AT, acceptedAt: AT },
    { ...ada, agentId: 'E', email: 'eve@contoso.com', name: 'Eve', status: 'invited', invitedAt: AT, acceptedAt: null },
  ];
  gateway.list('/v1/people', all);
  gateway.routes.set('GET /v1/people/A', { body: all[0] });
  for (const path of ['PATCH /v1/people/A', 'DELETE /v1/people/A', 'PATCH /v1/workgroup'])
    gateway.routes.set(path, { body: { id: 'A', stream: 'workgroup:default', version: 2 } });
  const code = { code: 'psc_x', path: '/#code=psc_x', expiresAt: AT };
  gateway.routes.set('POST /v1/people', { status: 201, body: { id: 'N', stream: 'workgroup:default', version: 1, ...code } });
  gateway.routes.set('POST /v1/workgroups', { status: 201, body: { id: 'O', stream: 'workgroup:W', version: 2, ...code } });
  gateway.routes.set('POST /v1/people/A/link', { status: 201, body: code });
  gateway.routes.set('GET /v1/workgroup', { body: { workgroupId: 'default', name: 'Night shift', shareProjects: true } });
});
afterAll(() => gateway.stop());

describe('people', () => {
  it.each([
    [['people', 'list'], `A\tAda Lovelace\tada@contoso.com\tagent\tactive\t${AT}\nE\tEve\teve@contoso.com\tagent\tinvited\t${AT}\n`],
    [['people', 'show', 'ada lovelace'], 'Status\tactive\n'],
    [['workgroup', 'show'], 'Name\tNight shift\n'],
  ] as const)('are shown by %j', async (argv, shown) => {
    const { exitCode, stdout } = await run(argv);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(shown)]);
  });

  it.each([
    [['people', 'invite', 'new@contoso.com', '--role', 'viewer'], 'POST /v1/people', { email: 'new@contoso.com', role: 'viewer' }],
    [
      ['people', 'invite', 'new@contoso.com', '--role', 'agent', '--name', 'New'],
      'POST /v1/people',
      { email: 'new@contoso.com', role: 'agent', name: 'New' },
    ],
    [['people', 'link', 'ADA@contoso.com'], 'POST /v1/people/A/link', undefined],
    [['people', 'role', 'ada@contoso.com', 'finance'], 'PATCH /v1/people/A', { role: 'finance' }],
    [['people', 'deactivate', 'A'], 'PATCH /v1/people/A', { active: false }],
    [['people', 'activate', 'A'], 'PATCH /v1/people/A', { active: true }],
    [['people', 'remove', 'A', '--yes'], 'DELETE /v1/people/A', undefined],
    [['workgroup', 'share', 'off'], 'PATCH /v1/workgroup', { shareProjects: false }],
    [
      ['workgroup', 'create', 'Subsidiary', '--owner', 'eve@contoso.com'],
      'POST /v1/workgroups',
      { name: 'Subsidiary', ownerEmail: 'eve@contoso.com' },
    ],
    [['workgroup', 'rename', 'Day shift'], 'PATCH /v1/workgroup', { name: 'Day shift' }],
  ] as const)('are changed by %j', async (argv, address, body) => {
    gateway.got.length = 0;
    const { exitCode, stdout } = await run(argv);
    expect(exitCode).toBe(0);
    const [sent] = gateway.changes;
    expect([`${sent?.method} ${sent?.path}`, sent?.body === '' ? undefined : JSON.parse(sent?.body ?? '')]).toEqual([address, body]);
    if (['invite', 'link', 'create'].includes(argv[1])) expect(stdout).toBe(`${url}/#code=psc_x\n`);
  });

  it.each([
    [['people', 'invite', 'new@contoso.com', '--role', 'boss'], 2, '--role: Give one of owner, admin, agent, viewer, finance.'],
    [['people', 'invite', 'new@contoso.com'], 2, '--role'],
    [['people', 'role', 'A', 'boss'], 2, '<role>: Give one of'],
    [['workgroup', 'share', 'perhaps'], 2, 'Give on or off'],
    [['people', 'remove', 'A'], 2, 'remove the agent Ada Lovelace'],
    [['people', 'deactivate', 'nobody'], 3, 'There is no agent "nobody"'],
  ] as const)('are left alone by %j', async (argv, code, said) => {
    gateway.got.length = 0;
    const { exitCode, stderr } = await run(argv);
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(said)]);
    expect(gateway.changes).toEqual([]);
  });
});
