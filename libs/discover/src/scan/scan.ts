import { createHash } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errnoOf, Fault, type Clock } from '@pstream/kernel';
import { guessOwner } from '../owner/guess-owner.js';
import { NO_MAP, type OwnerMap } from '../owner/owner-map.js';
import { ownerInPath } from '../owner/path-owner.js';
import { emptyRow, type PlanRow } from '../plan/plan-row.js';
import { planWriter, type PlanWriter } from '../plan/plan-writer.js';
import { readRows } from '../plan/read-rows.js';
import { accountNames, type AccountNames } from './accounts.js';
import { examine, type Examined, type Store } from './examine.js';
import { systemHolder, type Holder } from './locks.js';
import { givenName, isThere, planExists, planFault } from './plan-file.js';
import { comparePositions, type Position } from './position.js';
import { wholeSha256 } from './samples.js';
import { NO_COUNTS, readState, writeState, type ScanCounts } from './scan-state.js';
import { uploadName } from './upload-name.js';
import { unreadableAs, walk, type Met } from './walk.js';

export type ScanOptions = {
  readonly roots: readonly string[];
  /** Where the plan goes; without it, nothing is written. */
  readonly out?: string;
  /** Open files of every name, and read what stores hold. */
  readonly deep?: boolean;
  readonly exclude?: readonly string[];
  readonly otherFileSystems?: boolean;
  readonly map?: OwnerMap;
  /** Domain of addresses made of user names. */
  readonly domain?: string;
  /** Name of this machine. */
  readonly computer: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly holder?: Holder;
  readonly accounts?: AccountNames;
  readonly onProgress?: (progress: { readonly files: number; readonly stores: number; readonly path: string }) => void;
};

/** A folder that was not entered, or a file that could not be read, and why. */
export type Passed = { readonly path: string; readonly reason: string };

/** What a scan found. `passed` lists at most 100 of those that `files.unreadable` and `folders.unreadable` count. */
export type ScanReport = {
  readonly plan: string | undefined;
  readonly resumed: boolean;
  readonly files: { readonly seen: number } & Pick<ScanCounts, 'other' | 'excluded' | 'notFiles' | 'unreadable' | 'stores'>;
  readonly folders: { readonly read: number; readonly unreadable: number; readonly seenAlready: number; readonly otherFileSystem: number };
  readonly stores: { readonly found: number; readonly bytes: number; readonly upload: number; readonly withoutOwner: number };
  /** Stores that are not to be uploaded, by reason. */
  readonly skip: Readonly<Record<string, number>>;
  readonly passed: readonly Passed[];
};

const MOST_PASSED = 100;
/** A checkpoint after so many files, or so many milliseconds. */
const FILES_BETWEEN = 2_000;
const MS_BETWEEN = 5_000;
const PROGRESS_EVERY = 256;

/** Finds stores below the roots and writes a plan. Changes nothing but the plan and its two companions, `.partial` and `.scan.json`, by which a scan
 *  that was ended goes on when the same is asked for again. Faults (never): 'scan.plan-exists', 'scan.no-roots', 'scan.root-unreadable' (facts root, reason),
 *  'scan.other-settings', 'scan.state-unreadable', 'storage.full' and 'plan.unwritable'. */
export const scan = async (options: ScanOptions): Promise<ScanReport> => {
  const roots = await checkedRoots(options.roots);
  if (options.out === undefined) return new Scan(options, roots, undefined).run();
  const out = resolve(options.out);
  if (await isThere(out)) throw planExists(out);
  try {
    return await new Scan(options, roots, out).run();
  } catch (error) {
    throw planFault(error, out);
  }
};

const checkedRoots = async (given: readonly string[]): Promise<readonly string[]> => {
  const roots = [...new Set(given.map((root) => resolve(root)))];
  if (roots.length === 0)
    throw new Fault('scan.no-roots', { retry: 'never', advice: 'Give at least one folder, drive or file to look in.' });
  for (const root of roots)
    await stat(root).catch((cause: unknown) => {
      throw new Fault('scan.root-unreadable', {
        retry: 'never',
        facts: { root, reason: errnoOf(cause) ?? 'unknown' },
        advice: 'Check the path and the permissions. Nothing was scanned.',
        cause,
      });
    });
  return roots;
};

/** One run over all roots. */
class Scan {
  readonly #options: ScanOptions;
  readonly #roots: readonly string[];
  readonly #out: string | undefined;
  readonly #settings: string;
  readonly #byInode = new Map<string, string>();
  readonly #byId = new Map<string, { readonly path: string; sha256?: string }>();
  readonly #passed: Passed[] = [];
  readonly #folders = { read: 0, unreadable: 0, seenAlready: 0, otherFileSystem: 0 };
  #counts: ScanCounts = structuredClone(NO_COUNTS);
  #after: Position | undefined;
  #later: string[] = [];
  /** Those of them that were looked at again. */
  #lookedAgain = 0;
  #plan: PlanWriter | undefined;
  #accounts: AccountNames | undefined;

