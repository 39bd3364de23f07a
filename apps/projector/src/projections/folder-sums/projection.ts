import { noItems, VIEWS, type FolderSumsView, type Totals, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

type Folder = FolderSumsView['folders'][string];

/** Does the sum hold for every folder of a mailbox? */
export const folderSums = projectionOf<FolderSumsView>({
  name: VIEWS.folders,
  contexts: ['extraction', 'build'],
  keys: (event) =>
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
    const now: FolderSumsView = document ?? { mailboxJobId: '', projectId: '', folders: {} };
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

const fold = (document: FolderSumsView, event: PublishedEvent): FolderSumsView => {
  switch (event.type) {
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
    case 'PageListed':
      // Items asked for again leave the failures; the retry's own facts say what became of them.
      return add(
        refused(document, event.data),
        event.data,
        event.data.again ? { failed: -event.data.items } : { discovered: event.data.items },
      );
    case 'FolderNotListed': {
      const { folderKey, passId, what, cause, attempts } = event.data;
      return withFolder(document, folderKey, { notListed: { passId, what, cause, attempts } });
    }
    case 'ExtractionFinished':
      return listed(document, event.data.passId);
    case 'SliceExported':
      return add(document, event.data, { skipped: event.data.skipped, failed: event.data.failed }, event.data);
    case 'ItemUnbuilt':
      return add(
        document,
        event.data,
        { failed: 1 },
        { mime: event.data.fidelity === 'mime' ? -1 : 0, doubts: event.data.doubts === undefined ? 0 : -1 },
      );
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
  document: FolderSumsView,
  { folderKey, refused: code }: { readonly folderKey: string; readonly refused?: string },
): FolderSumsView => (code === undefined ? document : withFolder(document, folderKey, { left: 'refused' }));

/** A pass that has ended has asked for every folder that the passes before it could not list: it got what it does not name itself. */
const listed = (document: FolderSumsView, passId: string): FolderSumsView => ({
  ...document,
  folders: Object.fromEntries(
    Object.entries(document.folders).map(([key, folder]) => [
      key,
      folder.notListed === null || folder.notListed.passId === passId ? folder : { ...folder, notListed: null },
    ]),
  ),
});

const withFolder = (document: FolderSumsView, folderKey: string, change: Partial<Folder>): FolderSumsView => ({
  ...document,
  folders: { ...document.folders, [folderKey]: { ...(document.folders[folderKey] ?? nowhere), ...change } },
});

const add = (
  document: FolderSumsView,
  at: { readonly mailboxJobId: string; readonly projectId: string; readonly folderKey: string },
  more: Partial<Totals>,
  { mime = 0, doubts = 0 }: { readonly mime?: number; readonly doubts?: number } = {},
): FolderSumsView => {
  const folder = document.folders[at.folderKey] ?? nowhere;
  const totals = Object.fromEntries(
    Object.entries(folder.totals).map(([field, count]) => [field, count + (more[field as keyof Totals] ?? 0)]),
  ) as Totals;
  return {
    ...document,
    mailboxJobId: at.mailboxJobId,
    projectId: at.projectId,
    folders: { ...document.folders, [at.folderKey]: { ...folder, totals, mime: folder.mime + mime, doubts: folder.doubts + doubts } },
  };
};
