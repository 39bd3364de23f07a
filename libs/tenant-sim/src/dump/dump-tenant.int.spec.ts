import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isFault } from '@pstream/kernel';
import { describeShared, tempDir } from '@pstream/testing';
import { start, stopAll } from '../client.fixture.js';
import { dumpTenant } from './dump-tenant.js';

afterEach(stopAll);

const ID = (letter: string): string => `${letter.repeat(39)}=`;

/** A dump of one user, one folder and one item, written by hand. */
const smallDump = (): string => {
  const directory = tempDir();
  const stream = Buffer.from('stream of the only item');
  const sha256 = createHash('sha256').update(stream).digest('hex');
  mkdirSync(join(directory, 'box'));
  writeFileSync(
    join(directory, 'tenant.json'),
    JSON.stringify({
      tenantId: 'A49B2D7A-bdee-5e96-b19a-3e1c03b53ba4',
      users: [{ userPrincipalName: 'a@x.test', displayName: 'a', primary: 'box', archive: null }],
    }),
  );
  writeFileSync(
    join(directory, 'box', 'folders.jsonl'),
    `${JSON.stringify({ id: ID('F'), parentId: null, displayName: 'Inbox', type: null, wellKnownName: 'inbox', isHidden: false })}\n`,
  );
  const item = {
    id: ID('I'),
    folderId: ID('F'),
    type: 'IPM.Note',
    size: 9,
    createdDateTime: '2020-01-01T00:00:00Z',
    lastModifiedDateTime: '2020-01-01T00:00:00Z',
    changeKey: 'ck',
    associated: false,
    stream: { offset: 0, bytes: stream.length, sha256 },
  };
  writeFileSync(join(directory, 'box', 'items.jsonl'), `${JSON.stringify(item)}\n`);
  writeFileSync(join(directory, 'box', 'streams.bin'), stream);
  return directory;
};

const edit = (directory: string, file: string, change: (text: string) => string): void =>
  writeFileSync(join(directory, file), change(readFileSync(join(directory, file), 'utf8')));

const faultOf = async (directory: string): Promise<{ code: string; message: string; advice: string | undefined }> => {
  try {
    await (await dumpTenant(directory)).close();
  } catch (error) {
    if (isFault(error)) return { code: error.code, message: error.message, advice: error.advice };
    throw error;
  }
  throw new Error('the dump was accepted');
};

describe('a tenant dump', () => {
  it('serves its streams as they are', async () => {
    const client = await start({ tenant: await dumpTenant(smallDump()) });
    expect(client.sim.tenantId).toBe('a49b2d7a-bdee-5e96-b19a-3e1c03b53ba4');
    const box = client.mailbox('a@x.test');
    const exported = await client.post(`${box}/exportItems`, { itemIds: await client.ids(box, 1) });
    expect(Buffer.from(String(exported.value[0]?.['data']), 'base64').toString()).toBe('stream of the only item');
  });

  it.each([
    ['a missing tenant.json', 'dump.unreadable', /tenant\.json/, (d: string) => rmSync(join(d, 'tenant.json'))],
    ['tenant.json that is not JSON', 'dump.damaged', /tenant\.json: is not valid JSON/, (d: string) => edit(d, 'tenant.json', () => '{')],
    [
      'a user without a name',
      'dump.damaged',
      /"userPrincipalName" must be a text/,
      (d: string) => edit(d, 'tenant.json', (t) => t.replace('userPrincipalName', 'x')),
    ],
    ['a missing mailbox directory', 'dump.unreadable', /folders\.jsonl/, (d: string) => rmSync(join(d, 'box'), { recursive: true })],
    [
      'a broken line',
      'dump.damaged',
      /items\.jsonl, line 2: is not valid JSON/,
      (d: string) => edit(d, 'box/items.jsonl', (t) => `${t}{"id":\n`),
    ],
    ['an item twice', 'dump.damaged', /items\.jsonl, line 2: .*twice/, (d: string) => edit(d, 'box/items.jsonl', (t) => t + t)],
    [
      'an item of no folder',
      'dump.damaged',
      /line 1: the folder .* is not in folders\.jsonl/,
      (d: string) => edit(d, 'box/items.jsonl', (t) => t.replace('FFF', 'GGG')),
    ],
    [
      'a stream beyond the file',
      'dump.damaged',
      /streams\.bin has 23 bytes/,
      (d: string) => edit(d, 'box/items.jsonl', (t) => t.replace('"offset":0', '"offset":7')),
    ],
    [
      'a size that is no number',
      'dump.damaged',
      /"size" must be a whole number/,
      (d: string) => edit(d, 'box/items.jsonl', (t) => t.replace('"size":9', '"size":"9"')),
    ],
    [
      'a folder without its parent',
      'dump.damaged',
      /folders\.jsonl, line 1: the parent folder/,
      (d: string) => edit(d, 'box/folders.jsonl', (t) => t.replace('"parentId":null', '"parentId":"P"')),
    ],
    ['a missing streams.bin', 'dump.unreadable', /streams\.bin/, (d: string) => rmSync(join(d, 'box', 'streams.bin'))],
  ])('is refused with file, line and advice for %s', async (_what, code, message, damage) => {
    const directory = smallDump();
    damage(directory);
    const fault = await faultOf(directory);
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain(directory);
    expect(fault.advice).toBeDefined();
  });

  it('reports a stream whose hash is wrong as a corrupt item, and says where', async () => {
    const directory = smallDump();
    edit(directory, 'box/streams.bin', (text) => text.replace('only', 'ONLY'));
    const client = await start({ tenant: await dumpTenant(directory) });
    const box = client.mailbox('a@x.test');
    const exported = await client.post(`${box}/exportItems`, { itemIds: await client.ids(box, 1) });
    expect(exported.value[0]).toHaveProperty('error.code', 'ErrorItemCorrupt');
    expect(exported.value[0]).toHaveProperty('error.message', expect.stringMatching(/items\.jsonl, line 1: .*SHA-256/));
  });
});

describeShared('the reference tenant', (shared) => {
  it('is served whole: every item of every mailbox with the bytes of its dump', async () => {
    const directory = join(shared, 'data', 'tenants', 'contoso');
    const client = await start({ tenant: await dumpTenant(directory) });
    let items = 0;
    for (const user of client.sim.contents.users) {
      for (const kind of ['primary', 'archive'] as const) {
        if (user[kind] === undefined) continue;
        const box = client.mailbox(user.userPrincipalName, kind);
        for (const folder of await client.all(`${box}/folders/delta`)) {
          const listed = await client.all(`${box}/folders/${String(folder['id'])}/items?$top=50`);
          expect(listed).toHaveLength(Number(folder['totalItemCount']));
          for (let at = 0; at < listed.length; at += 20) {
            const answer = await client.post(`${box}/exportItems`, { itemIds: listed.slice(at, at + 20).map((each) => each['id']) });
            for (const entry of answer.value) expect(entry).toHaveProperty('data');
            items += answer.value.length;
          }
        }
      }
    }
    expect(items).toBe(11 + 16 + 3 + 6 + 72 + 36 + 1 + 71 + 10 + 7 + 1 + 1 + 3 + 2 + 18);
  }, 60_000);
});
