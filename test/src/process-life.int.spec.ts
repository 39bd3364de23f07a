import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { repositoryRoot, runToEnd, startChild, tempDir, type Child } from '@pstream/testing';

jest.setTimeout(300_000);

const STANDALONE = join(repositoryRoot, 'apps', 'standalone', 'dist', 'main.js');
const EXTRACTOR = join(repositoryRoot, 'apps', 'extractor', 'dist', 'main.js');
const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
const dataDir = (): string => join(tempDir(), 'data');

const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]): ReturnType<typeof runToEnd> =>
  runToEnd(process.execPath, [...flags, STANDALONE, ...args], { env: { PSTREAM_PORT: '0', ...env } });
const start = (env: Readonly<Record<string, string>>, readyLine = /Address: (\S+)/): Promise<Child> =>
  startChild({ command: process.execPath, args: [...flags, STANDALONE], env: { PSTREAM_PORT: '0', ...env }, readyLine });

(existsSync(STANDALONE) ? describe : describe.skip)('the life of a process', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[], number, readonly string[]]>([
    ['a data directory that is a file', { PSTREAM_DATA: '/dev/null' }, [], 1, ['storage.not-a-directory', 'PSTREAM_DATA']],
    ['a host of another machine', { PSTREAM_HOST: '192.0.2.1' }, [], 1, ['gateway.bad-host', 'PSTREAM_HOST']],
    [
      'a misspelt variable',
      { PSTREAM_PROT: '1', PSTREAM_LOG: 'loud' },
      [],
      2,
      ['PSTREAM_PROT', 'Did you mean PSTREAM_PORT?', 'PSTREAM_LOG'],
    ],
    ['an argument', {}, ['--port', '99'], 2, ['--port', 'PSTREAM_PORT']],
  ])('%s is refused with a cause and a remedy, without a stack trace', async (_, env, args, code, said) => {
    const ended = await run({ PSTREAM_DATA: dataDir(), ...env }, ...args);
    expect(ended.code).toBe(code);
    for (const text of said) expect(ended.output).toContain(text);
    expect(ended.output).not.toMatch(/^\s+at /m);
  });

  it('a port in use is refused with a cause and a remedy', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = { PSTREAM_DATA: dataDir() };
    const { code, output } = await run({ ...env, PSTREAM_PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(output).toContain('gateway.port-in-use');
    expect(output).toContain('PSTREAM_PORT');
    expect(output).not.toMatch(/^\s+at /m);
    // The first token was made before that. Nobody has seen it, so the next start shows one.
    const again = await start(env, /Token: +pstream_/);
    again.signal('SIGTERM');
    expect(await again.exited).toBe(0);
  });

  it('a second process on the same data directory is refused; the first stops when it is asked to', async () => {
    const env = { PSTREAM_DATA: dataDir() };
    const first = await start(env);
    const second = await run(env);
    expect(second.code).toBe(1);
    expect(second.output).toContain('storage.in-use');
    first.signal('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(first.output()).toContain('Stopping…');
  });

  it('starts again after SIGKILL', async () => {
    const env = { PSTREAM_DATA: dataDir() };
    const first = await start(env);
    first.signal('SIGKILL');
    await first.exited;
    const again = await start(env);
    expect(again.output()).not.toContain('Token:');
    again.signal('SIGINT');
    expect(await again.exited).toBe(0);
  });

  (existsSync('/dev/full') ? it : it.skip)('a standard output that is full takes no token with it', async () => {
    const env = { ...process.env, PSTREAM_PORT: '0', PSTREAM_DATA: dataDir() };
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [...flags, STANDALONE], { env, stdio: ['ignore', full, 'pipe'] });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    closeSync(full);
    expect([code, said.includes('output.unwritable')]).toEqual([1, true]);
    expect(readdirSync(join(env.PSTREAM_DATA, 'tokens'))).not.toContain('tokens.json');
    const again = await start({ PSTREAM_DATA: env.PSTREAM_DATA });
    await again.stop(30_000);
    expect(again.output()).toContain('Token:');
  });

  (existsSync('/dev/full') ? it : it.skip)('a log that cannot be written ends nothing, and is counted', async () => {
    const env = { ...process.env, PSTREAM_PORT: '0', PSTREAM_DATA: dataDir() };
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [...flags, STANDALONE], { env, stdio: ['ignore', 'pipe', full] });
    const url = await new Promise<string>((resolve) => {
      let said = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /Address: (\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    closeSync(full);
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
  });

  it('a service that cannot reach its brokers says so, within the time that it may wait', async () => {
    const { code, output } = await runToEnd(process.execPath, [...flags, EXTRACTOR], {
      env: {
        PSTREAM_KAFKA_BROKERS: '127.0.0.1:1',
        PSTREAM_MONGO_URL: 'mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=500',
        PSTREAM_WORK_FOLDER: tempDir(),
        PSTREAM_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
        PSTREAM_HEALTH_PORT: '0',
        PSTREAM_START_WAIT_MS: '0',
      },
    });
    expect(code).toBe(1);
    expect(output).toMatch(/extractor: .*(event-store|transport)\.unavailable/);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it('a process whose consumer has ended by an error ends with exit code 1 and says so in one line', async () => {
    const at = (...path: readonly string[]): string => JSON.stringify(pathToFileURL(join(repositoryRoot, ...path)).href);
    const program = join(tempDir(), 'dying.mjs');
    writeFileSync(
      program,
      `import * as nest from ${at('node_modules', '@nestjs', 'common', 'index.js')};
      import { embedded, runProcess } from ${at('libs', 'platform', 'dist', 'index.js')};
      import { FAILED } from ${at('libs', 'wiring', 'dist', 'index.js')};
      class Dying {
        constructor(failed) { this.failed = failed; }
        onApplicationBootstrap() { setTimeout(() => this.failed(new RangeError('secret text')), 200); }
      }
      nest.Injectable()(Dying);
      nest.Inject(FAILED)(Dying, undefined, 0);
      class Root {}
      nest.Module({ providers: [Dying] })(Root);
      await runProcess({ name: 'dying', keys: {}, open: embedded, modules: () => [Root] });`,
    );
    const { code, output } = await runToEnd(process.execPath, [...flags, program], { env: { PSTREAM_DATA: dataDir() } });
    expect(code).toBe(1);
    expect(output.match(/"event":"service.failed"/g)).toHaveLength(1);
    expect(output).not.toContain('secret text');
  });
});
