import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeExportStream } from '@pstream/fasttransfer';
import type { MapiItem } from '@pstream/mapi';
import { describeShared, tempDir } from '@pstream/testing';
import { start, stopAll } from '../client.fixture.js';
import { dumpTenant } from '../dump/dump-tenant.js';
import type { MailboxSource } from '../source.js';
import { pstTenant } from './pst-tenant.js';

afterEach(stopAll);

describeShared('PST files as mailboxes', (shared) => {
  const file = (name: string): string => join(shared, 'data', 'pst', name);

  it('serve every folder and item, primary and archive, with streams that decode', async () => {
    const tenant = await pstTenant([
      { userPrincipalName: 'alex@x.test', primary: file('Aspose.Email__Outlook.pst'), archive: file('java-libpst__dist-list.pst') },
    ]);
    const client = await start({ tenant });
    const seen = { primary: 0, archive: 0 };
    for (const kind of ['primary', 'archive'] as const) {
      const box = client.mailbox('alex@x.test', kind);
      for (const folder of await client.all(`${box}/folders/delta`)) {
        const listed = await client.all(`${box}/folders/${String(folder['id'])}/items?$top=50`);
        expect(listed).toHaveLength(Number(folder['totalItemCount']));
        if (listed.length === 0) continue;
        const answer = await client.post(`${box}/exportItems`, { itemIds: listed.slice(0, 20).map((each) => each['id']) });
        for (const entry of answer.value)
          expect(decodeExportStream(Buffer.from(String(entry['data']), 'base64')).properties.length).toBeGreaterThan(3);
        seen[kind] += listed.length;
      }
    }
    expect(seen.primary).toBe(16);
    expect(seen.archive).toBe(3);
    const inbox = await client.call(`${client.mailbox('alex@x.test')}/folders/inbox`);
    expect(inbox.at('displayName')).toBe('Inbox');
  });

  it.each([
    ['alex', 'Aspose.Email__Outlook.pst'],
    ['deep', 'PstReader__process-pst_four_nesting_levels.pst'],
    ['contacts', 'Aspose.Email__PersonalStorageFile1.pst'],
    ['classes', 'PstReader__hughbe_Outlook.pst'],
  ])('carry what an independent tool exported from the same file: %s', async (user, name) => {
    const dump = await dumpTenant(join(shared, 'data', 'tenants', 'contoso'));
    const own = await pstTenant([{ userPrincipalName: 'a@x.test', primary: file(name) }]);
    const theirs = await fingerprints(dump.users.find((each) => each.userPrincipalName === `${user}@contoso.test`)?.primary);
    expect(await fingerprints(own.users[0]?.primary)).toEqual(theirs);
    await Promise.all([dump.close(), own.close()]);
  });
});

/** Every item of a mailbox as decoded from its stream, in a form in which order and transient ids do not count. */
const fingerprints = async (box: MailboxSource | undefined): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const folder of box?.folders() ?? []) {
    for (const item of (await box?.items(folder, 0, folder.count)) ?? [])
      found.push(plain(decodeExportStream((await box?.stream(item)) ?? new Uint8Array(0))));
  }
  return found.toSorted();
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const bagOf = (properties: MapiItem['properties']): readonly string[] =>
  properties
    .map((each) => {
      const id = each.name === undefined ? String(each.id) : `${hex(each.name.set)}/${each.name.lid ?? each.name.name}`;
      return `${id}:${each.type}=${createHash('sha1')
        .update(each.value)
        .update((each.values ?? []).map(hex).join())
        .digest('hex')}`;
    })
    .toSorted();

const plain = (item: MapiItem): string =>
  JSON.stringify([
    bagOf(item.properties),
    item.recipients.map((each) => bagOf(each.properties)),
    item.attachments.map((each) => [bagOf(each.properties), each.embedded === undefined ? null : plain(each.embedded)]),
  ]);

describe('a file that is no PST', () => {
  it('is refused with its name and advice', async () => {
    const path = join(tempDir(), 'letter.pst');
    writeFileSync(path, 'not a store');
    await expect(pstTenant([{ userPrincipalName: 'a@x.test', primary: path }])).rejects.toMatchObject({
      code: 'pst.unusable',
      message: expect.stringContaining(path) as unknown,
      advice: expect.any(String) as unknown,
    });
    await expect(pstTenant([{ userPrincipalName: 'a@x.test', primary: `${path}.gone` }])).rejects.toMatchObject({ code: 'pst.unusable' });
  });
});
