import { noItems, type MailboxView } from '@pstream/contracts';
import { newMailbox } from '../fakes.fixture.js';
import { foldersOf, projectSums } from './sums.js';

async function* of(mailboxes: readonly MailboxView[]): AsyncGenerator<MailboxView> {
  yield* mailboxes;
}
const mailbox = (change: Partial<MailboxView>): MailboxView => ({ ...newMailbox('m', 'p', 'a@b.co', 'a.pst'), ...change });

describe('the sums of a project', () => {
  it('add up its mailboxes and say what is still to be accounted for', async () => {
    const sums = await projectSums(
      of([
        mailbox({
          status: 'Completed',
          totals: { discovered: 10, exported: 8, skipped: 1, failed: 1 },
          extracted: { items: 9, bytes: 900 },
          parts: 2,
          mime: 3,
          listing: 'finished',
        }),
        mailbox({
          status: 'Migrating',
          totals: { discovered: 5, exported: 1, skipped: 0, failed: 0 },
          extracted: { items: 2, bytes: 100 },
          listing: 'going-on',
        }),
      ]),
    );
    expect(sums).toEqual({
      statuses: { Completed: 1, Migrating: 1 },
      totals: { discovered: 15, exported: 9, skipped: 1, failed: 1 },
      unaccounted: 4,
      listing: 'going-on',
      extracted: { items: 11, bytes: 1_000 },
      parts: 2,
      mime: 3,
    });
  });

  it('are zero where there is no mailbox', async () => {
    expect(await projectSums(of([]))).toMatchObject({ totals: noItems, unaccounted: 0, listing: 'not-started' });
  });

  it('call a listing finished only if every one is', async () => {
    expect((await projectSums(of([mailbox({ listing: 'finished' }), mailbox({ listing: 'not-started' })]))).listing).toBe('going-on');
    expect((await projectSums(of([mailbox({ listing: 'finished' })]))).listing).toBe('finished');
  });
});

describe('the folders of a mailbox', () => {
  const folder = (name: string, parent: string | null, totals = noItems) => ({
    name,
    parent,
    containerClass: null,
    left: null,
    totals,
    mime: 0,
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

  it('end where a parent is missing or stands in its own way', () => {
    expect(foldersOf({ folders: { a: folder('A', 'b'), b: folder('B', 'a'), c: folder('C', 'gone') } }).map(({ path }) => path)).toEqual(
      ['A/B', 'B/A', 'C'].sort(),
    );
  });
});
