import type { OptionsPreview } from '@pstream/api';
import { FolderRules, VIEWS, type FolderSumsView, type ProjectOptions } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import { problem } from '../door/problem.js';
import { StoredFolders } from './stored.js';
import type { Views } from './views.js';

/** Folders of one rule that are named. */
const MOST_EXAMPLES = 5;

type Folder = FolderSumsView['folders'][string] & { readonly key: string };
type Example = { readonly mailboxJobId: string; readonly path: string; readonly target: string };
type Count = { readonly rule: string; folders: number; items: number; mailboxes: number; readonly examples: Example[] };

/** Folders that hold items of their own and could be read. One that a filter skips today counts: the options may change that. */
const isRead = ({ left }: Folder): boolean => left === null || left === 'filtered';

/** What the options would do to the folders of a project, as its read models know them. Problem 'filter.too-slow' (400). */
export const previewOptions = async (views: Views, projectId: string, options: ProjectOptions): Promise<OptionsPreview> => {
  const { folderFilter = [], folderMapping = [] } = options;
  const [filters, mappings] = [folderFilter.map(noneOf), folderMapping.map(noneOf)];
  const sums = { mailboxes: 0, listed: 0, folders: 0, items: 0, skipped: { folders: 0, items: 0 } };
  for await (const { mailboxJobId } of views.mailboxesOf(projectId)) {
    sums.mailboxes++;
    const view = await views.get(VIEWS.folders, StoredFolders, mailboxJobId);
    const all = Object.entries(view?.folders ?? {}).map(([key, folder]): Folder => ({ key, ...folder }));
    if (all.length === 0) continue;
    const folders = all.filter(isRead);
    sums.listed++;
    sums.folders += folders.length;
    sums.items += itemsOf(folders);
    const { rules, matches } = applied(all, folders, options);
    const pathOf = ({ key }: Folder): string => rules.paths.get(key) ?? '';
    for (const [n, found] of matches.filters.entries()) add(filters[n], mailboxJobId, found, (folder) => [pathOf(folder), '']);
    for (const [n, found] of matches.mappings.entries()) {
      const targets = new Map(found);
      add(mappings[n], mailboxJobId, [...targets.keys()], (folder) => [pathOf(folder), targets.get(folder) ?? '']);
    }
    const skipped = new Set(matches.filters.flat());
    sums.skipped.folders += skipped.size;
    sums.skipped.items += itemsOf([...skipped]);
  }
  return {
    ...sums,
    filters: filters.map(({ examples, ...count }) => ({ ...count, examples: examples.map(({ target: _target, ...one }) => one) })),
    mappings,
  };
};

const noneOf = (rule: string): Count => ({ rule, folders: 0, items: 0, mailboxes: 0, examples: [] });

const itemsOf = (folders: readonly Folder[]): number => folders.reduce((sum, { expected }) => sum + expected, 0);

const applied = (all: readonly Folder[], folders: readonly Folder[], options: ProjectOptions) => {
  try {
    const rules = new FolderRules(all);
    return { rules, matches: rules.apply(folders, options) };
  } catch (error) {
    throw isFault(error) && error.code === 'filter.too-slow' ? problem('filter.too-slow', 400) : error;
  }
};

const add = (
  count: Count | undefined,
  mailboxJobId: string,
  found: readonly Folder[],
  placesOf: (folder: Folder) => readonly [path: string, target: string],
): void => {
  if (count === undefined || found.length === 0) return;
  count.folders += found.length;
  count.items += itemsOf(found);
  count.mailboxes++;
  for (const folder of found.slice(0, MOST_EXAMPLES - count.examples.length)) {
    const [path, target] = placesOf(folder);
    count.examples.push({ mailboxJobId, path, target });
  }
};
