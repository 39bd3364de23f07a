import { jest } from '@jest/globals';
import { join } from 'node:path';
import type { ItemErrorView, MailboxView } from '@pstream/contracts';
import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import { describeShared, tempDir } from '@pstream/testing';
import { endAllDemos, reportOf, runDemo } from './demo/demo.fixture.js';
import { ask, describeWith, ORACLES } from './readers/oracles.fixture.js';
import { itemsInPst } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { systemsOfSuite, type Running } from './support/running-system.js';

jest.setTimeout(240_000);
afterAll(endAllDemos);

const ITEMS = 40;
const ended = ({ status }: MailboxView): boolean => status === 'Failed' || status.startsWith('Completed');

/** Runs a Full pass and gives the mailbox at its end. */
const exported = async ({ post, prepare }: Running): Promise<{ readonly view: MailboxView; readonly path: string }> => {
  const { projectId, mailbox, parts } = await prepare();
  await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
  const view = await eventually(mailbox, ended, 200_000);
  const made = await eventually(parts, (all) => all.length > 0 && all.every(({ state }) => state === 'verified'), 200_000);
  return { view, path: made[0]!.location! };
};

const named = ({ properties }: MapiItem, wanted: string) => properties.find(({ name }) => name?.name === wanted);
const doubtsIn = (item: MapiItem): readonly string[] => named(item, 'pstream.doubts')?.values?.map(utf16Text) ?? [];
const hasClip = ({ properties }: MapiItem): boolean =>
  ((properties.find(({ id, type }) => id === ID.MessageFlags && type === PT.Integer32)?.value[0] ?? 0) & 0x10) !== 0;

describe('a mailbox whose streams end before their attachments', () => {
  const start = systemsOfSuite();

  it('is whole where a second export is: no doubt stays', async () => {
    const rules = [{ on: 'exportItems', effect: 'item-shortened', times: ITEMS }] as const;
    const { view, path } = await exported(await start({ items: ITEMS, faults: { rules } }));
    expect([view.status, view.totals.exported, view.doubts]).toEqual(['Completed', ITEMS, 0]);
    const items = await itemsInPst(path);
    expect(items.filter(hasClip).length).toBeGreaterThan(0);
    expect(items.flatMap(doubtsIn)).toEqual([]);
  });

  describe('for ever', () => {
    let running: Running;
    let view: MailboxView;
    let path = '';
    beforeAll(async () => {
      running = await start({ items: ITEMS, faults: { rules: [{ on: 'exportItems', effect: 'item-shortened' }] } });
      ({ view, path } = await exported(running));
    });

    it('is exported, and each item with an attachment is counted apart: mailbox, folders, project', async () => {
      expect([view.status, view.totals]).toEqual(['Completed', { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 }]);
      expect(view.doubts).toBeGreaterThan(0);
      const folders = await running.get<{ items: { doubts: number }[] }>(`/mailboxes/${view.mailboxJobId}/folders`);
      expect(folders.body.items.reduce((sum, { doubts }) => sum + doubts, 0)).toBe(view.doubts);
      const project = await running.get<{ sums: { doubts: number } }>(`/projects/${view.projectId}`);
      expect(project.body.sums.doubts).toBe(view.doubts);
    });

    it('has each of them in the list of errors and in the errors report, with its code', async () => {
      const { body } = await running.get<{ items: ItemErrorView[] }>(`/mailboxes/${view.mailboxJobId}/errors?outcome=doubts&limit=500`);
      expect(body.items).toHaveLength(view.doubts);
      for (const { code, doubts, advice } of body.items)
        expect([code, doubts, advice]).toEqual([doubts[0], expect.arrayContaining(['doubt.attachments-expected']), expect.any(String)]);
    });

    it('has the doubts and the flags as they came with the items in the PST', async () => {
      const items = (await itemsInPst(path)).filter((item) => doubtsIn(item).length > 0);
      expect(items).toHaveLength(view.doubts);
      for (const item of items) {
        expect(doubtsIn(item)).toContain('doubt.attachments-expected');
        expect(hasClip(item)).toBe(false);
        expect((named(item, 'pstream.source.MessageFlags')?.value[0] ?? 0) & 0x10).toBe(0x10);
      }
    });

    it('asked for each of them once more, and not for the others', () => {
      const calls = running.tenant.requests.filter(({ operation }) => operation === 'exportItems');
      const asked = Map.groupBy(
        calls.flatMap(({ itemIds = [] }) => itemIds),
        (id) => id,
      );
      const counts = [...asked.values()].map(({ length }) => length);
      expect([counts.filter((times) => times === 2).length, counts.filter((times) => times === 1).length]).toEqual([
        view.doubts,
        ITEMS - view.doubts,
      ]);
    });

    describeWith('before the independent checker', ORACLES.pstlint.missing, () => {
      it('is a PST without a finding', () => {
        const { status, stdout } = ask('pstlint', '--quiet', path);
        expect(status === 0 ? 'clean' : stdout).toBe('clean');
      });
    });
  });
});

describeShared('the tenant with cut streams', (shared) => {
  it('ends with every cut that shows marked, and says so', async () => {
    const done = await runDemo('--tenant', join(shared, 'data', 'field', 'tenant-cut'), '--out', join(tempDir(), 'out'), '--json');
    const { ok, mailboxes } = reportOf(done);
    // One of the six is whole. Another is cut behind the first of three attachments and listed as long as that: nothing tells it from a whole one.
    expect([ok, mailboxes.map(({ exported: items, doubts }) => [items, doubts])]).toEqual([true, [[6, 4]]]);
    expect(done.stderr.match(/\S+ IPM\.Note \w+ exported with doubts \(doubt\.[a-z-]+\)/g)?.toSorted()).toEqual([
      '2 IPM.Note were exported with doubts (doubt.attachments-section-missing)',
      'one IPM.Note was exported with doubts (doubt.recipients-section-missing)',
      'one IPM.Note was exported with doubts (doubt.server-warning)',
    ]);
  });
});
