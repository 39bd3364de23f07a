import { ProjectReport } from '@pstream/api';
import { itemTypes, noItems, VIEWS, type ItemErrorView, type LastExport, type MailboxView } from '@pstream/contracts';
import { startGateway, type RunningGateway } from './gateway.fixture.js';
import { newMailbox } from './mailbox.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const AT = '2026-03-01T10:42:00.000Z';
const HOSTILE = '<img src=x onerror=alert(1)>\u202E"\'&';
let made = 0;

/** A mailbox of the project, with what is on record about it. */
const putMailbox = async (
  projectId: string,
  more: Partial<MailboxView> & { readonly exported?: boolean; readonly lastExport?: LastExport },
): Promise<string> => {
  const id = `01J8ZQ4N5W9K7C1B2D3E4F5H${String(++made).padStart(2, '0')}`;
  const pass = { passId: 'p', number: 1, kind: 'full' as const, startedAt: AT, startAt: null, endedAt: AT };
  await gateway.put(VIEWS.mailboxes, id, {
    ...newMailbox(id, projectId, `u${made}@contoso.com`, `u${made}.pst`),
    pass,
    exported: true,
    lastExport: { passId: 'p', kind: 'full' },
    ...more,
  });
  return id;
};
const folder = (name: string, more: object = {}) => ({
  name,
  parent: null,
  containerClass: 'IPF.Note',
  wellKnownName: null,
  expected: 5,
  left: null,
  totals: noItems,
  mime: 0,
  doubts: 0,
  notListed: null,
  ...more,
});
const putFolders = (projectId: string, mailboxJobId: string, folders: object): Promise<void> =>
  gateway.put(VIEWS.folders, mailboxJobId, { mailboxJobId, projectId, folders });
const putError = (projectId: string, mailboxJobId: string, itemKey: string, more: Partial<ItemErrorView>): Promise<void> =>
  gateway.put(VIEWS.errors, `${mailboxJobId}/${itemKey}`, {
    projectId,
    mailboxJobId,
    passId: 'p',
    itemKey,
    itemId: 'i',
    folderKey: 'a',
    outcome: 'failed',
    state: 'open',
    itemType: 'IPM.Note',
    itemDate: null,
    sizeBytes: 9,
    code: 'graph.item-corrupt',
    advice: 'Open the item in Outlook.',
    fallback: null,
    doubts: [],
    attempts: 1,
    firstSeenAt: AT,
    lastSeenAt: AT,
    mended: null,
    acknowledged: null,
    ...more,
  });
const putPart = (projectId: string, mailboxJobId: string, ordinal: number, bytes: number): Promise<void> =>
  gateway.put(VIEWS.parts, `${mailboxJobId}/${ordinal}`, {
    partId: `part-${mailboxJobId}-${ordinal}`,
    projectId,
    mailboxJobId,
    passId: 'p',
    ordinal,
    name: `part ${ordinal}.pst`,
    container: 'c',
    state: 'verified',
    location: '/exports/c/part.pst',
    bytes,
    items: 1,
    sha256: 'ab12',
    sealedAt: AT,
    verifiedAt: AT,
  });

const report = async (projectId: string): Promise<ProjectReport> => {
  const { status, body } = await gateway.call('GET', `/v1/projects/${projectId}/report`);
  expect(status).toBe(200);
  return ProjectReport.parse(body);
};

const putStatistics = (mailboxJobId: string, bytes: number, pass: object): Promise<void> => {
  const none = { items: 0, bytes: 0 };
  return gateway.put(VIEWS.statistics, mailboxJobId, {
    mailboxJobId,
    migrations: 1,
    types: Object.fromEntries(itemTypes.map((type) => [type, { exported: none, failed: none, skipped: none }])),
    total: { exported: { items: 1_199, bytes }, failed: none, skipped: { items: 1, bytes: 1 } },
    source: { activeMs: 1_000, passiveMs: 0, items: 1_200, bytes },
    passes: { p: pass },
  });
};

