import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { standaloneKeys, startSystem, type System } from '@pstream/standalone';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { readConfig } from '@pstream/wiring';
import { describeWithTools, OPENAPI_TS_MODULE, PYTHON, run, writeDocument } from './tools.fixture.js';

jest.setTimeout(600_000);

const USER = 'user1@fabrikam.test';

describeWithTools('a client generated from the API document', [join(PYTHON, 'openapi-python-client'), OPENAPI_TS_MODULE], () => {
  let tenant: RunningTenant;
  let system: System;
  let dir: string;
  let document: string;
  beforeAll(async () => {
    dir = tempDir();
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 5, sizeProfile: 'tiny' }) });
    const config = readConfig(standaloneKeys, {}, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' });
    system = await startSystem(
      config,
      { clock: systemClock, ids: systemIds, random: systemRandom, log: { write: () => undefined } },
      'inline',
    );
    document = writeDocument(dir);
  });
  afterAll(async () => {
    await system.close();
    await tenant.close();
  });

  const environment = (name: string): Record<string, string> => ({
    URL: system.url,
    TOKEN: system.firstToken ?? '',
    OUT: join(dir, 'out', name),
    TENANT: JSON.stringify({
      user: USER,
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      secret: tenant.clientSecret,
      graphUrl: tenant.graphUrl,
      authorityUrl: tenant.authorityUrl,
    }),
  });
  const outcome = (output: string): unknown => JSON.parse(output.trim().split('\n').at(-1) ?? '');

  it('in Python does the whole main job', async () => {
    const client = join(dir, 'python');
    mkdirSync(client);
    const generated = ['generate', '--path', document, '--meta', 'none', '--output-path', join(client, 'pstream_client')];
    await run(join(PYTHON, 'openapi-python-client'), generated);
    const output = await run(join(PYTHON, 'python'), [join(import.meta.dirname, 'main_job.py')], {
      env: { ...environment('python'), CLIENT_DIR: client },
    });
    expect(outcome(output)).toEqual({ status: 'Completed', exported: 5, parts: [['python.pst', 'verified']] });
  });

  it('in TypeScript does the whole main job', async () => {
    const client = join(dir, 'typescript');
    mkdirSync(client);
    writeFileSync(join(client, 'package.json'), '{"type":"module"}');
    const options = { input: document, output: { path: join(client, 'client'), module: { extension: '.ts' } }, logs: { level: 'silent' } };
    const generate = `import { createClient } from ${JSON.stringify(OPENAPI_TS_MODULE)}; await createClient(${JSON.stringify(options)});`;
    await run(process.execPath, ['--input-type=module', '-e', generate], { cwd: client });
    const output = await run(process.execPath, [join(import.meta.dirname, 'main-job.mjs')], {
      env: { ...environment('typescript'), CLIENT_DIR: join(client, 'client') },
    });
    expect(outcome(output)).toEqual({ status: 'Completed', exported: 5, parts: [['typescript.pst', 'verified']] });
  });
});
