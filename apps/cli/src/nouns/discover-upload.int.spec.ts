import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { azureBlobStore } from '@pstream/blob';
import { systemClock } from '@pstream/kernel';
import { azuriteServer, tempDir } from '@pstream/testing';
import { FakeGateway, runner } from '../cli.fixture.js';
import { accountSas } from './sas.fixture.js';
import { writePst } from './pst.fixture.js';

// A server, disks and stores; the machine may be busy.
jest.setTimeout(120_000);

const server = await azuriteServer();
const suite = 'skipped' in server ? describe.skip : describe;
const { endpoint, account, key } = 'skipped' in server ? { endpoint: '', account: '', key: '' } : server;
const gateway = new FakeGateway();
let run: ReturnType<typeof runner>;
beforeAll(async () => {
  run = runner(await gateway.start());
});
afterAll(() => gateway.stop());

const scene = async () => {
  const dir = tempDir();
  const at = (...names: string[]): string => join(dir, ...names);
  await writePst(at('a.pst'), 1, ['one']);
  const plan = at('plan.csv');
  const write = (...rows: string[]): void => writeFileSync(plan, ['Action;Owner;Archive;Name;Path', ...rows].join('\r\n'));
  write(`upload;ann@contoso.com;;ann.pst;${at('a.pst')}`, `skip;;;;${at('b.pst')}`);
  const call = (...args: string[]) => run(['discover', 'upload', plan, ...args], { clock: systemClock });
  return { dir, at, plan, write, call };
};

describe('discover upload', () => {
  it('uploads to a folder, once, and says what became of every row', async () => {
    const { at, call } = await scene();
    const dry = await call('--folder', at('out'), '--dry-run', '--json');
    expect([dry.exitCode, JSON.parse(dry.stdout)]).toMatchObject([0, { dryRun: true, found: 2, uploaded: 1, skipped: 1, failed: 0 }]);
    expect(existsSync(at('out'))).toBe(false);
    const first = await call('--folder', at('out'), '--limit-rate', '100MB/s');
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(/^Destination\t.*out\nFound\t2\nUploaded\t1\nAlready there\t0\nSkipped\tplan ×1\nFailed\t0\n/);
    expect(first.stderr).toContain('2 rows = 1 uploaded + 1 skipped + 0 failed\n');
    expect(Buffer.compare(readFileSync(at('out', 'ann.pst')), readFileSync(at('a.pst')))).toBe(0);
    expect((await call('--folder', at('out'))).stdout).toContain('\nAlready there\t1\n');
  });

  it('names rows that fail, and ends with 10', async () => {
    const { at, write, call } = await scene();
    write(`upload;ann@contoso.com;;gone.pst;${at('gone.pst')}`);
    const { exitCode, stderr } = await call('--folder', at('out'));
    expect([exitCode, stderr]).toEqual([
      10,
      expect.stringContaining(`row 2, ${at('gone.pst')}: file.not-found. The file is not there any more.\n`),
    ]);
  });

  it.each([
    ['no destination', [], 'Give one destination'],
    ['two destinations', ['--folder', 'x', '--account', 'acme'], 'Give one destination'],
    ['an account without a container', ['--account', 'acme'], '--container: This option is needed.'],
    ['an endpoint without a customer', ['--endpoint', 'e', '--container', 'abc'], '--customer: This option is needed with --endpoint.'],
    ['a rate that is none', ['--folder', 'x', '--limit-rate', 'fast'], '--limit-rate: Give bytes a second, such as 10MB.'],
    ['a container of a wrong name', ['--account', 'acme', '--container', 'A'], 'destination.bad-endpoint'],
  ])('refuses %s', async (_, args, what) => {
    const { call } = await scene();
    const { exitCode, stderr } = await call(...args);
    expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining(what)]);
  });

  it('names mistakes of the plan by row and column', async () => {
    const { at, write, call } = await scene();
    write('upload;ann;;a.pst;a.pst');
    const { exitCode, stderr } = await call('--folder', at('out'));
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'row 2, Path: expected a full path, found "a.pst"\nrow 2, Owner: expected the address of a mailbox, or nothing, found "ann"\nError: The plan has 2 mistakes.\nCorrect these cells of the plan. Nothing was uploaded.\nTry: the same command again\n',
    );
    writeFileSync(at('plan.csv'), 'Who;What\r\n');
    expect((await call('--folder', at('out'))).stderr).toContain('plan.column-missing: ');
  });

  it('ends at once on Ctrl+C, and the next run resumes', async () => {
    const { at, plan } = await scene();
    const ended = new AbortController();
    ended.abort(new Error('Ctrl+C'));
    const args = ['discover', 'upload', plan, '--folder', at('out')];
    // The folder is there already, so that the upload itself is what ends.
    await run(args.concat('--dry-run'), { clock: systemClock });
    const { exitCode } = await run(args, { clock: systemClock, signal: ended.signal });
    expect(exitCode).toBe(130);
    expect((await run(args, { clock: systemClock })).exitCode).toBe(0);
  });
});

