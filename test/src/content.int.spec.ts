import { jest } from '@jest/globals';
import type { PartFolders, PartMessage, PartMessages } from '@pstream/api';
import { systemClock } from '@pstream/kernel';
import { startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';
import { eventually } from './support/eventually.js';
import { HOSTILE, hostileTenant } from './support/hostile-mailbox.js';

jest.setTimeout(120_000);

const USER = 'user1@fabrikam.test';

describe('looking into a finished PST', () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  let exported: Exported;
  /** Path of the part. */
  let part: string;

  beforeAll(async () => {
    sim = await startTenant({ tenant: hostileTenant() });
    fleet = await startFleet(tempDir(), [USER], { clock: systemClock });
    exported = await fleet.add(USER, accessOf(sim));
    await fleet.post(`/projects/${exported.projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const [done] = await eventually(
      () => exported.parts(),
      (parts) => parts[0]?.state === 'verified',
      60_000,
      100,
    );
    part = `/mailboxes/${done!.mailboxJobId}/parts/${done!.partId}`;
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  const allow = async (allowed: boolean): Promise<void> => {
    const { status, body } = await fleet.send('PATCH', `/projects/${exported.projectId}/viewing`, { allowed });
    expect(status).toBe(200);
    await fleet.shows(`/projects/${exported.projectId}`, body as never);
  };
  const folder = async (): Promise<string> =>
    (await fleet.get<PartFolders>(`${part}/folders`)).body.items.find(({ path }) => path.at(-1) === HOSTILE.name)!.folderId;
  const rows = async (): Promise<PartMessages['items']> =>
    (await fleet.get<PartMessages>(`${part}/messages?folder=${await folder()}`)).body.items;

  it('is refused unless its project allows it', async () => {
    for (const path of [
      '/folders',
      '/messages?subject=x',
      '/messages/200024',
      '/messages/200024/page.html',
      '/messages/200024/attachments/8025',
    ])
      expect((await fleet.get(`${part}${path}`)).body).toMatchObject({ status: 403, code: 'project.viewing-off' });
    await allow(true);
    expect((await fleet.get<PartFolders>(`${part}/folders`)).status).toBe(200);
    await allow(false);
    expect((await fleet.get(`${part}/folders`)).status).toBe(403);
    await allow(true);
  });

  it('shows folders, messages and one message as they are, as text', async () => {
    const [letter, plain] = await rows();
    expect([letter!.subject, plain!.subject]).toEqual([HOSTILE.subject, 'A plain letter']);
    expect(letter).toMatchObject({ from: HOSTILE.name, at: '2026-03-01T08:00:00.000Z', hasAttachments: true });
    const { body } = await fleet.get<PartMessage>(`${part}/messages/${plain!.messageId}`);
    expect(body).toMatchObject({ subject: 'A plain letter', text: HOSTILE.text, hasHtml: false, cut: false });
    expect(body.recipients).toEqual([{ kind: 'to', name: HOSTILE.name, address: 'ben@fabrikam.test' }]);
  });

  it('finds subjects in all folders', async () => {
    const { body } = await fleet.get<PartMessages>(`${part}/messages?subject=SCRIPT`);
    expect(body.items.map(({ subject }) => subject)).toEqual([HOSTILE.subject]);
    expect([body.scanned, body.total, body.next]).toEqual([2, 2, null]);
  });

  it('gives attachments as they are, under a name that leads nowhere, and messages within messages', async () => {
    const [letter] = await rows();
    const { body } = await fleet.get<PartMessage>(`${part}/messages/${letter!.messageId}`);
    const [page, large, within] = body.attachments;
    expect(await fleet.file(`${part}/messages/${letter!.messageId}/attachments/${page!.attachmentId}`)).toBe(HOSTILE.fileText);
    expect((await fleet.file(`${part}/messages/${letter!.messageId}/attachments/${large!.attachmentId}`)).length).toBe(1_300_000);
    expect(within).toMatchObject({ isMessage: true, name: HOSTILE.name });
    const inner = await fleet.get<PartMessage>(`${part}/messages/${letter!.messageId}.${within!.attachmentId}`);
    expect(inner.body).toMatchObject({ subject: 'A letter within', text: 'Within.' });
  });

  it('shows HTML made safe', async () => {
    const [letter] = await rows();
    const page = await fleet.file(`${part}/messages/${letter!.messageId}/page.html`);
    expect(page).toContain('<h1>Hello</h1>');
    expect(page).toContain('End of the letter');
    expect(page.replaceAll(/ title="[^"]*"/g, '')).not.toMatch(/<script|onerror|onload|tracker\.example|<iframe|<form|<base|url\(/);
  });

  it('says what is not there', async () => {
    const [letter] = await rows();
    const { messageId } = letter!;
    for (const path of ['/messages/x', '/messages/0', '/messages/200ffe4', `/messages/${messageId}/attachments/1`, '/messages?folder=1'])
      expect([path, (await fleet.get(`${part}${path}`)).body]).toMatchObject([path, { status: 404, code: 'part.no-such-item' }]);
    for (const path of ['/messages', '/messages?folder=xyz', `/messages?folder=${await folder()}&limit=0`])
      expect([path, (await fleet.get(`${part}${path}`)).body]).toMatchObject([path, { status: 400, code: 'request.invalid' }]);
    expect((await fleet.get(`${part}/messages?subject=a&cursor=zz`)).body).toMatchObject({ status: 400, code: 'request.bad-cursor' });
    const other = part.replace(/[^/]+$/, '01J8ZQ4N5W9K7C1B2D3E4F5G6A');
    expect((await fleet.get(`${other}/folders`)).body).toMatchObject({ status: 404, code: 'part.unknown' });
    expect((await fleet.get(`${part.replace(/[^/]+$/, 'x')}/folders`)).body).toMatchObject({ status: 404, code: 'part.unknown' });
  });
});
