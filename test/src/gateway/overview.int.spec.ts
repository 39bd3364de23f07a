import { toChangeRecord, CHANGES_TOPIC, VIEWS, type Change } from '@pstream/contracts';
import { waitFor } from '@pstream/testing';
import { startGateway, type RunningGateway } from './gateway.fixture.js';
import { newMailbox } from './mailbox.fixture.js';

const change = (id: string, projectId: string): Change => ({
  view: VIEWS.mailboxes,
  id,
  generation: 'g0',
  live: true,
  revision: 1,
  gone: false,
  projectId,
  customerId: 'c',
});

describe('the overview', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await gateway.put(VIEWS.customers, 'c', {
      customerId: 'c',
      workgroupId: 'default',
      name: 'Contoso',
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    for (const id of ['a', 'b'])
      await gateway.put(VIEWS.mailboxes, id, { ...newMailbox(id, 'p', `${id}@contoso.com`, `${id}.pst`), customerId: 'c', parts: 2 });
  }, 60_000);
  afterAll(() => gateway.close());

  const send = (...changes: Change[]): Promise<void> => gateway.transport.send(CHANGES_TOPIC, changes.map(toChangeRecord));

  /** Listens until the gateway ends the stream; `text` grows. */
  const listen = async (query: string, headers: Record<string, string> = {}, token = gateway.token) => {
    const stop = new AbortController();
    const response = await fetch(`${gateway.url}/v1/events${query}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: stop.signal,
    });
    const heard = { status: response.status, headers: response.headers, text: '', ended: false, stop: () => stop.abort() };
    void (async () => {
      try {
        for await (const chunk of response.body ?? []) heard.text += new TextDecoder().decode(chunk);
      } catch {
        // Aborted by the test.
      }
      heard.ended = true;
    })();
    return heard;
  };

  it('sums up a customer and everything', async () => {
    expect((await gateway.call('GET', '/v1/overview')).body).toMatchObject({
      sums: { mailboxes: 2, parts: 4, statuses: { 'Not Submitted': 2 } },
    });
    expect((await gateway.call('GET', '/v1/customers/c')).body).toMatchObject({ name: 'Contoso', sums: { mailboxes: 2 } });
  });

  it('shows throughput by minute', async () => {
    for (const path of ['/v1/throughput', '/v1/customers/c/throughput'])
      expect(await gateway.call('GET', path)).toMatchObject({ status: 200, body: { minutes: [] } });
    expect(await gateway.call('GET', '/v1/projects/nobody/throughput')).toMatchObject({ status: 404, body: { code: 'project.unknown' } });
  });

  it('lists the read models, and has one rebuilt once however often it is asked', async () => {
    const { body } = await gateway.call('GET', '/v1/admin/views');
    expect(body['items']).toContainEqual({ name: VIEWS.mailboxes, documents: 2, generation: 'g0', rebuild: null });
    const rebuild = () => gateway.call('POST', `/v1/admin/views/${VIEWS.parts}/rebuild`);
    const [first, second] = await Promise.all([rebuild(), rebuild()]);
    expect(first).toMatchObject({ status: 202, body: { state: 'requested', events: 0, code: null } });
    expect(second.body).toEqual(first.body);
    expect(await gateway.call('POST', '/v1/admin/views/nothing/rebuild')).toMatchObject({ status: 404, body: { code: 'view.unknown' } });
  });

  it('sends what changes, to whom it concerns, and goes on where a client was', async () => {
    const heard = await listen('?project=p');
    expect([heard.status, heard.headers.get('content-type'), heard.headers.get('x-accel-buffering')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no',
    ]);
    await waitFor(() => heard.text.includes('event: ready'));
    await send(change('a', 'p'), change('z', 'q'), change('b', 'p'));
    await waitFor(() => heard.text.split('event: changed').length === 3);
    expect(heard.text).not.toContain('"z"');
    expect(heard.text).toContain('data: {"view":"mailboxes","id":"a","projectId":"p","customerId":"c","gone":false}');
    heard.stop();

    const id = /^id: (.+)$/m.exec(heard.text)?.[1] ?? '';
    const again = await listen('', { 'last-event-id': id });
    await waitFor(() => again.text.split('"view":"mailboxes"').length === 4);
    again.stop();
    const lost = await listen('', { 'last-event-id': '0.999-1.0-2.0' });
    await waitFor(() => lost.text.includes('event: reset'));
    lost.stop();
  });

  it('ends a stream whose token was revoked', async () => {
    const { body } = await gateway.call('POST', '/v1/tokens', { name: 'listener' });
    const heard = await listen('', {}, String(body['token']));
    await waitFor(() => heard.text.includes('event: ready'));
    expect((await gateway.call('DELETE', `/v1/tokens/${String(body['tokenId'])}`)).status).toBe(204);
    await waitFor(() => heard.ended, { what: 'the end of the stream', stallMs: 30_000 });
    expect((await listen('', {}, String(body['token']))).status).toBe(401);
  }, 60_000);
});
