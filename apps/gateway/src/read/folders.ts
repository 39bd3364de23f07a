import { folderPaths, unaccounted, type FolderSumsView } from '@pstream/contracts';
import type { FolderSums } from '@pstream/api';

/** The folders of a mailbox with their full paths, in the order of these. */
export const foldersOf = ({ folders }: Pick<FolderSumsView, 'folders'>): FolderSums[] => {
  const paths = folderPaths(Object.entries(folders).map(([key, folder]) => ({ key, ...folder })));
  return Object.entries(folders)
    .map(([folderKey, { containerClass, wellKnownName, expected, left, target, totals, mime, doubts, notListed }]) => ({
      folderKey,
      path: paths.get(folderKey) ?? '',
      containerClass,
      wellKnownName,
      expected,
      left,
      target: target ?? null,
      totals,
      mime,
      doubts,
      unaccounted: unaccounted(totals),
      listed: notListed === null,
      cause: notListed === null ? null : { ...notListed.cause, facts: { ...notListed.cause.facts, what: notListed.what } },
      attempts: notListed?.attempts ?? 0,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
};
