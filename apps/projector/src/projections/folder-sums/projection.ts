import { noItems, sumOfTypes, VIEWS, type FolderSumsView, type Totals, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

type Folder = FolderSumsView['folders'][string];

/** What a pass counted in a folder. */
type Counts = Readonly<Partial<Record<keyof Totals | 'mime' | 'doubts' | 'superseded', number>>>;

/** The view, what each pass has added to it by folder, and the passes that count no more because the mailbox has started over. */
type FolderSumsDocument = FolderSumsView & {
  readonly byPass: Readonly<Record<string, Readonly<Record<string, Counts>>>>;
  readonly replaced: readonly string[];
};

/** Does the sum hold for every folder of a mailbox? */
export const folderSums = projectionOf<FolderSumsDocument>({
  name: VIEWS.folders,
  contexts: ['projects', 'extraction', 'build'],
  keys: (event) =>
    event.type === 'MailboxStartedOver' ||
    event.type === 'FoldersDiscovered' ||
    event.type === 'PageListed' ||
    event.type === 'FolderNotListed' ||
    event.type === 'ExtractionFinished' ||
    event.type === 'SliceExported' ||
    event.type === 'ItemUnbuilt' ||
    event.type === 'BuildFinished'
      ? [event.data.mailboxJobId]
      : [],
  evolve: (document, event) => {
    const now: FolderSumsDocument = document ?? { mailboxJobId: '', projectId: '', folders: {}, byPass: {}, replaced: [] };
    return fold(now, event);
  },
  queryFields: ['projectId'],
});

const nowhere: Folder = {
  name: '',
  parent: null,
  containerClass: null,
  wellKnownName: null,
  expected: 0,
  left: null,
  totals: noItems,
  mime: 0,
  doubts: 0,
  notListed: null,
};

const fold = (document: FolderSumsDocument, event: PublishedEvent): FolderSumsDocument => {
  switch (event.type) {
    case 'MailboxStartedOver':
      return startedOver(document, event.data.passIds);
    case 'FoldersDiscovered': {
      const { mailboxJobId, projectId } = event.data;
      const folders = { ...document.folders };
      for (const { key, name, parent, containerClass, wellKnownName, expected, left, into } of event.data.folders) {
        // Made by a mapping: a place in the PST, not a folder of the mailbox.
        if (left === 'target') continue;
        const known = folders[key] ?? nowhere;
        // A retry names folders again; one that only leads to others there may have been read before.
        folders[key] = {
          ...known,
          name,
          parent,
          containerClass,
          wellKnownName,
          expected,
          left: left === 'path-only' ? null : (left ?? null),
          target: into?.path ?? null,
        };
      }
      return { ...document, mailboxJobId, projectId, folders };
    }
    case 'PageListed': {
      const { again, items, superseded = {} } = event.data;
      const older = sumOfTypes(superseded).items;
      // Items asked for again leave the failures; the retry's own facts say what became of them.
      const counts = again ? { failed: -items } : { discovered: items - older, exported: -older, superseded: older };
      return add(refused(document, event.data), event.data, counts);
    }
    case 'FolderNotListed': {
      const { folderKey, passId, what, cause, attempts } = event.data;
      if (document.replaced.includes(passId)) return document;
      return withFolder(document, folderKey, { notListed: { passId, what, cause, attempts } });
    }
    case 'ExtractionFinished':
      // What an update lists again counts once, where it is now. Changed items were counted so with their pages; now the moved ones are known.
      return Object.entries(event.data.update?.folders ?? {}).reduce(
        (sums, [folderKey, items]) => {
          const older = items - (document.byPass[event.data.passId]?.[folderKey]?.superseded ?? 0);
          return add(sums, { ...event.data, folderKey }, { discovered: -older, exported: -older, superseded: older });
        },
        listed(document, event.data.passId),
      );
    case 'SliceExported':
      return add(document, event.data, {
        skipped: event.data.skipped,
        failed: event.data.failed,
        mime: event.data.mime ?? 0,
        doubts: event.data.doubts ?? 0,
      });
    case 'ItemUnbuilt':
      return add(document, event.data, {
        failed: 1,
        mime: event.data.fidelity === 'mime' ? -1 : 0,
        doubts: event.data.doubts === undefined ? 0 : -1,
      });
    case 'BuildFinished':
      return Object.entries(event.data.folders).reduce(
        (sums, [folderKey, exported]) => add(sums, { ...event.data, folderKey }, { exported }),
        document,
      );
    default:
      return document;
  }
};

/** A folder that the tenant stopped showing is not read, and says so. */
const refused = (
  document: FolderSumsDocument,
  { folderKey, refused: code }: { readonly folderKey: string; readonly refused?: string },
): FolderSumsDocument => (code === undefined ? document : withFolder(document, folderKey, { left: 'refused' }));

/** A pass that has ended has asked for every folder that the passes before it could not list: it got what it does not name itself. */
const listed = (document: FolderSumsDocument, passId: string): FolderSumsDocument => ({
  ...document,
  folders: Object.fromEntries(
    Object.entries(document.folders).map(([key, folder]) => [
      key,
      folder.notListed === null || folder.notListed.passId === passId ? folder : { ...folder, notListed: null },
    ]),
  ),
});

const withFolder = (document: FolderSumsDocument, folderKey: string, change: Partial<Folder>): FolderSumsDocument => ({
  ...document,
  folders: { ...document.folders, [folderKey]: { ...(document.folders[folderKey] ?? nowhere), ...change } },
});

/** Without what these passes have counted, and will. */
const startedOver = (document: FolderSumsDocument, passIds: readonly string[]): FolderSumsDocument => {
  const folders = { ...document.folders };
  for (const passId of passIds)
    for (const [key, counts] of Object.entries(document.byPass[passId] ?? {})) {
      const less = Object.fromEntries(Object.entries(counts).map(([field, count]) => [field, -count]));
      folders[key] = counted(folders[key] ?? nowhere, less);
    }
  for (const [key, folder] of Object.entries(folders))
    if (folder.notListed !== null && passIds.includes(folder.notListed.passId)) folders[key] = { ...folder, notListed: null };
  const byPass = Object.fromEntries(Object.entries(document.byPass).filter(([passId]) => !passIds.includes(passId)));
  return { ...document, folders, byPass, replaced: [...document.replaced, ...passIds] };
};

const counted = (folder: Folder, more: Counts): Folder => ({
  ...folder,
  totals: Object.fromEntries(
    Object.entries(folder.totals).map(([field, count]) => [field, count + (more[field as keyof Totals] ?? 0)]),
  ) as Totals,
  mime: folder.mime + (more.mime ?? 0),
  doubts: folder.doubts + (more.doubts ?? 0),
});

const add = (
  document: FolderSumsDocument,
  at: { readonly mailboxJobId: string; readonly projectId: string; readonly passId: string; readonly folderKey: string },
  more: Counts,
): FolderSumsDocument => {
  const { mailboxJobId, projectId, passId, folderKey } = at;
  const folder = document.folders[folderKey] ?? nowhere;
  if (document.replaced.includes(passId)) return { ...document, mailboxJobId, projectId };
  const known = document.byPass[passId] ?? {};
  const own: Counts = known[folderKey] ?? {};
  const sums = Object.fromEntries(
    Object.entries(more).flatMap(([field, count]) => (count === 0 ? [] : [[field, (own[field as keyof Counts] ?? 0) + count]])),
  );
  return {
    ...document,
    mailboxJobId,
    projectId,
    folders: { ...document.folders, [folderKey]: counted(folder, more) },
    byPass:
      Object.keys(sums).length === 0 ? document.byPass : { ...document.byPass, [passId]: { ...known, [folderKey]: { ...own, ...sums } } },
  };
};
