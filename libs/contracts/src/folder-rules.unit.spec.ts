// cspell:words gesendete elemente ablage eingang
import { folderPaths, FolderRules, type RuledFolder } from './folder-rules.js';
import type { ProjectOptions } from './project-options.js';

const folder = (path: string, wellKnownName: string | null = null): RuledFolder => ({
  key: path,
  parent: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null,
  name: path.slice(path.lastIndexOf('/') + 1),
  wellKnownName,
});
const german = [
  folder('Posteingang', 'inbox'),
  folder('Posteingang/Projekte'),
  folder('Gesendete Elemente', 'sentitems'),
  folder('Ablage (alt)', 'archive'),
  folder('Ablage (alt)/Posteingang'),
  folder('Inbox'),
];
const skipped = (folderFilter: string[], folders = german): string[] =>
  new FolderRules(folders)
    .apply(folders, { folderFilter })
    .filters.flat()
    .map(({ key }) => key);
const moved = (folderMapping: string[], options: ProjectOptions = {}, folders = german): Record<string, string> =>
  Object.fromEntries(
    new FolderRules(folders)
      .apply(folders, { ...options, folderMapping })
      .mappings.flat()
      .map(([{ key }, target]) => [key, target]),
  );

describe('a folder by the name that it has in every language', () => {
  it.each(['^#Inbox#$', '^#inbox#$', '^#INBOX#$'])('is matched by %s', (filter) => expect(skipped([filter])).toEqual(['Posteingang']));
  it('has its name taken as it is, not as an expression', () =>
    expect(skipped(['^#Archive#'])).toEqual(['Ablage (alt)', 'Ablage (alt)/Posteingang']));
  it('may be a part of an expression', () =>
    expect(skipped(['^(#Sent Items#|#inbox#/.*)$'])).toEqual(['Posteingang/Projekte', 'Gesendete Elemente']));
  it('is its English name where the mailbox names none so', () => {
    const archive = [folder('Inbox'), folder('Junk Email')];
    expect(skipped(['^#Inbox#$', '^#JunkEmail#$'], archive)).toEqual(['Inbox', 'Junk Email']);
    expect(skipped(['^#Drafts#$'], archive)).toEqual([]);
  });
  it('can be mapped, and mapped to', () => {
    expect(moved(['^#Inbox#->Old/Inbox'])).toEqual({ Posteingang: 'Old/Inbox', 'Posteingang/Projekte': 'Old/Inbox/Projekte' });
    expect(moved(['^#SentItems#$->#Archive#/Sent'])).toEqual({ 'Gesendete Elemente': 'Ablage (alt)/Sent' });
  });
  it('is no group of an expression, whatever its name', () => {
    const odd = [folder('A$1B', 'inbox'), folder('Other')];
    expect(moved(['^(Other)$->#Inbox#/$1'], {}, odd)).toEqual({ Other: 'A$1B/Other' });
  });
  it('leaves other names between number signs as they are', () => {
    expect(skipped(['^#Old#$'], [folder('#Old#'), folder('Old')])).toEqual(['#Old#']);
  });
});

describe('filters and mappings', () => {
  it('are asked each about every folder, and the first mapping that matches counts', () => {
    const rules = new FolderRules(german).apply(german, {
      folderFilter: ['^Post', 'eingang$'],
      folderMapping: ['^Inbox$->A', '^I->B', '^Post->C'],
    });
    expect(rules.filters.map((found) => found.map(({ key }) => key))).toEqual([
      ['Posteingang', 'Posteingang/Projekte'],
      ['Posteingang', 'Ablage (alt)/Posteingang'],
    ]);
    expect(rules.mappings.map((found) => found.map(([{ key }, target]) => [key, target]))).toEqual([[['Inbox', 'A']], [], []]);
  });
});

describe('paths of folders', () => {
  it('end where a parent is missing or leads back', () => {
    const folders = [folder('a/b'), { ...folder('x'), parent: 'y' }, { ...folder('y'), parent: 'x' }];
    expect([...folderPaths(folders)]).toEqual([
      ['a/b', 'b'],
      ['x', 'y/x'],
      ['y', 'x/y'],
    ]);
  });
});
