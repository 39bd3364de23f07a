import { jest } from '@jest/globals';
import type { ItemErrorView, MailboxView } from '@pstream/contracts';
import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import { generatedTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { ask, describeWith, ORACLES } from './readers/oracles.fixture.js';
import { describeItem } from './readers/seen.fixture.js';
import { itemsInPst } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { startRunning, type Running } from './support/running-system.js';

jest.setTimeout(240_000);

const ITEMS = 150;
/** The classes of which Graph shows nothing but the stream. */
const STREAM_ONLY = new Set(['IPM.DistList', 'IPM.StickyNote', 'IPM.Activity', 'IPM.Configuration.QuickStep']);

const bytesOf = ({ properties }: MapiItem, id: number, type: number): Buffer | undefined => {
  const found = properties.find((each) => each.id === id && each.type === type && each.name === undefined);
  return found === undefined ? undefined : Buffer.from(found.value);
};
const keyOf = (item: MapiItem): string => bytesOf(item, ID.SearchKey, PT.Binary)?.toString('hex') ?? '';

/** What a reader shows of the body: words, whatever they are wrapped in. */
const words = (item: MapiItem): string => {
  const text = bytesOf(item, ID.Body, PT.String);
  if (text !== undefined && text.length > 0) return utf16Text(text).trim();
  const page = bytesOf(item, 0x3fde, PT.Integer32)?.readInt32LE() ?? 65001;
  const charset =
    new Map([
      [65001, 'utf-8'],
      [932, 'shift_jis'],
      [20866, 'koi8-r'],
      [28591, 'iso-8859-1'],
      [28592, 'iso-8859-2'],
    ]).get(page) ?? `windows-${page}`;
  const html = bytesOf(item, ID.Html, PT.Binary);
  return html === undefined
    ? ''
    : new TextDecoder(charset)
        .decode(html)
        .replaceAll(/charset=[\w-]+/g, '')
        .trim();
};

describe('a mailbox of which every stream is damaged for ever', () => {
  let running: Running;
  let view: MailboxView;
  let errors: ItemErrorView[];
  let path = '';
  const source = new Map<string, MapiItem>();

  beforeAll(async () => {
    running = await startRunning(tempDir(), {
      items: ITEMS,
      faults: {
        rules: [
          { on: 'exportItems', effect: 'item-damaged', atBytes: 0 },
          { on: 'message', effect: 'error', status: 404, code: 'ErrorItemNotFound', times: 1 },
          { on: 'task', effect: 'error', status: 403, code: 'ErrorAccessDenied', times: 1 },
        ],
      },
    });
    const { post, get, prepare } = running;
    const { projectId, mailbox, parts } = await prepare();
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    view = await eventually(mailbox, ({ status }) => status === 'Failed' || status.startsWith('Completed'), 200_000);
    const made = await eventually(parts, (all) => all.length > 0 && all.every(({ state }) => state === 'verified'), 200_000);
    path = made[0]!.location!;
    errors = (await get<{ items: ItemErrorView[] }>(`/mailboxes/${view.mailboxJobId}/errors?limit=500`)).body.items;
    // The same tenant as the running one, to compare with.
    const mailboxSource = generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: ITEMS, sizeProfile: 'small' }).users[0]!.primary!;
    for (const folder of mailboxSource.folders())
      if (folder.searchOf === undefined)
        for (const item of await mailboxSource.items(folder, 0, folder.count)) {
          const content = await mailboxSource.content(item);
          source.set(keyOf(content), content);
        }
  });
  afterAll(() => running.close());

  it('ends with every item exported as MIME or named, and the sum holds', () => {
    const { discovered, exported, skipped, failed } = view.totals;
    expect([discovered, skipped, exported + failed]).toEqual([ITEMS, 0, ITEMS]);
    expect(view.mime).toBe(exported);
    expect(exported).toBeGreaterThan(ITEMS * 0.8);
    const outcomes = Map.groupBy(errors, ({ outcome }) => outcome);
    expect([outcomes.get('mime')?.length, outcomes.get('failed')?.length]).toEqual([exported, failed]);
    for (const { code, fallback, outcome } of errors)
      expect([code, fallback === null]).toEqual([expect.stringMatching(/^fasttransfer\./), outcome === 'mime']);
  });

  it('fails only what Graph does not show otherwise, and says which permission is missing', () => {
    const failed = errors.filter(({ outcome }) => outcome === 'failed');
    const forbidden = failed.filter(({ fallback }) => fallback === 'graph.mailbox-forbidden');
    expect(forbidden.map(({ itemType, advice }) => [itemType, advice])).toEqual([['IPM.Task', expect.stringContaining('Tasks.Read.All')]]);
    const rest = failed.filter((each) => !forbidden.includes(each));
    expect(rest.length).toBeGreaterThan(0);
    for (const { itemType, fallback } of rest) expect([fallback, STREAM_ONLY.has(itemType)]).toEqual(['fallback.not-offered', true]);
  });

  it('counts them apart for each folder and for the project', async () => {
    const { body } = await running.get<{ items: { mime: number; totals: { exported: number } }[] }>(
      `/mailboxes/${view.mailboxJobId}/folders`,
    );
    for (const { mime, totals } of body.items) expect(mime).toBe(totals.exported);
    const project = await running.get<{ sums: { mime: number } }>(`/projects/${view.projectId}`);
    expect(project.body.sums.mime).toBe(view.mime);
  });

  it('gives a PST in which each item is itself: class, subject, people, attachments and words', async () => {
    const items = await itemsInPst(path);
    expect(items).toHaveLength(view.totals.exported);
    for (const item of items) {
      const original = source.get(keyOf(item));
      expect(original).toBeDefined();
      const [is, was] = [describeItem('', item), describeItem('', original!)];
      const isEvent = was.messageClass === 'IPM.Appointment';
      expect([is.messageClass, is.subject]).toEqual([was.messageClass, was.subject]);
      if (!isEvent) expect([is.recipients, is.attachments.length]).toEqual([was.recipients, was.attachments.length]);
      if (!was.messageClass.includes('SMIME')) expect(is.allData.toSorted()).toEqual(isEvent ? [] : was.allData.toSorted());
      if (bytesOf(original!, ID.RtfCompressed, PT.Binary) === undefined) expect(words(item)).toBe(words(original!));
      for (const [id, type] of [
        [ID.MessageFlags, PT.Integer32],
        [ID.Importance, PT.Integer32],
        [0x1090, PT.Integer32],
        [ID.ConversationIndex, PT.Binary],
      ] as const)
        if (bytesOf(original!, id, type) !== undefined) expect([id, bytesOf(item, id, type)]).toEqual([id, bytesOf(original!, id, type)]);
    }
  });

  it('keeps the blobs of meetings byte for byte', async () => {
    const blobs = (item: MapiItem): string[] =>
      item.properties
        .filter(
          ({ name, type }) =>
            type === PT.Binary && name?.lid !== undefined && [0x8216, 0x8233, 0x825e, 0x825f, 0x8260, 3, 0x23].includes(name.lid),
        )
        .map(({ name, value }) => `${name!.lid} ${Buffer.from(value).toString('hex')}`)
        .toSorted();
    const items = (await itemsInPst(path)).filter((item) => blobs(item).length > 0);
    expect(items.length).toBeGreaterThan(5);
    for (const item of items) expect(blobs(item)).toEqual(blobs(source.get(keyOf(item))!));
  });

  it('does not ask for anything twice that it was given, and looks for a message whose id is another', () => {
    const { requests } = running.tenant;
    expect(requests.filter(({ operation }) => operation === 'messageValue').length).toBe(
      requests.filter(({ operation, status }) => operation === 'message' && status === 200).length,
    );
    expect(requests.filter(({ operation }) => operation === 'messages')).toHaveLength(1);
  });

  describeWith('before the independent checker', ORACLES.pstlint.missing, () => {
    it('is without a finding', () => {
      const { status, stdout } = ask('pstlint', '--quiet', path);
      expect(status === 0 ? 'clean' : stdout).toBe('clean');
    });
  });
});

