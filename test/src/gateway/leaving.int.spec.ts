import { startGateway } from './gateway.fixture.js';

describe('a gateway that stops', () => {
  // Without it, the gateway waits until the connection has been idle for longer than this test may take.
  it('does not wait for clients that listen and keep their connections', async () => {
    const gateway = await startGateway();
    const { token } = (await gateway.call('POST', '/v1/tokens', { name: 'listener' })).body;
    const feed = await fetch(`${gateway.url}/v1/events`, { headers: { authorization: `Bearer ${String(token)}` } });
    expect(feed.status).toBe(200);
    await gateway.close();
    expect(await feed.text()).toContain('event: ready');
  }, 30_000);
});