/** A project with a mailbox that is done, one with everything that can be wrong, and one that was never exported. */
const project = async (): Promise<string> => {
  const { projectId } = await projectIn(gateway);
  const done = await putMailbox(projectId, {
    status: 'Completed',
    totals: { discovered: 1_200, exported: 1_199, skipped: 1, failed: 0 },
    mime: 2,
  });
  const wrong = await putMailbox(projectId, {
    status: 'Completed with errors',
    totals: { discovered: 10, exported: 6, skipped: 1, failed: 2 },
    leftOut: 4,
    waits: { 'mailbox.requests': { times: 3, ms: 4_321_000 } },
    foldersNotListed: 1,
    source: `${HOSTILE}@contoso.com`,
  });
  await putMailbox(projectId, {
    status: 'Not Submitted',
    pass: null,
    exported: false,
    found: { kind: 'not-online', archive: false, readable: false },
  });
  await putFolders(projectId, done, {
    a: folder('Inbox', { totals: { discovered: 1_200, exported: 1_199, skipped: 1, failed: 0 }, mime: 2 }),
  });
  await putFolders(projectId, wrong, {
    a: folder(HOSTILE, { totals: { discovered: 10, exported: 6, skipped: 1, failed: 2 } }),
    b: folder('All', { left: 'search-folder' }),
    c: folder('Junk', { left: 'filtered', expected: 77 }),
    e: folder('Quick Step Settings', { left: 'hidden', expected: 3 }),
    d: folder('Locked', { notListed: { passId: 'p', what: 'items', cause: { code: 'graph.mailbox-forbidden' }, attempts: 2 } }),
  });
  await putError(projectId, done, '1', { outcome: 'skipped', code: 'item.gone', advice: null });
  await putError(projectId, wrong, '1', { fallback: 'fallback.not-offered' });
  await putError(projectId, wrong, '2', { state: 'acknowledged' });
  await putError(projectId, wrong, '3', { outcome: 'skipped', code: 'item.gone', advice: null });
  await putPart(projectId, done, 1, 5_000);
  await putPart(projectId, wrong, 1, 11 * 1024 ** 3);
  await putStatistics(done, 123_456, { kind: 'full', number: 2, listed: { items: 1_200, bytes: 4_000 } });
  await putStatistics(wrong, 0, { kind: 'full', number: 1, completed: true, listed: { items: 10, bytes: 10 * 1024 ** 3 } });
  return projectId;
};