describe('an item whose stream always comes cut off', () => {
  it('is left to Retry Errors, which takes it as MIME, and is then no failure any more', async () => {
    const rules = [{ on: 'exportItems', itemIndex: 3, effect: 'item-cut' }] as const;
    const running = await startRunning(tempDir(), { items: 20, faults: { rules } });
    try {
      const { post, get, prepare } = running;
      const { projectId, mailbox, parts } = await prepare();
      await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
      const full = await eventually(mailbox, ({ status }) => status === 'Failed' || status.startsWith('Completed'), 100_000);
      expect([full.status, full.totals, full.mime]).toEqual([
        'Completed with errors',
        { discovered: 20, exported: 19, skipped: 0, failed: 1 },
        0,
      ]);
      await post(`/projects/${projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
      const retried = await eventually(
        mailbox,
        ({ status, pass }) => status === 'Failed' || (pass?.number === 2 && status.startsWith('Completed')),
        100_000,
      );
      expect([retried.status, retried.totals, retried.mime]).toEqual([
        'Completed',
        { discovered: 20, exported: 20, skipped: 0, failed: 0 },
        1,
      ]);
      const made = await eventually(parts, (all) => all.length === 2 && all.every(({ state }) => state === 'verified'));
      expect(made.map(({ items }) => items).toSorted((a, b) => a - b)).toEqual([1, 19]);
      const { body } = await get<{ items: ItemErrorView[] }>(`/mailboxes/${retried.mailboxJobId}/errors`);
      expect(body.items).toEqual([
        expect.objectContaining({ outcome: 'mime', code: 'fasttransfer.truncated', state: 'open', attempts: 7, mended: null }),
      ]);
      const folders = await get<{ items: { mime: number; unaccounted: number }[] }>(`/mailboxes/${retried.mailboxJobId}/folders`);
      expect([
        folders.body.items.reduce((sum, { mime }) => sum + mime, 0),
        folders.body.items.every(({ unaccounted }) => unaccounted === 0),
      ]).toEqual([1, true]);
    } finally {
      await running.close();
    }
  });
});
