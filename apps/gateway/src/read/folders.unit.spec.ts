import { noItems, type FolderSumsView } from '@pstream/contracts';
import { foldersOf } from './folders.js';

describe('the folders of a mailbox', () => {
  const folder = (name: string, parent: string | null, totals = noItems): FolderSumsView['folders'][string] => ({
    name,
    parent,
    containerClass: null,
    wellKnownName: null,
    expected: 0,
    left: null,
    totals,
    mime: 0,
    notListed: null,
    doubts: 0,
  });

  it('carry their full paths, in their order', () => {
    const folders = foldersOf({
      folders: {
        c: folder('A/B', 'a'),
        a: folder('Inbox', null, { discovered: 3, exported: 1, skipped: 0, failed: 0 }),
        b: folder('Archive', null),
      },
    });
    expect(folders.map(({ path, unaccounted }) => [path, unaccounted])).toEqual([
      ['Archive', 0],
      ['Inbox', 2],
      ['Inbox/A\\/B', 0],
    ]);
  });

  it('say why one could not be listed, and what of it', () => {
    const notListed = {
      passId: 'x',
      what: 'subfolders' as const,
      cause: { code: 'graph.mailbox-forbidden', advice: 'Grant it.', facts: { status: 403 } },
      attempts: 2,
    };
    expect(foldersOf({ folders: { a: { ...folder('Inbox', null), notListed }, b: folder('Sent', null) } })).toMatchObject([
      {
        listed: false,
        cause: { code: 'graph.mailbox-forbidden', advice: 'Grant it.', facts: { status: 403, what: 'subfolders' } },
        attempts: 2,
      },
      { listed: true, cause: null, attempts: 0 },
    ]);
  });

  it('end where a parent is missing or stands in its own way', () => {
    expect(foldersOf({ folders: { a: folder('A', 'b'), b: folder('B', 'a'), c: folder('C', 'gone') } }).map(({ path }) => path)).toEqual(
      ['A/B', 'B/A', 'C'].sort(),
    );
  });
});
