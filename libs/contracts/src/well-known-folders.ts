/** Folders that every mailbox has by the same name, whatever its language, with their English names. Graph, `wellKnownName` of a mail folder. */
export const WELL_KNOWN_FOLDERS = {
  archive: 'Archive',
  calendar: 'Calendar',
  clutter: 'Clutter',
  conflicts: 'Conflicts',
  contacts: 'Contacts',
  conversationhistory: 'Conversation History',
  deleteditems: 'Deleted Items',
  drafts: 'Drafts',
  inbox: 'Inbox',
  journal: 'Journal',
  junkemail: 'Junk Email',
  localfailures: 'Local Failures',
  notes: 'Notes',
  outbox: 'Outbox',
  sentitems: 'Sent Items',
  serverfailures: 'Server Failures',
  syncissues: 'Sync Issues',
  tasks: 'Tasks',
} as const;

/** A folder by the name that it has in every language. */
export type WellKnownFolder = keyof typeof WELL_KNOWN_FOLDERS;

/** `#Inbox#`, `#Sent Items#`, `#sentitems#`: the name of a folder in whatever language the mailbox has. */
const MARKED = /#([a-z][a-z ]{1,30})#/gi;

const wellKnown = (name: string): WellKnownFolder | undefined => {
  const folded = name.replaceAll(' ', '').toLowerCase();
  return folded in WELL_KNOWN_FOLDERS ? (folded as WellKnownFolder) : undefined;
};

/** What stands between number signs and is no name of a folder that every mailbox has. */
export const unknownFolders = (text: string): string[] =>
  [...text.matchAll(MARKED)].flatMap(([, name = '']) => (wellKnown(name) === undefined ? [name] : []));

/** The text with each `#Inbox#` replaced by what `pathOf` says; others stay as they are. */
export const withFolders = (text: string, pathOf: (folder: WellKnownFolder) => string): string =>
  text.replaceAll(MARKED, (marked, name: string) => {
    const folder = wellKnown(name);
    return folder === undefined ? marked : pathOf(folder);
  });
