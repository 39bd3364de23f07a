import type { PassRefs, WorkUnit } from '@pstream/contracts';
import type { Extraction, FolderProgress, OpenPage } from './state.js';

/** Where a slice begins. */
export type SliceName = { readonly folderKey: string; readonly page: number; readonly from: number };

/** Names a unit within its pass: the same piece of work always has the same name. */
export const unitName = (unit: WorkUnit): string => {
  switch (unit.kind) {
    case 'page':
      return `page/${unit.folderKey}/${unit.page}`;
    case 'slice':
      return `slice/${unit.folderKey}/${unit.page}/${unit.from}`;
    case 'pause':
    case 'continue':
      return `${unit.kind}/${unit.attempt}`;
    default:
      return unit.kind;
  }
};

/** Everything that has still to be done, in the order in which it should be: open slices before new pages. */
export const outstanding = (state: Extraction, refs: PassRefs): WorkUnit[] => {
  if (state.finished) return [];
  if (!state.treeComplete) return [{ kind: 'plan', ...refs }];
  const units = [...state.folders.values()].flatMap((progress) => folderUnits(progress, refs));
  return units.length > 0 ? units : [{ kind: 'finish', ...refs }];
};

/** What a folder still needs. */
export const folderUnits = (progress: FolderProgress, refs: PassRefs): WorkUnit[] => {
  const slices = [...progress.open.values()].flatMap((page) =>
    [...page.slices].map((from): WorkUnit => ({ kind: 'slice', ...refs, folderKey: progress.folder.key, page: page.page, from })),
  );
  return progress.listed ? slices : [...slices, { kind: 'page', ...refs, folderKey: progress.folder.key, page: progress.listedPages }];
};

/** The open slices that come after this one, in the order of `outstanding`. */
export function* slicesAfter(state: Extraction, { folderKey, page, from }: SliceName): Generator<SliceName & { readonly open: OpenPage }> {
  let passed = false;
  for (const { folder, open: pages } of state.folders.values()) {
    if (!passed && folder.key !== folderKey) continue;
    for (const open of pages.values()) {
      for (const start of open.slices) {
        if (passed) yield { folderKey: folder.key, page: open.page, from: start, open };
        else passed = open.page === page && start === from;
      }
    }
  }
}

/** Whether anything but the end is left. */
export const isDrained = (state: Extraction): boolean =>
  state.treeComplete && [...state.folders.values()].every((progress) => progress.listed && progress.open.size === 0);

/** Cuts a page into slices of at most so many items and bytes; returns the index of each slice's first item. */
export const cutSlices = (sizes: readonly number[], limit: { readonly items: number; readonly bytes: number }): number[] => {
  const starts: number[] = [];
  let items = 0;
  let bytes = 0;
  sizes.forEach((size, index) => {
    if (items === 0 || items >= limit.items || bytes + size > limit.bytes) {
      starts.push(index);
      items = 0;
      bytes = 0;
    }
    items++;
    bytes += size;
  });
  return starts;
};
