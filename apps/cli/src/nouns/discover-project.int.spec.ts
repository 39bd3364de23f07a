import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { systemClock } from '@pstream/kernel';
import { tempDir, waitFor } from '@pstream/testing';
import { FakeGateway, runner } from '../cli.fixture.js';
import { AT, CUSTOMER, operation, PROJECT } from '../scene.fixture.js';
import { writePst } from './pst.fixture.js';

// Disks and stores; the machine may be busy.
jest.setTimeout(120_000);

const RUN = '01J8ZQ4N5W9K7C1B2D3E4F5G6J';
const below = `/v1/projects/${PROJECT}`;
const project = {
  projectId: PROJECT,
  customerId: CUSTOMER,
  name: 'Shares',
  type: 'discovery',
  container: 'imports',
  destinationEndpointId: 'E2',
};
const done = { id: RUN, stream: `discovery-run:${RUN}`, version: 1 };
const sums = { found: 2, uploaded: 1, skipped: 1, failed: 0, bytes: { found: 271_360, uploaded: 271_360, skipped: 0, failed: 0 } };
const run = {
  runId: RUN,
  projectId: PROJECT,
  computer: 'pc7',
  destination: '/mnt/imports',
  plan: { rows: 2, toUpload: 1, bytes: 271_360 },
  state: 'stopped',
  stoppedBy: 'storage.full',
  startedAt: AT,
  endedAt: AT,
  sums,
};

/** A plan of a store and a row that is skipped, a gateway with a project, and a folder that is its destination. */
const scene = async () => {
  const dir = tempDir();
  const gateway = new FakeGateway();
  const url = await gateway.start();
  await writePst(join(dir, 'a.pst'), 1, ['one']);
  const rows = [`upload;ann@contoso.com;;ann.pst;${join(dir, 'a.pst')};271360;pst`, `skip;;;;${join(dir, 'b.pst')};;ost`];
  writeFileSync(join(dir, 'plan.csv'), ['Action;Owner;Archive;Name;Path;Size;Kind', ...rows].join('\r\n'));
  gateway.list('/v1/projects', [project]);
  gateway.routes.set(`GET /v1/customers/${CUSTOMER}/endpoints/E2`, { body: { kind: 'folder', settings: { path: join(dir, 'out') } } });
  gateway.routes.set(`POST ${below}/discovery-runs`, { status: 201, body: done });
  gateway.routes.set(`POST ${below}/discovery-runs/${RUN}/files`, { body: done });
  gateway.routes.set(`POST ${below}/discovery-runs/${RUN}/end`, { body: done });
  const call = (...argv: string[]) => runner(url)(argv, { clock: systemClock });
  const upload = (...args: string[]) => call('discover', 'upload', join(dir, 'plan.csv'), ...args);
  return { dir, gateway, call, upload };
};

describe('discover upload with a project', () => {
  it('goes to the destination of the project and reports the run to it', async () => {
    const { dir, gateway, upload } = await scene();
    const { exitCode, stderr } = await upload('--project', 'shares');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Reported to the project shares.\n')]);
    expect(existsSync(join(dir, 'out', 'imports', 'ann.pst'))).toBe(true);
    const sent = gateway.changes.map(({ path, body }) => [path.slice(below.length), JSON.parse(body) as object] as const);
    expect(sent).toMatchObject([
      ['/discovery-runs', { destination: join(dir, 'out', 'imports'), plan: run.plan }],
      [
        `/discovery-runs/${RUN}/files`,
        {
          report: 1,
          files: [
            { path: join(dir, 'b.pst'), state: 'skipped', reason: 'as the plan says', kind: 'ost', bytes: null },
            { path: join(dir, 'a.pst'), state: 'uploaded', owner: 'ann@contoso.com', kind: 'pst', bytes: 271_360 },
          ],
        },
      ],
      [`/discovery-runs/${RUN}/end`, { stoppedBy: null }],
    ]);
    await gateway.stop();
  });

  it('to a destination of its own goes on without the gateway, and reports by the next run', async () => {
    const { dir, gateway, upload } = await scene();
    const routes = [...gateway.routes];
    for (const [route] of routes) gateway.routes.set(route, { status: 500, body: {} });
    const args = ['--project', 'Shares', '--folder', join(dir, 'elsewhere')];
    const { exitCode, stderr } = await upload(...args);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Not all of this is reported to the project Shares yet')]);
    expect(readdirSync(join(dir, 'elsewhere'))).toContain('ann.pst');
    for (const [route, answer] of routes) gateway.routes.set(route, answer);
    const before = gateway.changes.length;
    const again = await upload(...args, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ alreadyThere: 1, unreported: { messages: 0 } });
    const ends = gateway.changes.slice(before).filter(({ path }) => path.endsWith('/end'));
    expect(ends.length).toBe(2);
    await gateway.stop();
  });

  it('waits for a gateway that is silent neither before nor after', async () => {
    const { dir, gateway } = await scene();
    await gateway.stop();
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal) };
    const args = ['discover', 'upload', join(dir, 'plan.csv'), '--project', 'Shares', '--folder', join(dir, 'out')];
    const { exitCode, stderr } = await runner(url)(args, { clock });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Not all of this is reported to the project Shares yet')]);
    // No call is left that would keep the process.
    const open = () => new Promise<number>((resolve) => silent.getConnections((_error, count) => resolve(count)));
    await waitFor(open, { until: (count) => count === 0 });
    await new Promise((resolve) => silent.close(resolve));
  });

  it('says why it is not reported, and is done all the same', async () => {
    const { gateway, upload } = await scene();
    const closed = { status: 409, code: 'project.closed', title: 'The project is closed', detail: 'Create another.' };
    gateway.routes.set(`POST ${below}/discovery-runs`, { status: 409, body: closed });
    const { exitCode, stderr } = await upload('--project', PROJECT);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'Not reported to the project ' + PROJECT + ': project.closed. The project is closed. Create another. Reports that wait are kept in ',
    );
    await gateway.stop();
  });

  it('uploads nothing for a project of another type, or for one that is not there', async () => {
    const { dir, gateway, upload } = await scene();
    gateway.list('/v1/projects', [{ ...project, type: 'mailbox' }]);
    for (const [name, exit, what] of [
      ['Shares', 2, 'Shares is not a Discovery project.'],
      ['Nobody', 3, 'There is no project "Nobody".'],
    ] as const) {
      const { exitCode, stderr } = await upload('--project', name, '--folder', join(dir, 'out'));
      expect([exitCode, stderr]).toEqual([exit, expect.stringContaining(what)]);
    }
    expect(existsSync(join(dir, 'out', 'ann.pst'))).toBe(false);
    await gateway.stop();
  });
});

