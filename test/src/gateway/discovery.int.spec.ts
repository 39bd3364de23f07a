import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
const call: RunningGateway['call'] = (...given) => gateway.call(...given);
let mailboxes: string;
let customerId: string;
let destinationEndpointId: string;

beforeAll(async () => {
  gateway = await startGateway();
  ({ projectId: mailboxes, customerId } = await projectIn(gateway));
  const endpoints = (await call('GET', `/v1/customers/${customerId}/endpoints`)).body['items'] as { endpointId: string; kind: string }[];
  destinationEndpointId = endpoints.find(({ kind }) => kind === 'folder')?.endpointId ?? '';
}, 60_000);
afterAll(() => gateway.close());

let made = 0;
const create = (more: object = {}): Promise<Reply> =>
  call('POST', `/v1/customers/${customerId}/projects`, { name: `Shares ${++made}`, type: 'discovery', destinationEndpointId, ...more });
const project = async (): Promise<string> => String((await create()).body['id']);
const plan = { rows: 3, toUpload: 2, bytes: 30 };
const begin = (projectId: string, key = 'k', computer = 'pc7'): Promise<Reply> =>
  call(
    'POST',
    `/v1/projects/${projectId}/discovery-runs`,
    { computer, destination: '/mnt/imports', plan },
    { 'idempotency-key': `${projectId} ${key}` },
  );
const file = (path: string, state: string, bytes: number | null = 10) => ({
  path,
  name: 'a.pst',
  owner: 'ann@contoso.com',
  kind: 'pst',
  bytes,
  state,
  reason: state === 'uploaded' ? '' : 'plan',
  sha256: null,
});
const report = (projectId: string, runId: string, number: number, ...files: object[]): Promise<Reply> =>
  call('POST', `/v1/projects/${projectId}/discovery-runs/${runId}/files`, { report: number, files });
const end = (projectId: string, runId: string, stoppedBy: string | null = null): Promise<Reply> =>
  call('POST', `/v1/projects/${projectId}/discovery-runs/${runId}/end`, { stoppedBy });
const shown = async (projectId: string) => {
  const { body } = await call('GET', `/v1/projects/${projectId}`);
  return body['discovery'] as { runs: number; sums: Record<string, number> };
};
const codeOf = ({ status, body }: Reply): [number, unknown] => [status, body['code']];

