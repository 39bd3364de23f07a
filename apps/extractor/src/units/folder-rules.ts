import { FolderRules, writtenName, type DiscoveredFolder, type ProjectOptions } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';

/** Does what the folder filter and the folder mapping of a project say: folders that the filter matches are left, and the
 *  items of folders that the mapping matches go elsewhere in the PST. Both look at the path as the list of folders shows it:
 *  names with `/` between them, a `/` or `\` within a name written `\/` or `\\`. Each folder is judged by itself: one that is
 *  skipped does not take its subfolders with it. Fault 'filter.too-slow' (never). */
export const applyFolderRules = (folders: readonly DiscoveredFolder[], options: ProjectOptions): readonly DiscoveredFolder[] => {
  if ((options.folderFilter ?? []).length + (options.folderMapping ?? []).length === 0) return folders;
  const rules = new FolderRules(folders);
  const { paths } = rules;
  const wanted = folders.filter(({ left }) => left === undefined);
  const { filters, mappings } = rules.apply(wanted, options);
  const skipped = new Set(filters.flat());
  const targets = new Map(mappings.flat());
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
      here = here === '' ? writtenName(name) : `${here}/${writtenName(name)}`;
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
const sameAs = (one: string, other: string): boolean => namesOf(one).map(writtenName).join('/').toLowerCase() === other.toLowerCase();

/** The names in a path; blank ones are none. */
const namesOf = (path: string): string[] =>
  (path.match(/(?:\\.|[^/\\])+/gs) ?? []).map((name) => name.replace(/\\(.)/gs, '$1').trim()).filter((name) => name !== '');