  constructor(options: ScanOptions, roots: readonly string[], out: string | undefined) {
    this.#options = options;
    this.#roots = roots;
    this.#out = out;
    const { deep = false, exclude = [], otherFileSystems = false, domain = '', map = NO_MAP } = options;
    this.#settings = createHash('sha256')
      .update(JSON.stringify([roots, deep, exclude, otherFileSystems, domain, map.id]))
      .digest('hex');
  }

  async run(): Promise<ScanReport> {
    const { signal, clock } = this.#options;
    this.#accounts = this.#options.accounts ?? (await accountNames());
    const resumed = await this.#begin();
    let since = 0;
    let savedAt = clock.monotonicMs();
    try {
      for await (const met of walk(this.#walkOptions())) {
        signal?.throwIfAborted();
        await this.#meet(met);
        if (++since < FILES_BETWEEN && clock.monotonicMs() - savedAt < MS_BETWEEN) continue;
        await this.#save();
        since = 0;
        savedAt = clock.monotonicMs();
      }
      await this.#lookAgain();
    } catch (error) {
      // Ctrl+C strikes between files, where counts and rows agree; after any other end the last checkpoint counts.
      if (signal?.aborted === true) await this.#save().catch(() => undefined);
      await this.#plan?.close();
      throw error;
    }
    await this.#finish();
    return this.#report(resumed);
  }

  /** Goes on with a scan that was ended, or begins. */
  async #begin(): Promise<boolean> {
    if (this.#out === undefined) return false;
    const state = await readState(this.#stateFile, this.#settings);
    this.#plan = await planWriter(this.#partial, state?.planBytes);
    if (state === undefined) return false;
    this.#after = state.after;
    this.#counts = state.counts;
    this.#later = state.later;
    for await (const { cells } of readRows(this.#partial, ['Path', 'Id'])) {
      const path = cells.get('path') ?? '';
      const inode = await stat(path, { bigint: true }).then(
        ({ dev, ino }) => `${dev}:${ino}`,
        () => undefined,
      );
      if (inode !== undefined && !this.#byInode.has(inode)) this.#byInode.set(inode, path);
      const id = cells.get('id') ?? '';
      if (id !== '' && !this.#byId.has(id)) this.#byId.set(id, { path });
    }
    return true;
  }

  get #partial(): string {
    return `${this.#out}.partial`;
  }

  get #stateFile(): string {
    return `${this.#out}.scan.json`;
  }

  #walkOptions(): Parameters<typeof walk>[0] {
    const { exclude = [], otherFileSystems = false, signal } = this.#options;
    const own = this.#out === undefined ? [] : [this.#out, this.#partial, this.#stateFile, `${this.#stateFile}.tmp`];
    return { roots: this.#roots, exclude, otherFileSystems, own: new Set(own), signal };
  }

  async #meet(met: Met): Promise<void> {
    // Folders are walked again after an interruption, files that were looked at are not opened again.
    const isKnown = this.#after !== undefined && comparePositions(met.at, this.#after) <= 0;
    switch (met.is) {
      case 'folder':
        this.#folders.read++;
        return;
      case 'seen-already':
        this.#folders.seenAlready++;
        return;
      case 'other-file-system':
        this.#folders.otherFileSystem++;
        this.#pass(met.path, 'on another file system');
        return;
      case 'unreadable':
        this.#folders.unreadable++;
        this.#pass(met.path, met.reason);
        if (!isKnown) await this.#addUnread(met.path, 'folder', met.reason);
        break;
      default:
        if (isKnown) return;
        if (met.is === 'excluded') this.#counts.excluded++;
        else if (met.is === 'not-a-file') this.#counts.notFiles++;
        else await this.#file(met.path, false);
        // Counted last: an interruption before makes the next run look at it again.
        this.#counts.files++;
    }
    if (!isKnown) this.#after = met.at;
    if (this.#counts.files % PROGRESS_EVERY === 0)
      this.#options.onProgress?.({ files: this.#counts.files, stores: this.#counts.stores, path: met.path });
  }

  #pass(path: string, reason: string): void {
    if (this.#passed.length < MOST_PASSED) this.#passed.push({ path, reason });
  }

  /** Looks at a file; one that is in use waits until all others have been looked at. */
  async #file(path: string, isLast: boolean): Promise<void> {
    const { deep = false, holder = systemHolder, signal } = this.#options;
    const found = await examine(path, { deep, holder, signal });
    if (found.is === 'other') this.#counts.other++;
    else if (found.is === 'store') await this.#store(path, found);
    else if (found.is === 'unreadable') {
      this.#counts.unreadable++;
      const reason = unreadableAs(path, found.reason);
      this.#pass(path, reason);
      await this.#addUnread(path, 'file', reason);
    } else if (isLast) await this.#inUse(path, found);
    else this.#later.push(path);
  }

  async #inUse(path: string, found: Extract<Examined, { readonly is: 'locked' | 'changing' }>): Promise<void> {
    const reason = found.is === 'changing' ? 'changing' : 'locked';
    const why = found.is === 'locked' && found.holder !== undefined ? `locked by ${found.holder}` : reason;
    this.#counts.stores++;
    this.#pass(path, why);
    await this.#add({ ...emptyRow(path), action: 'skip', reason: why }, reason);
  }

  async #lookAgain(): Promise<void> {
    for (const path of this.#later) {
      this.#options.signal?.throwIfAborted();
      await this.#file(path, true);
      this.#lookedAgain++;
    }
  }