describe('a Discovery project', () => {
  it('has a destination and no source, and stands in the list of projects', async () => {
    const { body } = await create({ container: 'imports' });
    const { body: one } = await call('GET', `/v1/projects/${String(body['id'])}`);
    expect(one).toMatchObject({
      type: 'discovery',
      sourceEndpointId: null,
      partBytes: null,
      container: 'imports',
      mailboxes: 0,
      discovery: { runs: 0, sums: { found: 0 } },
    });
    expect((await call('GET', `/v1/projects/${mailboxes}`)).body).toMatchObject({ type: 'mailbox', discovery: null });
    expect((await call('GET', '/v1/projects?search=Shares')).body['items']).toContainEqual(expect.objectContaining({ type: 'discovery' }));
    const plans = (await call('GET', '/v1/plans')).body['items'] as { projectId: string }[];
    expect(plans.map(({ projectId }) => projectId)).not.toContain(body['id']);
  });

  it('takes no source, no part size and no options; others need their source', async () => {
    for (const more of [{ sourceEndpointId: destinationEndpointId }, { partBytes: 2 ** 30 }, { options: {} }])
      expect(codeOf(await create(more))).toEqual([400, 'request.invalid']);
    expect(codeOf(await create({ type: 'mailbox' }))).toEqual([400, 'request.invalid']);
  });

  it('keeps its name to itself among all projects of its customer', async () => {
    const name = 'Leavers';
    expect(codeOf(await create({ name }))).toEqual([409, 'project.name-taken']);
  });

  it('refuses what needs mailboxes', async () => {
    const projectId = await project();
    for (const [method, path, body] of [
      ['POST', 'mailboxes', { items: [{ source: 'eve@contoso.com', destination: 'eve.pst' }] }],
      ['POST', 'passes', { kind: 'verify', mailboxes: 'all' }],
      ['POST', 'stop', { mailboxes: 'all' }],
      ['POST', 'resume', { mailboxes: 'all' }],
      ['POST', 'remove', { mailboxes: 'all' }],
      ['POST', 'move', { mailboxes: 'all', toProjectId: mailboxes }],
      ['POST', 'priority', { mailboxes: 'all', priority: 1 }],
      ['POST', 'start-over', { mailboxes: 'all', parts: 'keep' }],
      ['POST', 'estimate', {}],
      ['POST', 'options', {}],
      ['POST', 'options/preview', {}],
      ['POST', 'report-links', { days: 7 }],
      ['PATCH', 'plan', { maxMailboxes: 1 }],
      ['PATCH', 'viewing', { allowed: true }],
      ['PATCH', '', { partBytes: 2 ** 30 }],
      ['GET', 'report', undefined],
      ['GET', 'report.html', undefined],
      ['GET', 'errors.csv', undefined],
      ['GET', 'mailboxes.csv', undefined],
      ['GET', 'verification.csv', undefined],
      ['GET', 'statistics.csv', undefined],
    ] as const) {
      const reply = await call(method, `/v1/projects/${projectId}${path === '' ? '' : `/${path}`}`, body);
      expect([path, ...codeOf(reply)]).toEqual([path, 409, 'project.is-discovery']);
    }
    const move = { mailboxes: 'all', toProjectId: projectId };
    expect(codeOf(await call('POST', `/v1/projects/${mailboxes}/move`, move))).toEqual([409, 'project.is-discovery']);
  });

  it('is the only kind that takes reports', async () => {
    expect(codeOf(await begin(mailboxes))).toEqual([409, 'project.not-discovery']);
    for (const path of ['discovery-runs', 'discovery-runs/x', 'discovered-files', 'discovery-statistics.csv'])
      expect(codeOf(await call('GET', `/v1/projects/${mailboxes}/${path}`))).toEqual([409, 'project.not-discovery']);
  });

  it('gets another name and another container', async () => {
    const projectId = await project();
    expect((await call('PATCH', `/v1/projects/${projectId}`, { name: 'Old shares', container: 'older' })).status).toBe(200);
    expect((await call('GET', `/v1/projects/${projectId}`)).body).toMatchObject({
      name: 'Old shares',
      container: 'older',
      type: 'discovery',
    });
  });
});