describe('the report of a project', () => {
  it('says what is done, what is not, and why', async () => {
    const { verdict, parts, causes, exportedBytes, notCovered, mailboxes, source, destination } = await report(await project());
    expect(verdict).toEqual({ complete: false, done: 1, sentence: 'Not complete: 2 of 3 mailboxes are not done.' });
    expect(parts).toEqual({ files: 2, verified: 2, bytes: 5_000 + 11 * 1024 ** 3, overLimit: 1 });
    expect(exportedBytes).toBe(123_456);
    expect(causes).toEqual([
      { outcome: 'skipped', code: 'item.gone', items: 2, open: 0, advice: null, mailboxes: 2 },
      { outcome: 'failed', code: 'graph.item-corrupt', items: 2, open: 1, advice: 'Open the item in Outlook.', mailboxes: 1 },
    ]);
    expect(notCovered.map(({ code, folders, items }) => `${code} ${folders} ${items}`)).toEqual([
      'not-exported 0 0',
      'not-reachable 0 0',
      'folders-not-listed 1 5',
      'folders-filtered 1 77',
      'folders-hidden 1 3',
      'left-out 0 4',
      'as-mime 0 2',
      'no-other-way 0 1',
      'search-folders 1 0',
      'recoverable-items 0 0',
      'other-mailboxes 0 0',
      'edits-after-export 0 0',
      'hidden-items 0 0',
      'rules-and-permissions 0 0',
    ]);
    for (const { title, why } of notCovered) expect([title.length > 0, /[.)\w]$/.test(why)]).toEqual([true, true]);
    expect(
      mailboxes.map(({ done, unaccounted, parts: files, folders }) => [
        done,
        unaccounted,
        files.map((part) => [part.overLimit, part.pass]),
        folders.length,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [true, 0, [[false, { number: 2, kind: 'full' }]], 1],
        [false, 1, [[true, { number: 1, kind: 'full' }]], 5],
        [false, 0, [], 0],
      ]),
    );
    expect(JSON.stringify([source, destination])).not.toContain('secret:');
  });

  it('has an estimate by what is on record beside what was written, and asks nobody for it', async () => {
    const { estimate } = await report(await project());
    // One mailbox has counted its folders, two have not been listed; the ratio is that of the pass that has ended.
    expect(estimate).toMatchObject({
      sizes: { asOf: null, concealed: false, problem: null, known: 2, unknown: 1 },
      ratio: { from: 'measured', passes: 1 },
      written: { pstBytes: 5_000 + 11 * 1024 ** 3, parts: 2 },
      complete: false,
    });
    expect(estimate).not.toHaveProperty('mailboxes');
    const { projectId } = await projectIn(gateway);
    expect((await report(projectId)).estimate).toMatchObject({ pstBytes: null, sizes: { known: 0, unknown: 0 } });
  });

  it('holds sums by folder that add up to those of the mailbox', async () => {
    for (const { totals, folders } of (await report(await project())).mailboxes)
      expect(folders.reduce((sum, one) => sum + one.totals.discovered, 0)).toBe(totals.discovered);
  });

  it('is complete when every mailbox is', async () => {
    const { projectId } = await projectIn(gateway);
    expect((await report(projectId)).verdict).toMatchObject({ complete: false, sentence: 'The project has no mailbox yet.' });
    await putMailbox(projectId, { status: 'Completed' });
    await putMailbox(projectId, {
      status: 'Completed',
      pass: { passId: 'v', number: 2, kind: 'verify', startedAt: AT, startAt: null, endedAt: AT },
      leftOut: 7,
    });
    expect((await report(projectId)).verdict).toMatchObject({ complete: true, done: 2 });
    for (const open of [
      { status: 'Migrating' },
      // Whatever was done after the Trial that left them.
      {
        pass: { passId: 'v', number: 2, kind: 'verify', startedAt: AT, startAt: null, endedAt: AT },
        lastExport: { passId: 'p', kind: 'trial' },
        leftOut: 3,
      },
      { status: 'Verified', exported: false },
      { foldersNotListed: 1 },
    ] as const) {
      const other = await projectIn(gateway);
      await putMailbox(other.projectId, { status: 'Completed', ...open });
      expect((await report(other.projectId)).verdict.complete).toBe(false);
    }
  });

  it('is a page without scripts in which names are text', async () => {
    const page = await gateway.download(`/v1/projects/${await project()}/report.html`);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">[\s\S]*<\/html>\n$/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;\uFFFD&quot;&#39;&amp;');
    expect(page).not.toMatch(/<img|<script|https?:|url\(|\u202E/);
    for (const text of [
      'Not complete: 2 of 3 mailboxes are not done.',
      '1 h 12 min',
      'Failed, 1 since mended or acknowledged',
      '1,199',
      '>item.gone<',
      'not listed',
      'What is not covered, and why',
      'Estimate, and what was written',
      'measured by passes of this project',
      'ab12',
    ])
      expect(page).toContain(text);
    for (const tag of ['table', 'tr', 'td', 'th', 'section', 'div', 'h2', 'p', 'dl', 'dt', 'span', 'code'])
      expect([tag, [...page.matchAll(new RegExp(`<${tag}[ >]`, 'g'))].length]).toEqual([tag, page.split(`</${tag}>`).length - 1]);
    expect((await gateway.call('GET', '/v1/projects/nobody/report')).body).toMatchObject({ status: 404, code: 'project.unknown' });
    expect((await gateway.call('GET', '/v1/projects/nobody/report.html')).body).toMatchObject({ status: 404, code: 'project.unknown' });
  });
});
