import { unaccounted, type FolderSumsView } from '@pstream/contracts';
import type { FolderSums } from '@pstream/api';

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
    .map(([folderKey, { containerClass, left, target, totals, mime, notListed }]) => ({
      folderKey,
      path: pathOf(folderKey, new Set()),
      containerClass,
      left,
      target: target ?? null,
      totals,
      mime,
      unaccounted: unaccounted(totals),
      listed: notListed === null,
      cause: notListed === null ? null : { ...notListed.cause, facts: { ...notListed.cause.facts, what: notListed.what } },
      attempts: notListed?.attempts ?? 0,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
};