suite(`discover upload to a container${'skipped' in server ? ` (skipped: ${server.skipped})` : ` (${server.kind})`}`, () => {
  const container = `up-${process.pid}`;
  const sas = accountSas(account, key, 'rwc', 'co');
  const to = ['--account', account, '--service-url', endpoint, '--container', container];
  beforeAll(() => azureBlobStore({ account, endpoint, container, credential: { key } }).putIfAbsent('warm-up', Buffer.from('x')));
  afterAll(async () => {
    if (!('skipped' in server)) await server.close();
  });

  it('takes a SAS from a file, as it is or in an address, and an endpoint of the gateway', async () => {
    const { at, call, write } = await scene();
    writeFileSync(at('sas.txt'), `${sas}\n`);
    expect(await call(...to, '--sas-file', at('sas.txt'))).toMatchObject({ exitCode: 0 });
    writeFileSync(at('sas.txt'), `${endpoint}/${container}?${sas}\n`);
    expect((await call(...to, '--sas-file', at('sas.txt'))).stdout).toContain('\nAlready there\t1\n');
    gateway.list('/v1/customers', [{ customerId: '01J8ZQ4N5W9K7C1B2D3E4F5G6F', name: 'Contoso' }]);
    gateway.list('/v1/customers/01J8ZQ4N5W9K7C1B2D3E4F5G6F/endpoints', [
      { endpointId: '01J8ZQ4N5W9K7C1B2D3E4F5G6H', name: 'Blob', kind: 'azure-blob', settings: { account, endpoint } },
      { endpointId: '01J8ZQ4N5W9K7C1B2D3E4F5G6J', name: 'M365', kind: 'microsoft-365', settings: {} },
    ]);
    write(`upload;ann@contoso.com;;second.pst;${at('a.pst')}`);
    const named = (name: string): string[] => [
      '--endpoint',
      name,
      '--customer',
      'Contoso',
      '--container',
      container,
      '--sas-file',
      at('sas.txt'),
    ];
    expect((await call(...named('Blob'))).stdout).toContain('\nUploaded\t1\n');
    expect((await call(...named('M365'))).stderr).toContain('--endpoint: This is a source.');
  });

  it('says that the container is not there', async () => {
    const { at, call } = await scene();
    writeFileSync(at('sas.txt'), sas);
    const args = ['--account', account, '--service-url', endpoint, '--container', 'nowhere', '--sas-file', at('sas.txt')];
    const { exitCode, stderr } = await call(...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Ended early: destination.not-found. The container is not there.')]);
  });

  it('ends with a SAS that is wrong, counts every row, and shows no secret', async () => {
    const { dir, at, call, write } = await scene();
    write(`upload;ann@contoso.com;;third.pst;${at('a.pst')}`, `skip;;;;${at('b.pst')}`);
    const wrong = sas.replace(/sig=[^&]*/, `sig=${encodeURIComponent(Buffer.alloc(32, 5).toString('base64'))}`);
    for (const [content, code] of [
      [wrong, 'destination.forbidden'],
      [accountSas(account, key, 'r', 'o'), 'destination.forbidden'],
      ['hello', '--sas-file: This is neither a SAS'],
    ] as const) {
      writeFileSync(at('sas.txt'), content);
      const ended = await call(...to, '--sas-file', at('sas.txt'));
      expect([ended.exitCode === 0, `${ended.stdout}${ended.stderr}`]).toEqual([false, expect.stringContaining(code)]);
      if (code === 'destination.forbidden') expect(ended.stderr).toContain('2 rows = 0 uploaded + 1 skipped + 1 failed\n');
      const files = readdirSync(dir).filter((name) => name.endsWith('.jsonl') || name.endsWith('.results.csv'));
      const written = files.map((name) => readFileSync(at(name), 'utf8')).join('');
      expect(`${written}${ended.stdout}${ended.stderr}`).not.toMatch(/sig=\w|hello/);
    }
  });
});
