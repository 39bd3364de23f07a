import type { DiscoveredFolder, ProjectOptions } from '@pstream/contracts';
import { applyFolderRules } from './folder-rules.js';

const mailbox = { id: 'MBX:1', version: 'v1.0' as const };
const folder = (path: string, more: Partial<DiscoveredFolder> = {}): DiscoveredFolder => ({
  key: path,
  parent: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null,
  name: path.slice(path.lastIndexOf('/') + 1),
  containerClass: 'IPF.Note',
  wellKnownName: null,
  hidden: false,
  expected: 1,
  id: path,
  mailbox,
  ...more,
});
const tree = ['Inbox', 'Inbox/Projects', 'Inbox/Projects/2024', 'Sent', 'Old', 'Old/Inbox'].map((path) => folder(path));
const apply = (options: ProjectOptions, folders: readonly DiscoveredFolder[] = tree): readonly DiscoveredFolder[] =>
  applyFolderRules(folders, options);
const read = (options: ProjectOptions): string[] => apply(options).flatMap(({ key, left }) => (left === undefined ? [key] : []));
const targets = (options: ProjectOptions, folders?: readonly DiscoveredFolder[]): Record<string, string> =>
  Object.fromEntries(apply(options, folders).flatMap(({ key, into }) => (into === undefined ? [] : [[key, into.path]])));

describe('a folder filter', () => {
  it('skips what it matches, whatever the case', () =>
    expect(read({ folderFilter: ['^sent$'] })).toEqual(['Inbox', 'Inbox/Projects', 'Inbox/Projects/2024', 'Old', 'Old/Inbox']));
  it('may skip subfolders only', () => expect(read({ folderFilter: ['^Inbox/'] })).toEqual(['Inbox', 'Sent', 'Old', 'Old/Inbox']));
  it('may keep one folder only', () => expect(read({ folderFilter: ['^(?!Inbox$)'] })).toEqual(['Inbox']));
  it('judges each folder by itself', () =>
    expect(read({ folderFilter: ['^Inbox$', '^Old$', '^Sent$'] })).toEqual(['Inbox/Projects', 'Inbox/Projects/2024', 'Old/Inbox']));
  it('sees a slash within a name as the list of folders shows it', () => {
    const odd = [folder('x', { name: 'A/B' }), folder('y', { name: 'A' }), folder('z', { name: 'B', parent: 'y' })];
    expect(apply({ folderFilter: ['^A/B$'] }, odd).map(({ left }) => left)).toEqual([undefined, undefined, 'filtered']);
    expect(apply({ folderFilter: ['^A\\\\/B$'] }, odd).map(({ left }) => left)).toEqual(['filtered', undefined, undefined]);
  });
  it('says that an expression does not come to an end', () => {
    const long = [folder('x', { name: `${'a'.repeat(60)}!` })];
    expect(() => apply({ folderFilter: ['^(a+)+$'] }, long)).toThrow(expect.objectContaining({ code: 'filter.too-slow', retry: 'never' }));
  }, 20_000);
});

describe('a folder mapping', () => {
  it('replaces what it matches in the path, for subfolders too', () => {
    expect(targets({ folderMapping: ['^Inbox->Archive/2026'] })).toEqual({
      Inbox: 'Archive/2026',
      'Inbox/Projects': 'Archive/2026/Projects',
      'Inbox/Projects/2024': 'Archive/2026/Projects/2024',
    });
  });
  it('makes the folders that lead to the target once, with the kind of the folder that is mapped', () => {
    const made = apply({ folderMapping: ['^Sent$->Archive/Sent', '^Inbox$->archive/In'] }).filter(({ left }) => left === 'target');
    expect(made.map(({ name, parent, containerClass }) => [name, parent === null, containerClass])).toEqual([
      ['archive', true, null],
      ['In', false, 'IPF.Note'],
      ['Sent', false, 'IPF.Note'],
    ]);
  });
  it('merges into a folder that is there', () => {
    const ruled = apply({ folderMapping: ['^Sent$->inbox'] });
    expect(ruled.find(({ key }) => key === 'Sent')!.into!.key).toBe('Inbox');
    expect(ruled.filter(({ left }) => left === 'target')).toEqual([]);
  });
  it('does not merge into a folder that is mapped away itself', () => {
    expect(targets({ folderMapping: ['^Old$->Older', '^Sent$->Old'] })).toEqual({ Old: 'Older', Sent: 'Old' });
    expect(apply({ folderMapping: ['^Old$->Older', '^Sent$->Old'] }).find(({ key }) => key === 'Sent')!.into!.key).not.toBe('Old');
  });
  it('takes groups from the expression', () =>
    expect(targets({ folderMapping: ['^Inbox/Projects/(.+)$->Years/$1'] })).toEqual({ 'Inbox/Projects/2024': 'Years/2024' }));
  it('of several counts the first that matches', () =>
    expect(targets({ folderMapping: ['^Sent$->A', '^Sent->B', '^A->C'] })).toEqual({ Sent: 'A' }));
  it('leaves folders that are skipped, or stay at their place', () =>
    expect(targets({ folderFilter: ['^Sent$'], folderMapping: ['^Sent$->A', '^Inbox$->Inbox'] })).toEqual({}));
  it('keeps the slash within a name', () =>
    expect(targets({ folderMapping: ['^->All'] }, [folder('x', { name: 'A/B' })])).toEqual({ x: 'AllA\\/B' }));
});
