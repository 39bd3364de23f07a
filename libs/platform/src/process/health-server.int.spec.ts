import { Fault } from '@pstream/kernel';
import { ProcessHealth } from '@pstream/wiring';
import { openHealthServer, type HealthServer } from './health-server.js';

describe('health endpoint', () => {
  let health: ProcessHealth;
  let server: HealthServer;
  const ask = async (path: string, method = 'GET'): Promise<readonly [number, unknown]> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return [response.status, await response.json()];
  };
  beforeEach(async () => {
    health = new ProcessHealth();
    server = await openHealthServer('projects', health, '127.0.0.1', 0);
  });
  afterEach(() => server.close());

  it('answers 200 only while the process runs', async () => {
    expect(await ask('/health')).toEqual([503, { service: 'projects', status: 'starting', counts: {} }]);
    health.enter('running');
    expect(await ask('/health?probe=1')).toEqual([200, { service: 'projects', status: 'running', counts: {} }]);
    health.enter('stopping');
    expect(await ask('/health')).toEqual([503, { service: 'projects', status: 'stopping', counts: {} }]);
  });

  it('turns red at once when something has ended that must not, with the first cause, and stays so while the process ends', async () => {
    health.enter('running');
    health.fail(new Fault('transport.damaged', { retry: 'never' }));
    health.fail(new TypeError('a consequence'));
    health.enter('stopping');
    expect(await ask('/health')).toEqual([503, { service: 'projects', status: 'failed', cause: 'transport.damaged', counts: {} }]);
  });

  it('shows counts as they are now', async () => {
    const letters = { 'extraction.items.v1': 1 };
    health.counts('deadLetters', () => letters);
    letters['extraction.items.v1']++;
    expect((await ask('/health'))[1]).toMatchObject({ counts: { deadLetters: { 'extraction.items.v1': 2 } } });
  });

  it('tells that the process lives, whatever it does', async () => {
    expect((await ask('/live'))[0]).toBe(200);
  });

  it('knows nothing else', async () => {
    expect((await ask('/'))[0]).toBe(404);
    expect((await ask('/health', 'POST'))[0]).toBe(405);
  });

  it('says which port is in use, and which host is none of this machine', async () => {
    await expect(openHealthServer('other', health, '127.0.0.1', server.port)).rejects.toMatchObject({
      code: 'health.port-in-use',
      retry: 'never',
      facts: { port: server.port },
      advice: expect.stringContaining('PSTREAM_HEALTH_PORT'),
    });
    await expect(openHealthServer('other', health, '192.0.2.1', 0)).rejects.toMatchObject({
      code: 'health.bad-host',
      advice: expect.stringContaining('PSTREAM_HEALTH_HOST'),
    });
  });
});
