import type { ExtractionEvent } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import type { Extraction } from './state.js';

/** Records one fact of the extraction, in place. */
export const evolve = (state: Extraction, event: ExtractionEvent): Extraction => {
  state.version++;
  switch (event.type) {
    case 'ExtractionStarted': {
      const { mailbox, at: _at, ...refs } = event.data;
      state.refs = refs;
      state.mailbox = mailbox;
      return state;
    }
    case 'FoldersDiscovered':
      for (const folder of event.data.folders) {
        state.folders.set(folder.key, {
          folder,
          listedPages: 0,
          next: folder.from ?? null,
          listed: folder.left !== undefined,
          notListed: null,
          open: new Map(),
        });
      }
      state.treeComplete = event.data.last;
      return state;
    case 'PageListed': {
      const progress = state.folders.get(event.data.folderKey);
      if (progress === undefined) return state;
      progress.listedPages = event.data.page + 1;
      // Items that are asked for again say nothing of the listing, which may still have to be done.
      if (!event.data.again) progress.next = event.data.next;
      progress.listed = event.data.again ? progress.folder.listAgain !== true : event.data.next === null;
      state.discovered += event.data.items;
      if (!event.data.again) state.firstSeen += event.data.items;
      state.listedBytes += event.data.bytes;
      // A page of a pass that updates may hold nothing but items that are exported already.
      if (event.data.manifest !== null && event.data.slices.length > 0) {
        const { page, mailbox, manifest, items, bytes, slices } = event.data;
        progress.open.set(page, { page, mailbox, manifest, items, bytes, starts: slices, slices: new Set(slices) });
      }
      return state;
    }
    case 'FolderNotListed': {
      const progress = state.folders.get(event.data.folderKey);
      if (progress === undefined) return state;
      if (progress.notListed === null) state.foldersNotListed++;
      progress.notListed = event.data.cause;
      if (event.data.what === 'items') progress.listed = true;
      return state;
    }
    case 'SliceExported': {
      const pages = state.folders.get(event.data.folderKey)?.open;
      const page = pages?.get(event.data.page);
      page?.slices.delete(event.data.from);
      if (page?.slices.size === 0) pages?.delete(event.data.page);
      state.published += event.data.items;
      state.skipped += event.data.skipped;
      state.failed += event.data.failed;
      state.bytes += event.data.bytes;
      return state;
    }
    case 'ItemSkipped':
    case 'ItemFailed':
    case 'ItemReadAsMime':
    case 'ItemDoubted':
    case 'ExtractionWaited':
    case 'ExtractionFailed':
      return state;
    case 'ExtractionPaused':
      state.pausedAttempt = event.data.attempt;
      return state;
    case 'ExtractionFinished':
      state.finished = true;
      if (event.data.update !== undefined) state.superseded = event.data.update.changed + event.data.update.moved;
      return state;
    default:
      return assertNever(event);
  }
};
