import { fileSource, openPst } from '../reader/index.js';
import { MemoryTarget } from './memory-target.fixture.js';
import { PstWriter } from './index.js';
import { pattern } from './items.fixture.js';

const REGIONS = 4;

/** Begins a part in memory, with fixed names and keys. */
export const beginPart = (target: MemoryTarget, encoding: 'none' | 'permute'): PstWriter =>
  PstWriter.create(target, {
    recordKey: pattern(16, 21),
    displayName: 'Checked part',
    createdAt: '2024-01-01T00:00:00Z',
    regionsPerExtent: REGIONS,
    encoding,
  });

/** A target that fits `beginPart`. */
export const partTarget = (): MemoryTarget => new MemoryTarget(REGIONS);

/** A copy, and the folder in which it keeps what the store has at the very top, where ours have only folders. */
export type Copy = { readonly bytes: Buffer; readonly topFolder: string };

/** A store's IPM subtree, hidden items included, read leniently by our reader and written again by our writer. */
export const copyOf = async (path: string, encoding: 'none' | 'permute'): Promise<Copy> => {
  const source = await fileSource(path);
  try {
    const pst = await openPst(source, { mode: 'lenient' });
    const target = partTarget();
    const writer = beginPart(target, encoding);
    let root: string | undefined;
    let topFolder = 'Inbox';
    for await (const folder of pst.folders()) {
      root ??= folder.key;
      if (folder.path.length > 0) {
        writer.ensureFolder({
          key: folder.key,
          parent: folder.parentKey === root || folder.parentKey === undefined ? null : folder.parentKey,
          name: folder.name,
          ...(folder.containerClass === undefined ? {} : { containerClass: folder.containerClass }),
          ...(folder.nid === 0x8062 ? { wellKnownName: 'deleteditems' } : {}),
          properties: folder.properties,
        });
      } else {
        // a store may have an Inbox besides, and hidden items at the top
        if (folder.contentCount === 0) topFolder = 'Hidden at the top';
        if (folder.contentCount + folder.associatedCount === 0) continue;
        writer.ensureFolder({ key: folder.key, parent: null, name: topFolder });
      }
      for (const associated of [false, true])
        for await (const pending of pst.items(folder, { associated })) await writer.addItem(folder.key, await pending.item());
    }
    await writer.seal();
    return { bytes: target.file(), topFolder };
  } finally {
    await source.close();
  }
};
