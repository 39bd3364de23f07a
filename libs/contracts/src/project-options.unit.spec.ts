import { parseFolderMapping, ProjectOptions } from './project-options.js';

describe('a folder mapping', () => {
  it.each([
    ['^Inbox->Old', { pattern: '^Inbox', target: 'Old' }],
    ['FolderMapping="^Inbox->Old mail/Inbox"', { pattern: '^Inbox', target: 'Old mail/Inbox' }],
    ['^Projects/(.+)$->$1', { pattern: '^Projects/(.+)$', target: '$1' }],
  ])('%s is understood', (text, mapping) => expect(parseFolderMapping(text)).toEqual(mapping));
  it.each(['', 'Inbox', '->Old', '^Inbox->', '^(Inbox->Old', '^Inbox->/Old', '^Inbox->Old/', '^Inbox->Old//Inbox'])(
    '"%s" is not one',
    (text) => expect(parseFolderMapping(text)).toBeUndefined(),
  );
});

describe('advanced options', () => {
  it('may all be absent', () => expect(ProjectOptions.parse({})).toEqual({}));
  it.each([
    { itemTypes: [] },
    { itemTypes: ['mail'] },
    { itemsFrom: '31.12.2025' },
    { folderFilter: ['(Inbox'] },
    { folderMapping: ['Inbox'] },
    { bucketName: 'x' },
  ])('%j are refused', (options) => {
    expect(ProjectOptions.safeParse(options).success).toBe(false);
  });
});
