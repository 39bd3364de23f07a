import { connectToFake, graphError, SECRET, startFake, tokenReply, type FakeServer, type Reply } from '../fake-graph.fixture.js';

let server: FakeServer;
afterEach(() => server.close());

describe('the end of the client secret', () => {
  const of = (...passwordCredentials: object[]): Reply => ({ json: { value: [{ passwordCredentials }] } });
  const ends = async (reply: Reply): Promise<string | null> => {
    // A token that names no permissions tells nothing of what the app may ask.
    server = await startFake(
      () => reply,
      (_seen, nth) => ({ json: tokenReply(nth, 3600, []) }),
    );
    return connectToFake(server).client.secretEndsAt();
  };
  const hint = SECRET.slice(0, 3);

  it('is that of the secret which begins as ours does; of several, the first', async () => {
    const found = await ends(
      of(
        { hint: '~~~', endDateTime: '2026-04-01T00:00:00Z' },
        { hint, endDateTime: '2027-05-01T00:00:00Z' },
        { hint, endDateTime: '2026-05-01T00:00:00Z' },
        { hint: null, endDateTime: '2026-01-01T00:00:00Z' },
        { hint, endDateTime: 'some day' },
      ),
    );
    expect(found).toBe('2026-05-01T00:00:00.000Z');
    expect(server.requests[0]?.path).toContain('/v1.0/applications?$filter=appId%20eq%20');
    expect(server.requests[0]?.path).not.toContain(SECRET);
  });

  it('is not known to whoever may not ask, and where none is listed', async () => {
    expect(await ends(graphError(403, 'Authorization_RequestDenied'))).toBeNull();
    await server.close();
    expect(await ends(of())).toBeNull();
    await server.close();
    expect(await ends({ json: {} })).toBeNull();
  });
});
