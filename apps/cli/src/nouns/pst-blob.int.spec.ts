import { jest } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { azureBlobStore } from '@pstream/blob';
import { systemClock } from '@pstream/kernel';
import { azuriteServer, tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';
import { readOnlySas } from './sas.fixture.js';
import { writePst } from './pst.fixture.js';

jest.setTimeout(120_000);

const run = runner('http://127.0.0.1:1');
const server = await azuriteServer();
const suite = 'skipped' in server ? describe.skip : describe;
const { endpoint, account, key } = 'skipped' in server ? { endpoint: '', account: '', key: '' } : server;

suite(`pst commands on blobs${'skipped' in server ? ` (skipped: ${server.skipped})` : ` on ${server.kind}`}`, () => {
  const container = `cli-${process.pid}`;
  const sas = readOnlySas(account, key);
  const local = join(tempDir(), 'part.pst');
  const address = (name: string, query = sas): string => `${endpoint}/${container}/${name}${query === '' ? '' : `?${query}`}`;
  const call = (argv: readonly string[], secret?: string) =>
    run(argv, { clock: systemClock, ...(secret === undefined ? {} : { environment: { PSTREAM_SECRET: secret } }) });
  const signature = new URLSearchParams(sas).get('sig') ?? '';

  beforeAll(async () => {
    await writePst(local, 1, ['first', 'second']);
    const store = azureBlobStore({ account, endpoint, container, credential: { key } });
    await store.putIfAbsent('deep/part.pst', readFileSync(local));
    const damaged = readFileSync(local);
    damaged[0x4a00] = (damaged[0x4a00] ?? 0) ^ 1;
    await store.putIfAbsent('damaged.pst', damaged);
  });
  afterAll(async () => {
    if (!('skipped' in server)) await server.close();
  });

  it('tell, list, print, verify and compare as they do with a file', async () => {
    const blob = address('deep/part.pst');
    expect((await call(['pst', 'info', blob])).stdout).toBe((await call(['pst', 'info', local])).stdout);
    expect((await call(['pst', 'ls', blob, '--items'])).stdout).toBe((await call(['pst', 'ls', local, '--items'])).stdout);
    expect((await call(['pst', 'cat', blob, 'Inbox'])).stdout).toBe((await call(['pst', 'cat', local, 'Inbox'])).stdout);
    expect(await call(['pst', 'diff', local, blob])).toMatchObject({ exitCode: 0, stderr: '' });
    const verified = await call(['pst', 'verify', blob]);
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    expect(verified.stdout.split('\t')[0]).toBe(address('deep/part.pst', ''));
  });

  it('take a SAS or the account key from PSTREAM_SECRET', async () => {
    for (const secret of [sas, `?${sas}`, key])
      expect(await call(['pst', 'info', address('deep/part.pst', '')], secret)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('say what is wrong without the credential', async () => {
    const wrong = sas.replace(/sig=[^&]*/, `sig=${encodeURIComponent(Buffer.alloc(32, 5).toString('base64'))}`);
    for (const [argv, exitCode, told] of [
      [['pst', 'verify', address('damaged.pst')], 10, 'damaged.pst: '],
      [['pst', 'info', address('missing.pst')], 1, 'Failed: blob.not-found.'],
      [['pst', 'info', address('deep/part.pst', wrong)], 1, 'Failed: blob.forbidden.'],
      [['pst', 'info', `${endpoint}?${sas}`], 2, 'names no blob'],
      [['pst', 'info', `https://user:secret@host/a/b?${sas}`], 2, 'cannot be read'],
    ] as const)
      for (const json of [[], ['--json']]) {
        const ended = await call([...argv, ...json]);
        expect([argv, ended.exitCode]).toEqual([argv, exitCode]);
        const all = `${ended.stdout}${ended.stderr}`;
        if (json.length === 0) expect(ended.stderr).toContain(told);
        for (const secret of [signature, encodeURIComponent(signature), 'sig=', 'user:secret']) expect(all).not.toContain(secret);
      }
  });

  it('notice that a blob is no PST', async () => {
    const none = join(tempDir(), 'none.pst');
    writeFileSync(none, 'x'.repeat(1_000));
    await azureBlobStore({ account, endpoint, container, credential: { key } }).putIfAbsent('none.pst', readFileSync(none));
    const { exitCode, stderr } = await call(['pst', 'ls', address('none.pst')]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('none.pst is no PST or OST: pst.not-a-pst at HEADER/dwMagic')]);
  });
});
