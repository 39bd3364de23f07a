import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  isPublished,
  mailboxJobStream,
  outboxPrefix,
  projectStream,
  type MailboxJobEvent,
  type ProjectEvent,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

let gateway: RunningGateway;
let receiver: Server;
let hook: string;
let status = 200;
const posted: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
beforeAll(async () => {
  gateway = await startGateway();
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?sig=hunter2hunter2hunter2hunter2hunter2`;
});
afterAll(async () => {
  await gateway.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});
beforeEach(() => {
  status = 200;
  posted.length = 0;
});

const AT = '2026-01-01T00:00:00.000Z';
let names = 0;
const add = (channel: object, more: object = {}): Promise<Reply> =>
  gateway.call('POST', '/v1/notices/subscriptions', { name: `Ops ${++names}`, kinds: ['pass.failed'], channel, ...more });
const one = (id: unknown, path = ''): string => `/v1/notices/subscriptions/${String(id)}${path}`;
const mail = { kind: 'mail', to: ['ada@contoso.com'] };

describe('a subscription', () => {
  it('by mail is added, listed, changed and removed', async () => {
    const added = await add(mail, { name: 'Night shift' });
    expect(added).toMatchObject({ status: 201, body: { signingKey: null } });
    const { id } = added.body;
    expect((await gateway.call('GET', one(id))).body).toMatchObject({
      name: 'Night shift',
      to: ['ada@contoso.com'],
      host: null,
      active: true,
    });
    expect(await gateway.call('PATCH', one(id), { to: ['eve@contoso.com'], active: false })).toMatchObject({ status: 200 });
    expect((await gateway.call('GET', '/v1/notices/subscriptions')).body['items']).toMatchObject([
      { to: ['eve@contoso.com'], active: false },
    ]);
    expect((await add(mail, { name: 'night SHIFT' })).body).toMatchObject({ status: 409, code: 'notice.name-taken' });
    expect(await gateway.call('DELETE', one(id))).toMatchObject({ status: 200 });
    expect((await gateway.call('GET', one(id))).body).toMatchObject({ status: 404, code: 'notice.unknown' });
    expect((await gateway.call('GET', '/v1/notices/subscriptions')).body['items']).toEqual([]);
  });

  it('that is sent again is added once, with the same key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const body = { name: 'Once', kinds: ['pass.failed'], channel: { kind: 'webhook', url: hook } };
    const first = await gateway.call('POST', '/v1/notices/subscriptions', body, headers);
    expect(first.body['signingKey']).toMatch(/^whsec_[\w+/]{43}=$/);
    expect((await gateway.call('POST', '/v1/notices/subscriptions', body, headers)).body).toEqual(first.body);
    expect((await gateway.call('DELETE', one(first.body['id']))).status).toBe(200);
  });

  it.each([
    ['nobody', { ...mail, to: [] }],
    ['no address', { ...mail, to: ['ada'] }],
    ['something else than an address', { kind: 'webhook', url: 'ftp://contoso.com' }],
    ['a user', { kind: 'teams', url: 'https://user:hunter2@contoso.com/' }],
  ])('with %s is refused, and the value is not repeated', async (_what, channel) => {
    const { body } = await add(channel);
    expect(body).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('of a project that is not there is refused', async () => {
    const { body } = await add(mail, { projectId: '01J8ZQ4N5W9K7C1B2D3E4F5G6B' });
    expect(body).toMatchObject({ status: 404, code: 'project.unknown' });
  });

  it('has its address sealed: it is in no event, view, answer, message or log, and is deleted with the subscription', async () => {
    const before = await gateway.sealed();
    const { body } = await add({ kind: 'webhook', url: hook });
    const shown = JSON.stringify([(await gateway.call('GET', one(body['id']))).body, gateway.messages, gateway.logged]);
    expect(shown).toContain('127.0.0.1');
    expect(shown).not.toMatch(/hunter2|\/hook|whsec_/);
    expect((await gateway.sealed()).length).toBe(before.length + 1);
    await gateway.call('DELETE', one(body['id']));
    await eventually(
      () => gateway.sealed(),
      (sealed) => sealed.length === before.length,
    );
  });

  it('of one kind of channel stays of that kind', async () => {
    const { body } = await add(mail);
    expect((await gateway.call('PATCH', one(body['id']), { url: hook })).body).toMatchObject({ status: 409, code: 'notice.other-channel' });
  });
});

describe('a test', () => {
  it('by mail is a file, without a mail server', async () => {
    const { body } = await add(mail);
    expect((await gateway.call('POST', one(body['id'], '/test'))).body).toEqual({ outcome: 'sent', code: null, advice: null });
    const [file = ''] = readdirSync(gateway.mailDir);
    expect(readFileSync(join(gateway.mailDir, file), 'utf8')).toContain('Subject: pstream: This is a test');
  });

  it('shows how a notice of a kind looks, in the words of the workgroup, which a made-up value never hides', async () => {
    const words = { subject: 'Help {customer}: {count} failed', body: '{mailbox}\n{cause}' };
    const path = '/v1/notices/templates/pass.failed';
    expect((await gateway.call('POST', `${path}/preview`, words)).body).toMatchObject({
      subject: 'Test: Help Contoso: 1 failed',
      text: expect.stringContaining('- ada@contoso.com\n  graph.mailbox-forbidden\n'),
    });
    const edited = await gateway.call('PATCH', path, words);
    expect(edited).toMatchObject({ status: 200, body: { id: 'pass.failed' } });
    const { items } = (await gateway.call('GET', '/v1/notices/templates')).body as { items: { kind: string }[] };
    expect(items).toHaveLength(9);
    expect(items.find(({ kind }) => kind === 'pass.failed')).toMatchObject({ ...words, placeholders: expect.arrayContaining(['mailbox']) });
    const { body } = await add(mail);
    const before = new Set(readdirSync(gateway.mailDir));
    expect((await gateway.call('POST', one(body['id'], '/test?about=pass.failed'))).body).toMatchObject({ outcome: 'sent' });
    const [file = ''] = readdirSync(gateway.mailDir).filter((name) => !before.has(name));
    expect(readFileSync(join(gateway.mailDir, file), 'utf8')).toContain('Subject: Test: Help Contoso: 1 failed');
    for (const [change, code] of [
      [{ subject: '{password}' }, 'notice.template-placeholder'],
      [{ body: 'a { b' }, 'notice.template-brace'],
    ] as const)
      for (const [method, at] of [
        ['PATCH', path],
        ['POST', `${path}/preview`],
      ] as const)
        expect((await gateway.call(method, at, change)).body).toMatchObject({ status: 409, code });
    const secret = `?sig=${'a'.repeat(40)}`;
    const refused = await gateway.call('PATCH', path, { body: `Open https://hooks.example/${secret}` });
    expect([refused.status, JSON.stringify(refused.body).includes(secret)]).toEqual([400, false]);
    expect((await gateway.call('PATCH', '/v1/notices/templates/test', words)).body).toMatchObject({
      status: 404,
      code: 'notice-kind.unknown',
    });
    const usual = { subject: null, body: null };
    expect((await gateway.call('PATCH', path, usual)).status).toBe(200);
    expect((await gateway.call('POST', `${path}/preview`, {})).body['subject']).toBe('Test: pstream: Leavers: 1 pass failed');
  });

  it('and its words are changed only as they were seen, whatever became of others meanwhile', async () => {
    const etag = async (path: string): Promise<string> => (await gateway.call('GET', path)).headers.get('etag') ?? '';
    const changed = async (path: string, change: object, ifMatch: string): Promise<number> =>
      (await gateway.call('PATCH', path, change, { 'if-match': ifMatch })).status;
    const path = one((await add(mail)).body['id']);
    const seen = await etag(path);
    await add(mail);
    expect(await changed(path, { active: false }, seen)).toBe(200);
    expect(await changed(path, { active: true }, seen)).toBe(412);
    expect((await gateway.call('DELETE', path, undefined, { 'if-match': seen })).status).toBe(412);
    expect(await changed(path, { active: true }, await etag(path))).toBe(200);
    const words = '/v1/notices/templates';
    const read = await etag(words);
    expect(await changed(`${words}/pass.held`, { subject: 'Held' }, read)).toBe(200);
    expect(await changed(`${words}/pass.silent`, { subject: 'Silent' }, read)).toBe(200);
    expect(await changed(`${words}/pass.held`, { subject: 'Late' }, read)).toBe(412);
    expect(await changed(`${words}/pass.held`, { subject: null }, await etag(words))).toBe(200);
    expect(await changed(`${words}/pass.silent`, { subject: null }, await etag(words))).toBe(200);
  });

  it('by webhook is posted with a signature, also to an address that took the place of another', async () => {
    const { body } = await add({ kind: 'webhook', url: 'http://127.0.0.1:1/nobody' });
    expect((await gateway.call('POST', one(body['id'], '/test'))).body).toMatchObject({ outcome: 'failed', code: 'notice.no-answer' });
    await gateway.call('PATCH', one(body['id']), { url: hook });
    expect((await gateway.call('POST', one(body['id'], '/test'))).body).toMatchObject({ outcome: 'sent' });
    expect(posted).toMatchObject([{ headers: { 'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}=$/) } }]);
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({ type: 'pstream.notice', data: { counts: { test: 1 } } });
  });

  it('finds the address and the host that is shown changed together, or neither', async () => {
    const { body } = await add({ kind: 'webhook', url: hook });
    const shownHost = async (): Promise<unknown> => (await gateway.call('GET', one(body['id']))).body['host'];
    const before = await shownHost();
    // Refused after the new address was sealed.
    expect(
      (await gateway.call('PATCH', one(body['id']), { url: 'http://127.0.0.1:1/nobody', name: `Ops ${names}`, to: ['ada@contoso.com'] }))
        .body,
    ).toMatchObject({
      code: 'notice.other-channel',
    });
    expect(await shownHost()).toBe(before);
    expect((await gateway.call('POST', one(body['id'], '/test'))).body).toMatchObject({ outcome: 'sent' });
    const headers = { 'idempotency-key': 'other address' };
    const change = { url: 'http://127.0.0.1:1/nobody' };
    const changed = await gateway.call('PATCH', one(body['id']), change, headers);
    expect((await gateway.call('PATCH', one(body['id']), change, headers)).body).toEqual(changed.body);
    expect(await shownHost()).toBe('127.0.0.1:1');
    expect((await gateway.call('POST', one(body['id'], '/test'))).body).toMatchObject({ code: 'notice.no-answer' });
  });

  it('as a Teams card is posted, and refused where the receiver refuses it', async () => {
    const { body } = await add({ kind: 'teams', url: hook });
    expect((await gateway.call('POST', one(body['id'], '/test'))).body).toMatchObject({ outcome: 'sent' });
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({ type: 'message', attachments: [{ content: { type: 'AdaptiveCard' } }] });
    status = 410;
    const { body: said } = await gateway.call('POST', one(body['id'], '/test'));
    expect(said).toMatchObject({ outcome: 'failed', code: 'notice.refused', advice: expect.any(String) });
    const list = (): Promise<Reply> => gateway.call('GET', `/v1/notices?subscriptionId=${String(body['id'])}`);
    await eventually(list, ({ body: { items } }) => Array.isArray(items) && items.length === 2 && items[0].state === 'given-up');
    expect((await list()).body['items']).toMatchObject([
      { state: 'given-up', code: 'notice.refused', attempts: 1, counts: { test: 1 } },
      { state: 'sent', code: null, attempts: 1 },
    ]);
  });

  it('of a subscription that is not there is refused', async () => {
    expect((await gateway.call('POST', one('01J8ZQ4N5W9K7C1B2D3E4F5G6B', '/test'))).body).toMatchObject({
      status: 404,
      code: 'notice.unknown',
    });
  });
});

describe('another workgroup', () => {
  it('has subscriptions of its own, and finds none of others', async () => {
    const { body } = await add(mail);
    const made = await gateway.call('POST', '/v1/workgroups', { name: 'Others', ownerEmail: 'eve@contoso.com' });
    const session = await gateway.bare('POST', '/v1/sessions', { code: made.body['code'] });
    const cookie = (session.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    const eve = (method: string, path: string, sent?: unknown): Promise<Reply> =>
      gateway.bare(method, path, sent, { cookie, 'x-pstream-csrf': '1' });
    expect((await eve('GET', '/v1/notices/subscriptions')).body).toMatchObject({ items: [], total: 0 });
    expect((await eve('GET', '/v1/notices')).body).toMatchObject({ items: [], total: 0 });
    for (const [method, path, sent] of [
      ['GET', ''],
      ['PATCH', '', { active: false }],
      ['DELETE', ''],
      ['POST', '/test'],
    ] as const)
      expect((await eve(method, one(body['id'], path), sent)).body).toMatchObject({ status: 404, code: 'notice.unknown' });
    expect((await eve('GET', '/v1/notices/subscriptions?atLeast=notice-rules:default:1')).body).toMatchObject({
      status: 400,
      code: 'request.at-least',
    });
  });
});

describe('what happens to a pass', () => {
  it('is noted for those who want to hear of it, from the log', async () => {
    const ids = { workgroupId: 'default', customerId: 'C', projectId: 'P' };
    const { body } = await add(mail, { kinds: ['pass.started', 'pass.completed-with-errors'] });
    const refs = { ...ids, mailboxJobId: 'M', passId: 'X' };
    await gateway.record<ProjectEvent>('projects', projectStream('P'), {
      type: 'ProjectCreated',
      data: { ...ids, name: 'P', type: 'mailbox', sourceEndpointId: 's', destinationEndpointId: 'd', container: 'x', partBytes: 1, at: AT },
    });
    const at = new Date(Date.now() + 60_000).toISOString();
    const totals = { discovered: 2, exported: 1, skipped: 0, failed: 1 };
    await gateway.record<MailboxJobEvent>(
      'projects',
      mailboxJobStream('M'),
      { type: 'MailboxJobOpened', data: { ...ids, mailboxJobId: 'M', source: 'ann@contoso.com', destination: 'ann.pst', at } },
      { type: 'PassBegun', data: { ...refs, at } },
      { type: 'PassCompleted', data: { ...refs, kind: 'full', pass: totals, mailbox: totals, at } },
    );
    const collected = async (): Promise<RecordedEvent<PublishedEvent>[]> => {
      const found: RecordedEvent<PublishedEvent>[] = [];
      for await (const stream of gateway.store.streams(outboxPrefix))
        for (const event of await gateway.store.read(stream))
          if (isPublished(event) && event.type === 'NoticeCollected' && event.data.subscriptionId === body['id']) found.push(event);
      return found;
    };
    const events = await eventually(collected, (found) => found.length === 2);
    expect(events).toMatchObject([
      { data: { about: 'P', entry: { kind: 'pass.started', source: 'ann@contoso.com' } } },
      { data: { about: 'P', entry: { kind: 'pass.completed-with-errors', totals } } },
    ]);
  });
});