describe('what a Discovery project shows', () => {
  it('are its runs, its files, its statistics and its sums', async () => {
    const { gateway, call } = await scene();
    gateway.list(`${below}/discovery-runs`, [run]);
    gateway.routes.set(`GET ${below}/discovery-runs/${RUN}`, { body: run });
    const file = { path: '/b.pst', computer: 'pc7', owner: '', bytes: null, state: 'skipped', reason: 'damaged', name: '' };
    gateway.list(`${below}/discovered-files`, [file]);
    gateway.routes.set(`GET ${below}/discovery-statistics.csv`, { text: 'Run Id\r\n' });
    gateway.routes.set(`GET ${below}`, { body: { ...project, discovery: { runs: 1, sums } } });
    const line = [RUN, 'pc7', 'stopped: storage.full', '2', '1', '1', '0', '271360', AT, AT].join('\t');
    for (const [argv, shown] of [
      [['discover', 'runs', 'Shares'], `${line}\n`],
      [['discover', 'run', 'Shares', RUN], 'Destination\t/mnt/imports\nPlanned\t1\n'],
      [['discover', 'files', 'Shares', '--state', 'skipped'], '/b.pst\tpc7\t\t\tskipped\tdamaged\t\n'],
      [['discover', 'statistics-csv', 'Shares'], 'Run Id\r\n'],
      [['project', 'show', 'Shares'], 'Container\timports\nRuns\t1\nFound\t2\nUploaded\t1\nSkipped\t1\nFailed\t0\n'],
    ] as const) {
      const { exitCode, stdout } = await call(...argv);
      expect([argv, exitCode, stdout]).toEqual([argv, 0, expect.stringContaining(shown)]);
    }
    expect(gateway.got.find(({ path }) => path.endsWith('discovered-files'))?.query.get('state')).toBe('skipped');
    await gateway.stop();
  });

  it('stays when it is closed', async () => {
    const { gateway, call } = await scene();
    gateway.routes.set(`POST ${below}/close`, { status: 202, body: operation(0) });
    const { exitCode, stdout } = await call('project', 'close', 'Shares', '--yes', '--json');
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { operationId: 'OP' }]);
    expect(JSON.parse(gateway.changes[0]?.body ?? '')).toEqual({ parts: 'keep', dryRun: false });
    await gateway.stop();
  });

  it('needs no source, and other projects do', async () => {
    const { gateway, call } = await scene();
    gateway.list('/v1/customers', [{ customerId: CUSTOMER, name: 'Contoso' }]);
    gateway.list(`/v1/customers/${CUSTOMER}/endpoints`, [{ endpointId: 'E2', name: 'disk', kind: 'folder' }]);
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/projects`, { status: 201, body: { ...done, id: PROJECT } });
    const create = ['project', 'create', 'Contoso', 'Shares', '--destination', 'disk'];
    expect((await call(...create)).stderr).toContain('--source: This option is needed.');
    expect((await call(...create, '--type', 'discovery', '--part-size', '1GiB')).stderr).toContain(
      '--type: A Discovery project takes no source',
    );
    expect((await call(...create, '--type', 'discovery')).exitCode).toBe(0);
    expect(JSON.parse(gateway.changes[0]?.body ?? '')).toEqual({ name: 'Shares', type: 'discovery', destinationEndpointId: 'E2' });
    await gateway.stop();
  });
});
