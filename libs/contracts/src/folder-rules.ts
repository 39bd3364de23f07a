import { runInNewContext } from 'node:vm';
import { Fault } from '@pstream/kernel';
import { folderExpression, parseFolderMapping, type ProjectOptions } from './project-options.js';
import { WELL_KNOWN_FOLDERS, withFolders, type WellKnownFolder } from './well-known-folders.js';

// What folder filters and folder mappings match, for those who export and those who show it beforehand.

/** How long an expression of a project may take over all folders of a mailbox. Some never end on an unlucky name. */
const LIMIT_MS = 2_000;

/** The text as an expression that matches it alone. */
const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A folder as far as rules look at it; `key` is unique in its mailbox. */
export type RuledFolder = {
  readonly key: string;
  readonly parent: string | null;
  readonly name: string;
  readonly wellKnownName: string | null;
};

/** A name as it stands in a path: a `/` or `\` within it is written `\/` or `\\`. */
export const writtenName = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('/', '\\/');

/** The paths of folders by their keys: names with `/` between them. A parent that is missing, or that the folder itself leads to, is left out. */
export const folderPaths = (folders: readonly Pick<RuledFolder, 'key' | 'parent' | 'name'>[]): ReadonlyMap<string, string> => {
  const byKey = new Map(folders.map((folder) => [folder.key, folder]));
  const pathOf = ({ key, parent, name }: Pick<RuledFolder, 'key' | 'parent' | 'name'>, below: ReadonlySet<string>): string => {
    const above = parent === null || below.has(parent) ? undefined : byKey.get(parent);
    return above === undefined ? writtenName(name) : `${pathOf(above, new Set([...below, key]))}/${writtenName(name)}`;
  };
  return new Map(folders.map((folder) => [folder.key, pathOf(folder, new Set([folder.key]))]));
};

/** Folders that each filter skips, and those that each mapping moves with the paths that it moves them to. */
export type Matches<F> = { readonly filters: readonly (readonly F[])[]; readonly mappings: readonly (readonly (readonly [F, string])[])[] };

/** Filters and mappings over the folders of one mailbox. `#Inbox#` in them is the path of that folder in the language of the mailbox; where
 *  the mailbox names none so, its English name. Fault 'filter.too-slow' (never) for an expression that does not come to its end. */
export class FolderRules {
  readonly paths: ReadonlyMap<string, string>;
  readonly #wellKnown: ReadonlyMap<string, string>;

  constructor(folders: readonly RuledFolder[]) {
    this.paths = folderPaths(folders);
    this.#wellKnown = new Map(
      folders.flatMap(({ key, wellKnownName }) =>
        wellKnownName === null ? [] : [[wellKnownName.toLowerCase(), this.paths.get(key) ?? ''] as const],
      ),
    );
  }

  /** What each filter and each mapping takes of the folders, in their order. Every filter is asked about every folder; a folder that a filter
   *  skips is not mapped, and of several mappings the first that matches counts. */
  apply<F extends Pick<RuledFolder, 'key'>>(folders: readonly F[], { folderFilter = [], folderMapping = [] }: ProjectOptions): Matches<F> {
    const filters = folderFilter.map((pattern) => this.#matching(pattern, folders));
    const taken = new Set(filters.flat());
    const mappings = folderMapping.map((mapping) => {
      const found = this.#mapped(
        mapping,
        folders.filter((folder) => !taken.has(folder)),
      );
      for (const [folder] of found) taken.add(folder);
      return found;
    });
    return { filters, mappings };
  }

  #matching<F extends Pick<RuledFolder, 'key'>>(pattern: string, folders: readonly F[]): F[] {
    const found = this.#run<boolean[]>('texts.map((text) => expression.test(text))', pattern, folders, '');
    return folders.filter((_, n) => found[n] === true);
  }

  #mapped<F extends Pick<RuledFolder, 'key'>>(mapping: string, folders: readonly F[]): (readonly [F, string])[] {
    const parsed = parseFolderMapping(mapping);
    if (parsed === undefined) return [];
    // In what replaces a match, `$1` is a group; a name with a dollar sign is none.
    const target = withFolders(parsed.target, (folder) => this.#pathOf(folder).replaceAll('$', '$$$$'));
    const script = 'texts.map((text) => (expression.test(text) ? text.replace(expression, target) : null))';
    const found = this.#run<(string | null)[]>(script, parsed.pattern, folders, target);
    return folders.flatMap((folder, n) => (typeof found[n] === 'string' ? [[folder, found[n]] as const] : []));
  }

  #pathOf(folder: WellKnownFolder): string {
    return this.#wellKnown.get(folder) ?? WELL_KNOWN_FOLDERS[folder];
  }

  /** Works an expression over the paths of folders, with an end to it. */
  #run<T>(script: string, pattern: string, folders: readonly Pick<RuledFolder, 'key'>[], target: string): T {
    const texts = folders.map(({ key }) => this.paths.get(key));
    const expression = folderExpression(withFolders(pattern, (folder) => escaped(this.#pathOf(folder))));
    try {
      return runInNewContext(script, { texts, expression, target }, { timeout: LIMIT_MS }) as T;
    } catch (cause) {
      throw new Fault('filter.too-slow', {
        retry: 'never',
        facts: { folders: folders.length, limitMs: LIMIT_MS },
        advice:
          'Simplify the folder filter or mapping: nested repetitions such as (a+)+ never end on some names. The pass keeps its options, so it cannot be resumed with others.',
        cause,
      });
    }
  }
}
