import { openHealth, type Health } from './health.js';

describe('health endpoint', () => {
  let health: Health;
  const ask = async (path: string, method = 'GET'): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`, { method });
    return [response.status, (await response.text()).trim()];
  };
  beforeEach(async () => {
    health = await openHealth('projects', '127.0.0.1', 0);
  });
  afterEach(() => health.close());

  it('answers 200 only while the service runs', async () => {
    expect(await ask('/health')).toEqual([503, '{"service":"projects","status":"starting"}']);
    health.state = 'running';
    expect(await ask('/health?probe=1')).toEqual([200, '{"service":"projects","status":"running"}']);
    health.state = 'stopping';
    expect(await ask('/health')).toEqual([503, '{"service":"projects","status":"stopping"}']);
  });

  it('tells that the process lives, whatever the service does', async () => {
    expect((await ask('/live'))[0]).toBe(200);
  });

  it('knows nothing else', async () => {
    expect((await ask('/'))[0]).toBe(404);
    expect((await ask('/health', 'POST'))[0]).toBe(405);
  });

  it('says which port is taken', async () => {
    await expect(openHealth('other', '127.0.0.1', health.port)).rejects.toMatchObject({
      code: 'health.port-in-use',
      retry: 'never',
      facts: { port: health.port },
    });
  });
});
