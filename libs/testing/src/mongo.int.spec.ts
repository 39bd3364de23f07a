import { mongoServer } from './servers/mongo.js';

describe('mongoServer', () => {
  it('gives a server that says what it is, or a reason why there is none', async () => {
    const server = await mongoServer();
    if ('skipped' in server) {
      expect(server.skipped).not.toBe('');
      return;
    }
    expect(server.url).toMatch(/^mongodb(\+srv)?:\/\//);
    expect(server.kind).toMatch(/MongoDB/);
    await server.close();
  }, 180_000);
});
