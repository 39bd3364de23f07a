import { createServer } from 'node:net';
import { freePort, portAccepts, runToEnd, startChild } from './servers/child.js';

const node = (program: string): { command: string; args: string[] } => ({ command: process.execPath, args: ['-e', program] });

describe('startChild', () => {
  it('resolves when the ready line was printed and keeps what it matched', async () => {
    const child = await startChild({
      ...node(`console.log('noise'); console.log('port=' + 4711); setInterval(() => 0, 1000)`),
      readyLine: /^port=(\d+)/,
    });
    expect(child.match?.[1]).toBe('4711');
    expect(child.output()).toContain('noise');
    await child.stop();
    expect(await child.exited).toBe('SIGTERM');
    await child.stop();
  });

  it('resolves when the port accepts', async () => {
    const port = await freePort();
    const child = await startChild({ ...node(`require('net').createServer().listen(${port}, '127.0.0.1')`), readyPort: port });
    expect(await portAccepts(port)).toBe(true);
    await child.stop();
    expect(await portAccepts(port)).toBe(false);
  });

  it('tells the last output of a process that ended too early', async () => {
    await expect(startChild({ ...node(`console.error('out of luck'); process.exit(7)`), readyLine: /never/ })).rejects.toThrow(
      /ended with 7.*\n.*out of luck/,
    );
  });

  it('gives up on a process that is never ready', async () => {
    await expect(startChild({ ...node(`setInterval(() => 0, 1000)`), readyLine: /never/, startTimeoutMs: 300 })).rejects.toThrow(
      'not ready within 300 ms',
    );
  });

  it('tells of a program that is not there', async () => {
    await expect(startChild({ command: 'no-such-program-here', readyLine: /x/ })).rejects.toThrow('ENOENT');
  });

  it('kills a process that ignores SIGTERM', async () => {
    const child = await startChild({
      ...node(`process.on('SIGTERM', () => 0); console.log('up'); setInterval(() => 0, 1000)`),
      readyLine: /up/,
    });
    await child.stop(100);
    expect(await child.exited).toBe('SIGKILL');
  });
});

describe('runToEnd', () => {
  it('returns code and output', async () => {
    expect(await runToEnd(process.execPath, ['-e', `console.log('done'); process.exit(3)`])).toEqual({ code: 3, output: 'done\n' });
  });
});

describe('freePort', () => {
  it('names a port that can be listened on', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
    expect(port).toBeGreaterThan(1023);
  });
});
