import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeExportStream } from '@pstream/fasttransfer';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { ID, PT, utf16, type MapiItem } from '@pstream/mapi';
import { readConfig } from '@pstream/wiring';
import { PstWriter } from '@pstream/pst/writer';
import { standaloneKeys, startSystem } from '@pstream/standalone';
import { repositoryRoot, tempDir } from '@pstream/testing';

const note: MapiItem = {
  properties: [
    { id: ID.MessageClass, type: PT.String, value: utf16('IPM.Note') },
    { id: ID.Subject, type: PT.String, value: utf16('Hello') },
  ],
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
};

const run = async (name: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(repositoryRoot, 'examples', name), ...args], {
    env: { PATH: '', ...more },
  });
  return stdout;
};

describe('the examples', () => {
  it('list the folders and subjects of a PST', async () => {
    const extents: Uint8Array[] = [];
    const target = { stage: (index: number, bytes: Uint8Array) => Promise.resolve(void (extents[index] = bytes)) };
    const writer = PstWriter.create(target, {
      recordKey: new Uint8Array(16).fill(1),
      displayName: 'Ann',
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    writer.ensureFolder({ key: 'inbox', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
    await writer.addItem('inbox', note);
    await writer.seal();
    const file = join(tempDir(), 'ann.pst');
    writeFileSync(file, Buffer.concat(extents));
    expect(await run('read-a-pst.mjs', [file])).toContain('/Inbox\n  Hello\n');
  });

  it('tell what is in an export stream', async () => {
    const file = join(tempDir(), 'item.b64');
    writeFileSync(file, Buffer.from(encodeExportStream(note)).toString('base64'));
    expect(await run('decode-a-stream.mjs', [file])).toMatch(
      /^2 properties, 0 recipients, 0 attachments\n {2}0x001a type 0x001f \d+ bytes\n/,
    );
  });

  it('make a customer through the API, once however often they run', async () => {
    const config = readConfig(standaloneKeys, {}, { dataDir: join(tempDir(), 'data'), port: 0 });
    const system = await startSystem(
      config,
      { clock: systemClock, ids: systemIds, random: systemRandom, log: { write: () => undefined } },
      'inline',
    );
    try {
      const environment = { PSTREAM_URL: system.url, PSTREAM_TOKEN: system.firstToken ?? '' };
      const first = await run('drive-the-api.mjs', ['Contoso'], environment);
      expect(first).toMatch(/^[0-9A-Z]{26}\tContoso\n$/);
      expect(await run('drive-the-api.mjs', ['Contoso'], environment)).toBe(first);
    } finally {
      await system.close();
    }
  });
});
