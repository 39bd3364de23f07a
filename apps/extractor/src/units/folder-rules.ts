import { runInNewContext } from 'node:vm';
import { folderExpression, parseFolderMapping, type DiscoveredFolder, type ProjectOptions } from '@pstream/contracts';
import { deriveId, Fault } from '@pstream/kernel';

/** How long the expressions of a project may take over all folders of a mailbox. Some never end on an unlucky name. */
const LIMIT_MS = 2_000;

/** Does what the folder filter and the folder mapping of a project say: folders that the filter matches are left, and the
 *  items of folders that the mapping matches go elsewhere in the PST. Both look at the path as the list of folders shows it:
 *  names with `/` between them, a `/` or `\` within a name written `\/` or `\\`. Each folder is judged by itself: one that is
 *  skipped does not take its subfolders with it. Fault 'filter.too-slow' (never). */
export const applyFolderRules = (
  folders: readonly DiscoveredFolder[],
  { folderFilter = [], folderMapping = [] }: ProjectOptions,
): readonly DiscoveredFolder[] => {
  if (folderFilter.length + folderMapping.length === 0) return folders;
  const paths = pathsOf(folders);
  const wanted = folders.filter(({ left }) => left === undefined);
  const skipped = new Set(folderFilter.flatMap((pattern) => matching(pattern, wanted, paths)));
  const kept = wanted.filter((folder) => !skipped.has(folder));
  const targets = new Map<DiscoveredFolder, string>();
  for (const text of folderMapping) {
    const mapping = parseFolderMapping(text);
    const open = kept.filter((folder) => !targets.has(folder));
    if (mapping !== undefined) for (const [folder, path] of replaced(mapping, open, paths)) targets.set(folder, path);
  }
  for (const [folder, path] of targets) if (sameAs(path, paths.get(folder.key)!)) targets.delete(folder);
  const places = new Places(
    folders.filter((folder) => !targets.has(folder) && folder.left !== 'search-folder'),
    paths,
  );
  const ruled = folders.map((folder): DiscoveredFolder => {
    if (skipped.has(folder)) return { ...folder, left: 'filtered' };
    const into = targets.has(folder) ? places.at(targets.get(folder)!, folder) : undefined;
    return into === undefined ? folder : { ...folder, into };
  });
  return [...places.made, ...ruled];
};

/** Folders of the PST by their path: those of the mailbox that stay where they are, and those that mappings ask for. */
class Places {
  readonly made: DiscoveredFolder[] = [];
  readonly #keys = new Map<string, string>();

  constructor(staying: readonly DiscoveredFolder[], paths: ReadonlyMap<string, string>) {
    // Names that differ in case only are one name to Outlook.
    for (const { key } of staying) this.#keys.set(paths.get(key)!.toLowerCase(), key);
  }

  /** The folder at the path, made with all that lead to it where there is none. Undefined for a path without a name. */
  at(path: string, from: DiscoveredFolder): { readonly key: string; readonly path: string } | undefined {
    let parent: string | null = null;
    let here = '';
    const names = namesOf(path);
    for (const [depth, name] of names.entries()) {
      here = here === '' ? written(name) : `${here}/${written(name)}`;
      const known = this.#keys.get(here.toLowerCase());
      const key: string = known ?? deriveId('target-folder', from.mailbox.id, here.toLowerCase());
      if (known === undefined) {
        this.#keys.set(here.toLowerCase(), key);
        const containerClass = depth === names.length - 1 ? from.containerClass : null;
        this.made.push({
          key,
          parent,
          name,
          containerClass,
          wellKnownName: null,
          hidden: false,
          expected: 0,
          left: 'target',
          id: '',
          mailbox: from.mailbox,
        });
      }
      parent = key;
    }
    return parent === null ? undefined : { key: parent, path: here };
  }
}

/** Whether two paths lead to the same folder of a PST. */
const sameAs = (one: string, other: string): boolean => namesOf(one).map(written).join('/').toLowerCase() === other.toLowerCase();

const written = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('/', '\\/');

/** The names in a path; blank ones are none. */
const namesOf = (path: string): string[] =>
  (path.match(/(?:\\.|[^/\\])+/gs) ?? []).map((name) => name.replace(/\\(.)/gs, '$1').trim()).filter((name) => name !== '');

const pathsOf = (folders: readonly DiscoveredFolder[]): ReadonlyMap<string, string> => {
  const byKey = new Map(folders.map((folder) => [folder.key, folder]));
  const paths = new Map<string, string>();
  const pathOf = (folder: DiscoveredFolder): string => {
    const known = paths.get(folder.key);
    if (known !== undefined) return known;
    const parent = folder.parent === null ? undefined : byKey.get(folder.parent);
    const path = parent === undefined ? written(folder.name) : `${pathOf(parent)}/${written(folder.name)}`;
    paths.set(folder.key, path);
    return path;
  };
  for (const folder of folders) pathOf(folder);
  return paths;
};

const matching = (pattern: string, folders: readonly DiscoveredFolder[], paths: ReadonlyMap<string, string>): DiscoveredFolder[] => {
  const found = bounded<boolean[]>('texts.map((text) => expression.test(text))', pattern, folders, paths);
  return folders.filter((_, n) => found[n] === true);
};

const replaced = (
  { pattern, target }: { readonly pattern: string; readonly target: string },
  folders: readonly DiscoveredFolder[],
  paths: ReadonlyMap<string, string>,
): [DiscoveredFolder, string][] => {
  const found = bounded<(string | null)[]>(
    'texts.map((text) => (expression.test(text) ? text.replace(expression, target) : null))',
    pattern,
    folders,
    paths,
    target,
  );
  return folders.flatMap((folder, n): [DiscoveredFolder, string][] => (typeof found[n] === 'string' ? [[folder, found[n]]] : []));
};

/** Works an expression over the paths of folders, with an end to it. */
const bounded = <T>(
  script: string,
  pattern: string,
  folders: readonly DiscoveredFolder[],
  paths: ReadonlyMap<string, string>,
  target = '',
): T => {
  const texts = folders.map(({ key }) => paths.get(key));
  try {
    return runInNewContext(script, { texts, expression: folderExpression(pattern), target }, { timeout: LIMIT_MS }) as T;
  } catch (cause) {
    throw new Fault('filter.too-slow', {
      retry: 'never',
      facts: { folders: folders.length, limitMs: LIMIT_MS },
      advice:
        'Simplify the folder filter or mapping: nested repetitions such as (a+)+ never end on some names. The pass keeps its options, so it cannot be resumed with others.',
      cause,
    });
  }
};
