import { NewProjectOptions, parseFolderMapping, ProjectOptions } from './project-options.js';

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
  it('are not read where they are too long', () => {
    const long = '->'.repeat(500_000);
    for (const options of [{ folderFilter: [`${long}(`] }, { folderMapping: [`${long}\n`] }])
      expect(ProjectOptions.safeParse(options).error?.issues).toEqual([expect.objectContaining({ code: 'too_big' })]);
  });
});

describe('advanced options that are new', () => {
  const faults = (options: object): string[] =>
    (NewProjectOptions.safeParse(options).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

  it.each([
    ['2026-01-31', '2026-01-31'],
    ['2026-02-01', '2026-01-31'],
  ])('may not leave nothing between %s and %s', (itemsFrom, itemsBefore) => {
    expect(faults({ itemsFrom, itemsBefore })).toEqual(['itemsBefore: The date range is empty: the end must be later than the start.']);
    expect(ProjectOptions.safeParse({ itemsFrom, itemsBefore }).success).toBe(true);
  });
  it('may leave a single day', () => expect(faults({ itemsFrom: '2026-01-30', itemsBefore: '2026-01-31' })).toEqual([]));
  it('may not name a folder between number signs that no mailbox has', () => {
    const given = { folderFilter: ['^#Inbox#/', '^#Inbx#/'], folderMapping: ['^#SentItems#->#Outgoing#'] };
    expect(faults(given)).toEqual([
      expect.stringMatching(/^folderFilter\.1: #Inbx# is not a well-known folder\. Use one of: #Archive#, .*#Inbox#/),
      expect.stringMatching(/^folderMapping\.0: #Outgoing# is not a well-known folder/),
    ]);
    expect(faults({ folderFilter: ['^\\#Inbx\\#$'] })).toEqual([]);
    expect(ProjectOptions.safeParse(given).success).toBe(true);
  });
});