  async #addUnread(path: string, kind: string, reason: string): Promise<void> {
    await this.#plan?.add({ ...emptyRow(path), action: 'skip', kind, reason: `unreadable (${reason})` });
  }

  async #store(path: string, store: Store): Promise<void> {
    const { map = NO_MAP, domain, computer } = this.#options;
    const { head, inside, problems } = store;
    const guess = guessOwner({ path, inPath: ownerInPath(path), account: this.#accounts?.(store.uid), inside, map, domain });
    const skip = await this.#skipped(path, store);
    this.#counts.stores++;
    this.#counts.bytes += store.bytes;
    if (skip === undefined && guess.owner === '') this.#counts.withoutOwner++;
    await this.#add(
      {
        ...emptyRow(path),
        action: skip === undefined ? 'upload' : 'skip',
        reason: skip?.why ?? (guess.owner === '' ? 'no owner found: fill in Owner' : ''),
        owner: guess.owner,
        confidence: guess.confidence,
        evidence: guess.evidence,
        name: uploadName(computer, path, head?.kind ?? ''),
        kind: head?.kind ?? 'damaged',
        form: head?.form ?? '',
        encoding: head?.encoding ?? '',
        password: inside?.hasPassword,
        bytes: store.bytes,
        modifiedAt: store.modifiedAt,
        items: inside?.items,
        oldestAt: inside?.oldestAt ?? '',
        newestAt: inside?.newestAt ?? '',
        problems: problems.join(', '),
        id: store.id,
      },
      skip?.code,
    );
  }

  /** Why a store is not to be uploaded unless a person says so. */
  async #skipped(path: string, store: Store): Promise<{ readonly code: string; readonly why: string } | undefined> {
    const sameFile = this.#byInode.get(store.inode);
    if (sameFile !== undefined) return { code: 'same-file', why: `the same file as ${sameFile}` };
    this.#byInode.set(store.inode, path);
    if (store.head === undefined || store.isUnreadable) return { code: 'damaged', why: 'damaged' };
    const copyOf = await this.#copyOf(path, store);
    if (copyOf !== undefined) return { code: 'duplicate', why: `a copy of ${copyOf}` };
    return store.head.kind === 'ost' ? { code: 'ost', why: 'a cache of a mailbox (OST)' } : undefined;
  }

  /** The file that this one is a copy of, byte for byte. */
  async #copyOf(path: string, { id }: Store): Promise<string | undefined> {
    const first = this.#byId.get(id);
    if (first === undefined) {
      this.#byId.set(id, { path });
      return undefined;
    }
    const digest = async (file: string): Promise<string | undefined> => {
      const handle = await open(file, 'r').catch(() => undefined);
      try {
        return handle === undefined ? undefined : await wholeSha256(handle, this.#options.signal);
      } catch (error) {
        if (errnoOf(error) === undefined) throw error;
        return undefined;
      } finally {
        await handle?.close();
      }
    };
    first.sha256 ??= (await digest(first.path)) ?? '';
    return first.sha256 !== '' && first.sha256 === (await digest(path)) ? first.path : undefined;
  }

  async #add(row: PlanRow, skipCode: string | undefined): Promise<void> {
    if (skipCode === undefined) this.#counts.upload++;
    else this.#counts.skip[skipCode] = (this.#counts.skip[skipCode] ?? 0) + 1;
    await this.#plan?.add(row);
  }

  async #save(): Promise<void> {
    if (this.#plan === undefined) return;
    const planBytes = await this.#plan.flush();
    await writeState(this.#stateFile, {
      format: 1,
      settings: this.#settings,
      planBytes,
      after: { root: this.#after?.root ?? -1, names: [...(this.#after?.names ?? [])] },
      counts: this.#counts,
      later: this.#later.slice(this.#lookedAgain),
    });
  }

  /** Gives the plan its name; whoever took the name meanwhile keeps it. */
  async #finish(): Promise<void> {
    if (this.#plan === undefined || this.#out === undefined) return;
    await this.#save();
    await this.#plan.close();
    await givenName(this.#partial, this.#out);
    await rm(this.#stateFile, { force: true });
  }

  #report(resumed: boolean): ScanReport {
    const { files, other, excluded, notFiles, unreadable, stores, bytes, upload, withoutOwner, skip } = this.#counts;
    return {
      plan: this.#out,
      resumed,
      files: { seen: files, other, excluded, notFiles, unreadable, stores },
      folders: { ...this.#folders },
      stores: { found: stores, bytes, upload, withoutOwner },
      skip,
      passed: this.#passed,
    };
  }
}