describe('a run', () => {
  it('counts every file once, however often it is reported', async () => {
    const projectId = await project();
    const runId = String((await begin(projectId)).body['id']);
    expect((await begin(projectId)).body['id']).toBe(runId);
    const first = [file('/a.pst', 'uploaded'), file('/b.pst', 'failed', 20)];
    for (let again = 0; again < 2; again++) expect((await report(projectId, runId, 1, ...first)).status).toBe(200);
    expect(codeOf(await report(projectId, runId, 1, file('/c.pst', 'uploaded')))).toEqual([409, 'discovery-run.other-files']);
    expect((await shown(projectId)).sums).toMatchObject({
      found: 2,
      uploaded: 1,
      skipped: 0,
      failed: 1,
      bytes: { found: 30, uploaded: 10 },
    });
    // What a run that goes on after a crash finds out replaces what it had reported.
    await report(projectId, runId, 2, file('/b.pst', 'uploaded', 20), file('/c.pst', 'skipped', null));
    expect(await shown(projectId)).toMatchObject({ runs: 1, sums: { found: 3, uploaded: 2, skipped: 1, failed: 0 } });
    expect((await end(projectId, runId)).status).toBe(200);
    expect((await end(projectId, runId)).status).toBe(200);
    expect((await report(projectId, runId, 1, ...first)).status).toBe(200);
    expect(codeOf(await report(projectId, runId, 3, file('/d.pst', 'uploaded')))).toEqual([409, 'discovery-run.ended']);
    const { body } = await call('GET', `/v1/projects/${projectId}/discovery-runs/${runId}`);
    expect(body).toMatchObject({ computer: 'pc7', plan, state: 'finished', stoppedBy: null, sums: { found: 3, uploaded: 2, skipped: 1 } });
  });

  it('is one of several: a file that two of them report counts once in the project', async () => {
    const projectId = await project();
    const [one, two] = [String((await begin(projectId, '1')).body['id']), String((await begin(projectId, '2')).body['id'])];
    await report(projectId, one, 1, file('/a.pst', 'failed'), file('/b.pst', 'uploaded'));
    await end(projectId, one, 'storage.full');
    await report(projectId, two, 1, file('/a.pst', 'uploaded'));
    expect(await shown(projectId)).toMatchObject({ runs: 2, sums: { found: 2, uploaded: 2, failed: 0 } });
    const { items } = (await call('GET', `/v1/projects/${projectId}/discovery-runs`)).body as { items: Record<string, unknown>[] };
    expect(items.map(({ runId, state, stoppedBy, sums }) => [runId, state, stoppedBy, sums])).toEqual([
      [two, 'running', null, expect.objectContaining({ found: 1, uploaded: 1 })],
      [one, 'stopped', 'storage.full', expect.objectContaining({ found: 2, uploaded: 1, failed: 1 })],
    ]);
    // The same path on another machine is another file.
    const three = String((await begin(projectId, '3', 'pc8')).body['id']);
    await report(projectId, three, 1, file('/a.pst', 'skipped'));
    expect(await shown(projectId)).toMatchObject({ runs: 3, sums: { found: 3, uploaded: 2, skipped: 1 } });
    const csv = await gateway.download(`/v1/projects/${projectId}/discovery-statistics.csv`);
    expect(csv.split('\r\n').map((line) => line.split(',').slice(9))).toEqual([
      [
        'Found Count',
        'Found Size (bytes)',
        'Uploaded Count',
        'Uploaded Size (bytes)',
        'Skipped Count',
        'Skipped Size (bytes)',
        'Failed Count',
        'Failed Size (bytes)',
      ],
      ['2', '20', '1', '10', '0', '0', '1', '10'],
      ['1', '10', '1', '10', '0', '0', '0', '0'],
      ['1', '10', '0', '0', '1', '10', '0', '0'],
      [],
    ]);
  });

  it('has its files in pages, by state, by run and by what is searched for', async () => {
    const projectId = await project();
    const runId = String((await begin(projectId)).body['id']);
    const paths = Array.from({ length: 25 }, (_, n) => `/share/${String(n).padStart(2, '0')}.pst`);
    await report(projectId, runId, 1, ...paths.map((path, n) => file(path, n % 5 === 0 ? 'skipped' : 'uploaded')));
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await call('GET', `/v1/projects/${projectId}/discovered-files?limit=10${cursor}`);
      found.push(...(body['items'] as { path: string }[]).map(({ path }) => path));
      expect(body['total']).toBe(25);
      if (body['next'] === null) break;
      cursor = `&cursor=${body['next'] as string}`;
    }
    expect(found).toEqual(paths);
    const totalOf = async (query: string): Promise<unknown> =>
      (await call('GET', `/v1/projects/${projectId}/discovered-files?${query}`)).body['total'];
    expect(await totalOf('state=skipped')).toBe(5);
    expect(await totalOf(`run=${runId}&state=uploaded`)).toBe(20);
    expect(await totalOf('search=07.PST')).toBe(1);
    const other = await project();
    expect((await call('GET', `/v1/projects/${other}/discovered-files?run=${runId}`)).body['total']).toBe(0);
    expect(codeOf(await call('GET', `/v1/projects/${other}/discovery-runs/${runId}`))).toEqual([404, 'discovery-run.unknown']);
    expect(codeOf(await report(other, runId, 2, file('/x', 'uploaded')))).toEqual([404, 'discovery-run.unknown']);
  });

  it('has pages of files whose paths are as long as they can be', async () => {
    const projectId = await project();
    const runId = String((await begin(projectId)).body['id']);
    const paths = ['a', 'b', 'c'].map((name) => `/${name}${'\u5b57'.repeat(4_000)}`);
    await report(projectId, runId, 1, ...paths.map((path) => file(path, 'uploaded')));
    const first = await call('GET', `/v1/projects/${projectId}/discovered-files?limit=2`);
    const second = await call('GET', `/v1/projects/${projectId}/discovered-files?limit=2&cursor=${first.body['next'] as string}`);
    expect([first, second].flatMap(({ body }) => (body['items'] as { path: string }[]).map(({ path }) => path))).toEqual(paths);
  });

  it('takes at most 100 files in a report', async () => {
    const projectId = await project();
    const runId = String((await begin(projectId)).body['id']);
    const files = Array.from({ length: 101 }, (_, n) => file(`/${n}`, 'uploaded'));
    expect(codeOf(await report(projectId, runId, 1, ...files))).toEqual([400, 'request.invalid']);
    expect((await report(projectId, runId, 1, ...files.slice(1))).status).toBe(200);
  });
});

