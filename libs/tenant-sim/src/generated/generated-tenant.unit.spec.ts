import { decodeExportStream } from '@pstream/fasttransfer';
import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import type { MailboxSource, SimItem } from '../source.js';
import { generatedTenant, type GeneratedOptions } from './generated-tenant.js';

const small: GeneratedOptions = { seed: 11, mailboxes: 7, itemsPerMailbox: 90, archives: 2, sizeProfile: 'tiny' };

const itemsOf = async (box: MailboxSource): Promise<readonly SimItem[]> => {
  const found: SimItem[] = [];
  for (const folder of box.folders()) if (folder.recoverable !== true) found.push(...(await box.items(folder, 0, folder.count)));
  return found;
};

const all = async (options: GeneratedOptions): Promise<readonly { readonly box: MailboxSource; readonly item: SimItem }[]> => {
  const found: { box: MailboxSource; item: SimItem }[] = [];
  for (const user of generatedTenant(options).users) {
    for (const box of [user.primary, user.archive]) if (box !== undefined) for (const item of await itemsOf(box)) found.push({ box, item });
  }
  return found;
};

const has = (item: MapiItem, id: number): boolean => item.properties.some((each) => each.id === id && each.name === undefined);

describe('generated mailboxes', () => {
  it('hold exactly the items that were asked for, with ids that lead back to them', async () => {
    const tenant = generatedTenant(small);
    expect(tenant.users).toHaveLength(7);
    expect(tenant.users.filter((each) => each.archive !== undefined)).toHaveLength(2);
    const box = tenant.users[0]?.primary;
    if (box === undefined) throw new Error('no mailbox');
    const items = await itemsOf(box);
    expect(items).toHaveLength(90);
    expect(new Set(items.map((each) => each.id)).size).toBe(90);
    for (const item of items) expect(await box.find(item.id)).toEqual(item);
    expect(await tenant.users[1]?.primary?.find(items[0]?.id ?? '')).toBeUndefined();
  });

  it('are the same for the same seed and others for another', async () => {
    const streams = async (seed: number): Promise<string[]> => {
      const found = await all({ ...small, seed, mailboxes: 1, itemsPerMailbox: 20, archives: 0 });
      return Promise.all(found.map(async ({ box, item }) => Buffer.from(await box.stream(item)).toString('base64')));
    };
    expect(await streams(1)).toEqual(await streams(1));
    expect(await streams(1)).not.toEqual(await streams(2));
  });

  it('decode to what was encoded, without a warning, for every kind of item', async () => {
    const classes = new Set<string>();
    for (const { box, item } of await all(small)) {
      const decoded = decodeExportStream(await box.stream(item));
      expect(decoded.warnings).toEqual([]);
      expect(decoded.properties.length).toBeGreaterThan(8);
      const messageClass = decoded.properties.find((each) => each.id === ID.MessageClass);
      expect(utf16Text(messageClass?.value ?? new Uint8Array(0))).toBe(item.type);
      classes.add(item.type);
    }
    const expected = [
      'IPM.Note',
      'IPM.Appointment',
      'IPM.Contact',
      'IPM.DistList',
      'IPM.Task',
      'IPM.StickyNote',
      'IPM.Activity',
      'IPM.Schedule.Meeting.Request',
      'REPORT.IPM.Note.NDR',
      'IPM.Note.SMIME',
      'IPM.Note.SMIME.MultipartSigned',
    ];
    for (const each of expected) expect([each, classes.has(each)]).toEqual([each, true]);
  });

  it('have all body forms, code pages, inline images, embedded messages, drafts, unread mail, flags and categories', async () => {
    const seen = new Set<string>();
    for (const { box, item } of await all({ ...small, itemsPerMailbox: 160, sizeProfile: 'small' })) {
      const content = await box.content(item);
      if (has(content, ID.Html)) seen.add('html');
      if (has(content, ID.RtfCompressed))
        seen.add(
          `rtf ${Buffer.from(content.properties.find((each) => each.id === ID.RtfCompressed)?.value.subarray(8, 12) ?? []).toString('latin1')}`,
        );
      if (has(content, ID.Body)) seen.add('plain');
      const page = content.properties.find((each) => each.id === ID.InternetCodepage);
      if (page !== undefined) seen.add(`page ${Buffer.from(page.value).readInt32LE()}`);
      for (const attachment of content.attachments) {
        if (attachment.embedded !== undefined) seen.add('embedded');
        if (attachment.properties.some((each) => each.id === ID.AttachContentId)) seen.add('inline');
        if (attachment.properties.some((each) => each.id === ID.AttachData && each.type === PT.Binary)) seen.add('file');
      }
      const flags = content.properties.find((each) => each.id === ID.MessageFlags)?.value[0];
      if (flags !== undefined) seen.add((flags & 8) !== 0 ? 'draft' : (flags & 1) !== 0 ? 'read' : 'unread');
      if (has(content, 0x1090)) seen.add('flag');
      if (item.categories.length > 0) seen.add('category');
    }
    const expected = [
      'html',
      'plain',
      'rtf LZFu',
      'rtf MELA',
      'embedded',
      'inline',
      'file',
      'draft',
      'read',
      'unread',
      'flag',
      'category',
      'page 65001',
      'page 932',
      'page 1256',
      'page 1250',
      'page 1251',
      'page 1252',
    ];
    for (const each of expected) expect([each, seen.has(each)]).toEqual([each, true]);
  });

  it('average about 75 KB an item, and list a size near the stream', async () => {
    const found = await all({ seed: 2, mailboxes: 1, itemsPerMailbox: 1000 });
    const sizes = found.map(({ item }) => item.size);
    const mean = sizes.reduce((a, b) => a + b, 0) / sizes.length;
    expect(mean).toBeGreaterThan(60_000);
    expect(mean).toBeLessThan(90_000);
    const streams = await Promise.all(found.slice(0, 100).map(({ box, item }) => box.stream(item)));
    const bytes = streams.reduce((sum, each) => sum + each.length, 0);
    const listed = sizes.slice(0, 100).reduce((a, b) => a + b, 0);
    expect(bytes / listed).toBeGreaterThan(0.9);
    expect(bytes / listed).toBeLessThan(1.1);
  });

  it('stay small in memory whatever their number: ten million items are there at once', async () => {
    const tenant = generatedTenant({ seed: 1, mailboxes: 1000, itemsPerMailbox: 10_000 });
    const last = tenant.users.at(-1)?.primary;
    const inbox = last?.folders().find((each) => each.wellKnownName === 'inbox');
    if (last === undefined || inbox === undefined) throw new Error('no inbox');
    expect(inbox.count).toBeGreaterThan(2000);
    const [item] = await last.items(inbox, inbox.count - 1, inbox.count);
    if (item === undefined) throw new Error('no item');
    expect(await last.find(item.id)).toEqual(item);
    expect((await last.stream(item)).length).toBeGreaterThan(500);
  });

  it('come in seven languages, with default folders named in each', () => {
    const names = generatedTenant(small).users.map(
      (user) => user.primary?.folders().find((each) => each.wellKnownName === 'inbox')?.displayName,
    );
    expect(names).toEqual(['Posteingang', 'Inbox', 'Boîte de réception', '受信トレイ', 'علبة الوارد', 'Skrzynka odbiorcza', 'Входящие']);
  });
});
