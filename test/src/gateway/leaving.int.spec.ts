import { once } from 'node:events';
import { connect } from 'node:net';
import { startGateway } from './gateway.fixture.js';

describe('a gateway that stops', () => {
  // Otherwise it waits for longer than these tests may take: until a connection has been idle for a minute and more.
  it('does not wait for clients that listen and keep their connections', async () => {
    const gateway = await startGateway();
    const { token } = (await gateway.call('POST', '/v1/tokens', { name: 'listener' })).body;
    const feed = await fetch(`${gateway.url}/v1/events`, { headers: { authorization: `Bearer ${String(token)}` } });
    expect(feed.status).toBe(200);
    await gateway.close();
    expect(await feed.text()).toContain('event: ready');
  }, 30_000);

  it('does not wait for connections that were opened ahead of need', async () => {
    const gateway = await startGateway();
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').unref();
    await once(socket, 'connect');
    const ended = once(socket.resume(), 'close');
    await gateway.close();
    await ended;
  }, 30_000);
});
