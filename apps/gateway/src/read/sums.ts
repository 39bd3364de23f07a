import type { FolderSums, ProjectSums } from '@pstream/api';
import { addTotals, noItems, unaccounted, type FolderSumsView, type MailboxView } from '@pstream/contracts';

/** Sums over the mailboxes of a project. */
export const projectSums = async (mailboxes: AsyncIterable<MailboxView>): Promise<ProjectSums> => {
  const statuses: Record<string, number> = {};
  let totals = noItems;
  let items = 0;
  let bytes = 0;
  let parts = 0;
  let mime = 0;
  const listings = new Set<MailboxView['listing']>();
  for await (const mailbox of mailboxes) {
    statuses[mailbox.status] = (statuses[mailbox.status] ?? 0) + 1;
    totals = addTotals(totals, mailbox.totals);
    items += mailbox.extracted.items;
    bytes += mailbox.extracted.bytes;
    parts += mailbox.parts;
    mime += mailbox.mime;
    listings.add(mailbox.listing);
  }
  const listing =
    listings.has('going-on') || (listings.has('finished') && listings.has('not-started'))
      ? 'going-on'
      : listings.has('finished')
        ? 'finished'
        : 'not-started';
  return { statuses, totals, unaccounted: unaccounted(totals), listing, extracted: { items, bytes }, parts, mime };
};

const escaped = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('/', '\\/');

/** The folders of a mailbox with their full paths, in the order of these. */
export const foldersOf = ({ folders }: Pick<FolderSumsView, 'folders'>): FolderSums[] => {
  const pathOf = (key: string, below: ReadonlySet<string>): string => {
    const folder = folders[key];
    if (folder === undefined || below.has(key)) return '';
    const parent = folder.parent === null ? '' : pathOf(folder.parent, new Set([...below, key]));
    return parent === '' ? escaped(folder.name) : `${parent}/${escaped(folder.name)}`;
  };
  return Object.entries(folders)
    .map(([folderKey, { containerClass, left, target, totals, mime }]) => ({
      folderKey,
      path: pathOf(folderKey, new Set()),
      containerClass,
      left,
      target: target ?? null,
      totals,
      mime,
      unaccounted: unaccounted(totals),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
};
