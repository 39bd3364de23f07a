import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeShared } from '@pstream/testing';
import { NID_TYPE, nidType } from '../shared/index.js';
import { fileSource, openPst, type Mode, type PstFile } from './index.js';
import { walk } from './stores.fixture.js';

type Entry = {
  file: string;
  format: string;
  encryption: string | null;
  folders: number | null;
  items: number | null;
  attachments: number | null;
};

const UNREADABLE: Record<string, string> = {
  'pst/Aspose.Email__AddingBulkMessages_badheader.pst': 'pst.block-missing',
  'pst/Aspose.Email__SMTP_Outlook_not-a-pst.pst': 'pst.not-a-pst',
};

/** libpff, which made the manifest, refuses these three messages for one property of an unknown type; all else in them is sound. */
const MORE_THAN_LISTED = 'pst/Aspose.Email__chunks_Personal_folders_part11.pst';

describeShared('stores written by Outlook and others', (shared) => {
  const { files } = JSON.parse(readFileSync(join(shared, 'data/manifest.json'), 'utf8')) as { files: Entry[] };
  const stores = files.filter(({ file }) => file.startsWith('pst/') || file.startsWith('ost/'));

  const withStore = async <T>(file: string, mode: Mode, use: (pst: PstFile) => Promise<T>): Promise<T> => {
    const source = await fileSource(join(shared, 'data', file));
    try {
      return await use(await openPst(source, { mode }));
    } finally {
      await source.close();
    }
  };

  const readable = stores.filter(({ file }) => !(file in UNREADABLE) && file !== MORE_THAN_LISTED);

  it.each(readable.map((entry) => [entry.file, entry] as const))(
    '%s has the folders, items and attachments that its manifest lists',
    async (file, entry) => {
      await withStore(file, 'lenient', async (pst) => {
        const walked = await walk(pst);
        let searchFolders = 0;
        for await (const { nid } of pst.ndb.nodes()) if (nidType(nid) === NID_TYPE.searchFolder) searchFolders++;
        expect(walked).toMatchObject({ items: entry.items, attachments: entry.attachments, unreadable: [] });
        // ANSI stores of Outlook 97 have no search folders that count in the manifest, later ones do
        expect([walked.folders, walked.folders + searchFolders]).toContain(entry.folders);
        expect(pst.header.form.name).toBe({ Unicode: 'unicode', ANSI: 'ansi', 'Unicode 4k': 'unicode-4k' }[entry.format]);
      });
    },
  );

  it('reads the items of which another reader gives up one property, and says which', async () => {
    await withStore(MORE_THAN_LISTED, 'lenient', async (pst) => {
      expect(await walk(pst)).toMatchObject({ items: 3, attachments: 6, unreadable: [] });
      expect(pst.problems.map(({ code }) => code)).toContain('pst.illegal-type');
    });
  });

  it.each(Object.entries(UNREADABLE))('refuses %s with %s', async (file, code) => {
    await expect(withStore(file, 'lenient', walk)).rejects.toMatchObject({ name: 'Fault', code });
  });

  it('takes every Unicode store of Outlook in strict mode, and no ANSI or 4k-page store', async () => {
    const refused: string[] = [];
    for (const { file, format } of stores) {
      const code = await withStore(file, 'strict', walk).then(
        ({ unreadable }) => unreadable[0],
        (error: { code: string }) => error.code,
      );
      if (format !== 'Unicode') expect(code).toBe(format.includes('not') ? 'pst.not-a-pst' : 'pst.unsupported-version');
      else if (code !== undefined) refused.push(file);
    }
    // the three that splitters and an example generator damaged
    expect(refused).toEqual([
      'pst/Aspose.Email__AddingBulkMessages_badheader.pst',
      'pst/Aspose.Email__Chunks-Split_Outlook_part0.pst',
      'pst/Aspose.Email__chunks_Personal_folders_part11.pst',
    ]);
  });

  it('gives the same message out of a Unicode store and its ANSI twin', async () => {
    const bodies = await Promise.all(
      ['pst/pstsdk__sample1.pst', 'pst/pstsdk__sample2.pst'].map((file) =>
        withStore(file, 'lenient', async (pst) => {
          for await (const folder of pst.folders()) for await (const pending of pst.items(folder)) return await pending.item();
          return undefined;
        }),
      ),
    );
    const strings = bodies.map((item) =>
      item?.properties
        .filter(({ id }) => [0x001a, 0x0037, 0x003d, 0x0070, 0x0c1a].includes(id))
        .map(({ id, type, value }) => [id, type, Buffer.from(value).toString('utf16le')]),
    );
    expect(strings[0]?.length).toBeGreaterThan(2);
    expect(strings[0]).toEqual(strings[1]);
  });
});
