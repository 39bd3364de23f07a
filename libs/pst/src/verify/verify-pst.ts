import { PstCorrupt, UNICODE, blockBytes, type Problem } from '../format/index.js';
import { readNames, type NameMap } from '../reader/names.js';
import { NodeDatabase } from '../reader/node-database.js';
import type { ByteSource } from '../reader/source.js';
import { Strictness } from '../reader/strictness.js';
import { WindowCache } from '../reader/window-cache.js';
import { AMAP_SPAN, FIRST_AMAP_OFFSET, PAGE_BYTES } from '../shared/index.js';
import { Allocation } from './allocation.js';
import { BlockTable } from './block-table.js';
import { Chunks } from './chunks.js';
import { checkFreeMaps } from './free-maps.js';
import type { ExpectedItems } from './expected-items.js';
import { FlatPass } from './flat-pass.js';
import { checkFolder, checkStore, checkTemplates, childrenByParent, type FolderTally } from './folder-check.js';
import { ItemPass } from './item-pass.js';
import { checkNameMap } from './name-map-check.js';
import { loadNodes, type NodeTable } from './node-table.js';

/** Rows and cells of a local file are read in short pieces, a folder's in order, so few of them need be kept. */
const NEAR_TABLES_BYTES = 8 * 1024 * 1024;

/** How far a verification is: bytes read and judged, and items checked behind them. */
export type VerifyProgress = { readonly bytes: number; readonly items: number };

/** What to verify besides structure. `sha256` defaults to true. With `thorough` every item takes the slow way, which says what is wrong with it,
 *  at once instead of only when the quick check has doubts: the verdict must be the same, and tests make sure of that. */
export type VerifyOptions = {
  readonly expected?: ExpectedItems;
  readonly sha256?: boolean;
  readonly thorough?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: VerifyProgress) => void;
};

/** The verdict. `sha256` in hex, undefined if not asked for or the file could not be read through; counts are of what is really there; at
 *  most 1,000 problems, the rest counted in `problemsDropped`. */
export type VerifyReport = {
  readonly ok: boolean;
  readonly sha256: string | undefined;
  readonly bytes: number;
  readonly folders: number;
  readonly items: number;
  readonly problems: readonly Problem[];
  readonly problemsDropped: number;
};

/** Verifies a PST of the kind this product writes, in one pass over the file: SHA-256 (in a thread of its own where there is a second processor),
 *  every block and map page, reference counts, allocation; behind that every folder, table row, message, attachment and name against
 *  each other, and each item against the digest expected of it. Damage becomes problems; thrown are only faults of the source and the
 *  abort of `signal`. Memory: 28 bytes a block, about 200 an item, 2 KiB a MiB of file, and buffers of some 80 MiB at most. */
export const verifyPst = async (source: ByteSource, options: VerifyOptions = {}): Promise<VerifyReport> =>
  new Verification(source, options).run();

class Verification {
  private readonly strictness = new Strictness('verify');
  private sha256: string | undefined;
  private folders = 0;
  private items = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly options: VerifyOptions,
  ) {}

  async run(): Promise<VerifyReport> {
    const { strictness } = this;
    await strictness.survive('file', () => this.check(), undefined);
    return {
      ok: strictness.problems.length === 0,
      sha256: this.sha256,
      bytes: this.source.size,
      folders: this.folders,
      items: this.items,
      problems: strictness.problems,
      problemsDropped: strictness.dropped,
    };
  }

  private async check(): Promise<void> {
    const { source, strictness, options } = this;
    const cache = new WindowCache(source, undefined, undefined, options.signal);
    const ndb = await NodeDatabase.open(cache, strictness);
    const allocation = new Allocation(source.size, strictness);
    const onPage = (ib: number): void => allocation.mark(ib, PAGE_BYTES, 0);
    const blocks = await BlockTable.load(ndb, onPage);
    const nodes = await loadNodes(ndb, blocks, onPage);
    for (let i = 0; i < blocks.count; i++) allocation.mark(blocks.ibAt(i), blockBytes(UNICODE, blocks.cbAt(i)), blocks.bidAt(i));
    const names = await strictness.survive('name map', () => readNames(ndb), new Map());
    const near = source.windowBytes === undefined ? undefined : NEAR_TABLES_BYTES;
    const rows = new WindowCache(source, source.windowBytes, near, options.signal);
    const tables = await NodeDatabase.open(rows, strictness);
    const chunks = new Chunks(source, options.sha256 !== false);
    try {
      const spec = { ndb, tables, names, blocks, chunks, expected: options.expected, thorough: options.thorough === true };
      const items = new ItemPass(spec, nodes.messages, false);
      const hidden = new ItemPass(spec, nodes.associated, true);
      const flat = new FlatPass({ chunks, fileBytes: source.size, blocks, allocation, strictness, bCryptMethod: ndb.header.bCryptMethod });
      while (await chunks.next()) {
        options.signal?.throwIfAborted();
        flat.advance();
        await items.advance(false);
        await hidden.advance(false);
        options.onProgress?.({ bytes: chunks.end, items: items.done + hidden.done });
      }
      this.sha256 = await chunks.sha256();
      ndb.blocksChecked = true;
      tables.blocksChecked = true;
      blocks.judgeReferences((error) => strictness.flaw(error));
      this.checkRoot(ndb, allocation);
      await checkFreeMaps(cache, ndb, allocation.regions);
      for (const pass of [items, hidden]) {
        await pass.advance(true);
        this.items += pass.done;
        await pass.finish(nodes.folders);
      }
      await this.checkFolders(ndb, names, nodes, items.tallies);
    } finally {
      await chunks.close();
    }
  }

  /** Sizes and counters of HEADER and ROOT against the file. [MS-PST] 2.2.2.5. */
  private checkRoot({ header }: NodeDatabase, allocation: Allocation): void {
    const compare = (field: string, expected: number, actual: number): void => {
      if (expected !== actual) this.strictness.flaw(new PstCorrupt('unexpected-value', field, { expected, actual }));
    };
    const { regions } = allocation;
    compare('ROOT/ibFileEof', FIRST_AMAP_OFFSET + Math.max(1, regions) * AMAP_SPAN, header.ibFileEof);
    compare('ROOT/ibAMapLast', FIRST_AMAP_OFFSET + Math.max(0, regions - 1) * AMAP_SPAN, header.ibAMapLast);
    compare('ROOT/cbAMapFree', allocation.freeBytes, header.cbAMapFree);
    if (header.fAMapValid !== 1) compare('ROOT/fAMapValid', 2, header.fAMapValid);
    compare('HEADER/bidNextB', header.bidNextB - (header.bidNextB % 4), header.bidNextB);
  }

  /** The store, the name map, the templates, and every folder against its tables. */
  private async checkFolders(
    ndb: NodeDatabase,
    names: NameMap,
    nodes: NodeTable,
    tallies: ReadonlyMap<number, FolderTally>,
  ): Promise<void> {
    const { strictness } = this;
    await strictness.survive('name map', () => checkNameMap(ndb), undefined);
    await strictness.survive('message store', () => checkStore(ndb, names), undefined);
    await checkTemplates(ndb);
    const children = childrenByParent(nodes);
    for (const folder of nodes.folders) {
      this.folders++;
      const tally = tallies.get(folder.nid) ?? { rows: 0, unread: 0 };
      await strictness.survive(
        `folder 0x${folder.nid.toString(16)}`,
        () => checkFolder(ndb, names, folder, children.get(folder.nid) ?? [], tally),
        undefined,
      );
    }
  }
}
