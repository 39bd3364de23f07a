import type { FolderName, Language } from './languages.js';

/** What items a folder holds. */
export type Holds = 'mail' | 'sent' | 'drafts' | 'calendar' | 'contacts' | 'tasks' | 'notes' | 'journal' | 'posts' | 'settings' | 'nothing';

/** A folder of a generated tree. `parent` and `searchOf` are places in the list. */
export type Planned = {
  readonly parent: number | null;
  readonly displayName: string;
  readonly type: string | null;
  readonly wellKnownName: string | null;
  readonly isHidden: boolean;
  readonly holds: Holds;
  readonly weight: number;
  readonly searchOf?: number;
  readonly recoverable?: boolean;
};

const CHAIN_DEPTH = 9;

class Tree {
  readonly list: Planned[] = [];

  constructor(private readonly language: Language) {}

  /** Adds a default folder with its name in the mailbox's language. */
  wellKnown(name: FolderName, type: string, holds: Holds, weight: number): number {
    return this.add(this.language.folders[name], { type, wellKnownName: name, holds, weight });
  }

  add(displayName: string, more: Partial<Planned> & { readonly parent?: number | null }): number {
    this.list.push({
      parent: null,
      displayName,
      type: 'IPF.Note',
      wellKnownName: null,
      isHidden: false,
      holds: 'mail',
      weight: 0,
      ...more,
    });
    return this.list.length - 1;
  }
}

/** Folders of a primary mailbox: the default ones, projects by year, a deep chain, hidden ones, a search folder, recoverable items. */
export const primaryTree = (language: Language): readonly Planned[] => {
  const tree = new Tree(language);
  const inbox = tree.wellKnown('inbox', 'IPF.Note', 'mail', 30);
  tree.add(language.projects[0] ?? 'A', { parent: inbox, weight: 4 });
  tree.wellKnown('drafts', 'IPF.Note', 'drafts', 1);
  tree.wellKnown('sentitems', 'IPF.Note', 'sent', 18);
  const deleted = tree.wellKnown('deleteditems', 'IPF.Note', 'mail', 5);
  tree.add(language.projects[1] ?? 'B', { parent: deleted, type: null, weight: 1 });
  tree.wellKnown('junkemail', 'IPF.Note', 'mail', 2);
  tree.wellKnown('outbox', 'IPF.Note', 'nothing', 0);
  const archive = tree.wellKnown('archive', 'IPF.Note', 'mail', 5);
  for (const year of [2023, 2024, 2025]) tree.add(String(year), { parent: archive, weight: 3 });
  const calendar = tree.wellKnown('calendar', 'IPF.Appointment', 'calendar', 8);
  tree.add(language.projects[2] ?? 'C', { parent: calendar, type: 'IPF.Appointment', holds: 'calendar', weight: 1 });
  tree.wellKnown('contacts', 'IPF.Contact', 'contacts', 5);
  tree.wellKnown('tasks', 'IPF.Task', 'tasks', 2);
  tree.wellKnown('notes', 'IPF.StickyNote', 'notes', 1);
  tree.wellKnown('journal', 'IPF.Journal', 'journal', 1);
  tree.add(language.folders.feeds, { type: 'IPF.Note.OutlookHomepage', holds: 'posts', weight: 1 });
  projects(tree, language);
  tree.add('Conversation Action Settings', { type: 'IPF.Configuration', isHidden: true, holds: 'nothing' });
  tree.add('Quick Step Settings', { type: 'IPF.Configuration', isHidden: true, holds: 'settings', weight: 1 });
  tree.add(language.folders.unread, { type: 'IPF.Note', searchOf: inbox, holds: 'nothing' });
  recoverable(tree);
  return tree.list;
};

/** Folders of an archive: a few large trees, so that they spread over partitions. */
export const archiveTree = (language: Language): readonly Planned[] => {
  const tree = new Tree(language);
  const inbox = tree.wellKnown('inbox', 'IPF.Note', 'mail', 20);
  for (const year of [2012, 2013, 2014, 2015]) tree.add(String(year), { parent: inbox, weight: 6 });
  tree.wellKnown('sentitems', 'IPF.Note', 'sent', 15);
  tree.wellKnown('deleteditems', 'IPF.Note', 'mail', 5);
  tree.wellKnown('calendar', 'IPF.Appointment', 'calendar', 3);
  projects(tree, language);
  recoverable(tree);
  return tree.list;
};

const projects = (tree: Tree, language: Language): void => {
  const top = tree.wellKnown('projects', 'IPF.Note', 'mail', 1);
  for (const project of language.projects) tree.add(project, { parent: top, weight: 2 });
  let parent = top;
  for (let depth = 1; depth <= CHAIN_DEPTH; depth++)
    parent = tree.add(`${language.projects[depth % language.projects.length] ?? ''} ${depth}`, { parent, weight: 0.5 });
};

const recoverable = (tree: Tree): void => {
  const root = tree.add('Recoverable Items', { type: null, wellKnownName: 'recoverableitemsroot', recoverable: true, holds: 'nothing' });
  for (const [name, known] of [
    ['Deletions', 'recoverableitemsdeletions'],
    ['Purges', 'recoverableitemspurges'],
    ['Versions', 'recoverableitemsversions'],
    ['DiscoveryHolds', 'recoverableitemsdiscoveryholds'],
  ] as const) {
    tree.add(name, { parent: root, type: null, wellKnownName: known, recoverable: true, isHidden: true });
  }
};

/** Items a folder of recoverable items holds; they are not counted as the mailbox's items. */
export const RECOVERABLE_ITEMS = 3;

/** Spreads exactly `total` items over the folders by their weights, largest remainders first. */
export const spread = (tree: readonly Planned[], total: number): readonly number[] => {
  const whole = tree.reduce((sum, folder) => sum + folder.weight, 0);
  const exact = tree.map((folder) => (total * folder.weight) / whole);
  const counts = exact.map(Math.floor);
  const rest = total - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .filter(({ index }) => (tree[index]?.weight ?? 0) > 0)
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (let n = 0; n < rest; n++) {
    const place = byRemainder[n % byRemainder.length]?.index ?? 0;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts.map((count, index) => (tree[index]?.recoverable === true && tree[index]?.parent !== null ? RECOVERABLE_ITEMS : count));
};
