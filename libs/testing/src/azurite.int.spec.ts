import { azuriteServer } from './servers/azurite.js';

describe('azuriteServer', () => {
  it('starts a server that answers, or says why not', async () => {
    const server = await azuriteServer();
    if ('skipped' in server) {
      expect(server.skipped.length).toBeGreaterThan(10);
      return;
    }
    const answer = await fetch(`${server.endpoint}/none?restype=container`);
    expect(answer.headers.get('server')).toContain('Azurite');
    await server.close();
  }, 300_000);
});