describe('a Discovery project that is closed', () => {
  const close = (projectId: string, parts: string): Promise<Reply> =>
    call('POST', `/v1/projects/${projectId}/close`, { parts }, { prefer: 'wait=10' });

  it('takes no further run, and hears the one that had begun to its end', async () => {
    const projectId = await project();
    const runId = String((await begin(projectId)).body['id']);
    expect(codeOf(await close(projectId, 'delete'))).toEqual([409, 'project.keeps-uploads']);
    expect((await close(projectId, 'keep')).body).toMatchObject({ state: 'finished', total: 0 });
    expect(codeOf(await begin(projectId, 'another'))).toEqual([409, 'project.closed']);
    expect((await begin(projectId)).body['id']).toBe(runId);
    expect((await report(projectId, runId, 1, file('/a', 'uploaded'))).status).toBe(200);
    expect((await end(projectId, runId)).status).toBe(200);
    expect(await shown(projectId)).toMatchObject({ sums: { found: 1, uploaded: 1 } });
  });

  it('is not removed with its record; one without runs is, and its name is free again', async () => {
    const projectId = await project();
    await begin(projectId);
    expect(codeOf(await call('DELETE', `/v1/projects/${projectId}`))).toEqual([409, 'project.has-runs']);
    const endpoint = `/v1/customers/${customerId}/endpoints/${destinationEndpointId}`;
    expect(codeOf(await call('DELETE', endpoint))).toEqual([409, 'endpoint.in-use']);
    const empty = await create({ name: 'Empty' });
    expect((await call('DELETE', `/v1/projects/${String(empty.body['id'])}`)).status).toBe(200);
    expect(codeOf(await begin(String(empty.body['id'])))).toEqual([404, 'project.unknown']);
    expect((await create({ name: 'Empty' })).status).toBe(201);
  });
});

describe('the record of a discovery', () => {
  it('is read by a viewer and made by an agent', async () => {
    const projectId = await project();
    const runId = String((await begin(projectId)).body['id']);
    const as = async (role: string): Promise<RunningGateway['call']> => {
      const token = String((await call('POST', '/v1/tokens', { name: role, role })).body['token']);
      return (method, path, body) => gateway.bare(method, path, body, { authorization: `Bearer ${token}` });
    };
    const [viewer, agent] = [await as('viewer'), await as('agent')];
    const below = `/v1/projects/${projectId}`;
    for (const path of ['discovery-runs', `discovery-runs/${runId}`, 'discovered-files', 'discovery-statistics.csv'])
      expect([path, (await viewer('GET', `${below}/${path}`)).status]).toEqual([path, 200]);
    const body = { report: 1, files: [file('/a', 'uploaded')] };
    expect(codeOf(await viewer('POST', `${below}/discovery-runs/${runId}/files`, body))).toEqual([403, 'right.missing']);
    expect((await agent('POST', `${below}/discovery-runs/${runId}/files`, body)).status).toBe(200);
  });
});
