import { assert } from '@pstream/kernel';
import type { Property } from '@pstream/mapi';

import { DropTally, KeptBag, SCOPE } from '../../fidelity/index.js';
import { NID, NID_TYPE, makeNid } from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { defaultClass } from './default-folders.js';
import { OpenFolder, type FolderFacts } from './folder.js';

/** A folder to have in the part. */
export type FolderSpec = {
  /** The caller's own name for it, stable over the part's life. */
  readonly key: string;
  /** Key of the parent folder; null for a child of the IPM subtree. */
  readonly parent: string | null;
  readonly name: string;
  /** PidTagContainerClass; by default that of the well-known folder, else IPF.Note. */
  readonly containerClass?: string;
  /** inbox, sentitems, deleteditems, drafts, calendar, … as Graph spells them. */
  readonly wellKnownName?: string;
  /** Further properties; those that are computed or belong to the source store are dropped. */
  readonly properties?: readonly Property[];
};

/** Index of the first folder that the caller adds: behind IPM subtree, search root and Deleted Items. */
const FIRST_INDEX = (NID.deletedItems >>> 5) + 1;
const DELETED_ITEMS = 'deleteditems';
/** Upper bound of what a folder's four nodes take in the file besides its rows. */
const EMPTY_FOLDER_BYTES = 3072;

/** The folders of a part by key, with their node ids. */
export class Folders {
  readonly #byKey = new Map<string, OpenFolder>();
  readonly #order: { readonly key: string; readonly folder: OpenFolder }[] = [];
  #nextIndex = FIRST_INDEX;
  #hasDeletedItems = false;
  #saved = 0;
  readonly #dirty = new Set<number>();
  readonly #positions = new Map<OpenFolder, number>();
  /** Upper bound of the bytes that closing all folders adds to the file. */
  closingBytes = 0;

  /** All folders of the caller, Deleted Items among them if it was asked for, in order of creation. */
  *all(): Iterable<OpenFolder> {
    for (const { folder } of this.#order) yield folder;
  }

  get count(): number {
    return this.#order.length;
  }

  /** Highest folder index in use. */
  get lastIndex(): number {
    return this.#nextIndex - 1;
  }

  /** The folder of a key, or undefined. */
  get(key: string): OpenFolder | undefined {
    return this.#byKey.get(key);
  }

  /** Adds a folder if its key is new. A Defect if the parent is unknown. */
  ensure(spec: FolderSpec): void {
    if (this.#byKey.has(spec.key)) return;
    const bag = new KeptBag();
    bag.fill(spec.properties ?? [], SCOPE.folder, new DropTally());
    const wellKnownName = spec.wellKnownName?.toLowerCase();
    const isDeletedItems = !this.#hasDeletedItems && namesDeletedItems(spec, wellKnownName);
    this.#hasDeletedItems ||= isDeletedItems;
    const parent = spec.parent === null || isDeletedItems ? undefined : this.#byKey.get(spec.parent);
    assert(parent !== undefined || spec.parent === null || isDeletedItems, 'ensureFolder: the parent folder is not known');
    this.#add(spec.key, {
      nid: isDeletedItems ? NID.deletedItems : makeNid(NID_TYPE.folder, this.#nextIndex++),
      parentNid: parent?.facts.nid ?? NID.ipmSubtree,
      name: spec.name,
      containerClass: spec.containerClass === undefined || spec.containerClass === '' ? defaultClass(wellKnownName) : spec.containerClass,
      wellKnownName,
      bag,
    });
  }

  /** Runs a change of a folder's tables and keeps account of it. */
  change(folder: OpenFolder, work: () => void): void {
    this.closingBytes -= folder.closingBytes;
    work();
    this.closingBytes += folder.closingBytes;
    this.#dirty.add(this.#positions.get(folder) as number);
  }

  save(out: StateWriter): void {
    if (out.full) {
      this.#saved = 0;
      for (const position of this.#order.keys()) this.#dirty.add(position);
    }
    out.int(this.#order.length - this.#saved);
    for (const { key, folder } of this.#order.slice(this.#saved)) {
      out.text(key);
      saveFacts(folder.facts, out);
    }
    this.#saved = this.#order.length;
    out.int(this.#dirty.size);
    for (const position of this.#dirty) {
      out.int(position);
      (this.#order[position] as { folder: OpenFolder }).folder.save(out);
    }
    this.#dirty.clear();
  }

  load(from: StateReader): void {
    for (let more = from.int(); more > 0; more--) {
      const key = from.text();
      const facts = loadFacts(from);
      if (facts.nid === NID.deletedItems) this.#hasDeletedItems = true;
      else this.#nextIndex = (facts.nid >>> 5) + 1;
      this.#add(key, facts);
    }
    this.#saved = this.#order.length;
    for (let more = from.int(); more > 0; more--) {
      const entry = this.#order[from.int()];
      assert(entry !== undefined, 'checkpoint names a folder that it does not have');
      this.closingBytes -= entry.folder.closingBytes;
      entry.folder.load(from);
      this.closingBytes += entry.folder.closingBytes;
    }
  }

  #add(key: string, facts: FolderFacts): void {
    const folder = new OpenFolder(facts);
    this.#byKey.set(key, folder);
    this.#positions.set(folder, this.#order.length);
    this.#order.push({ key, folder });
    this.closingBytes += EMPTY_FOLDER_BYTES + 8 * facts.name.length + 2 * facts.containerClass.length + bagBytes(facts.bag);
  }
}

/** The store's own Deleted Items folder, by its well-known name; or by its name at the top, where two of that name would stand side by side. */
const namesDeletedItems = (spec: FolderSpec, wellKnownName: string | undefined): boolean =>
  wellKnownName === DELETED_ITEMS || (wellKnownName === undefined && spec.parent === null && spec.name.toLowerCase() === 'deleted items');

const bagBytes = (bag: KeptBag): number => [...bag.values, ...bag.namedValues].reduce((sum, value) => sum + value.length + 200, 0);

const saveFacts = (facts: FolderFacts, out: StateWriter): void => {
  out.int(facts.nid);
  out.int(facts.parentNid);
  out.text(facts.name);
  out.text(facts.containerClass);
  out.text(facts.wellKnownName ?? '');
  out.int(facts.bag.tags.length);
  facts.bag.tags.forEach((tag, i) => {
    out.int(tag);
    out.bytes(facts.bag.values[i] as Uint8Array);
  });
  out.int(facts.bag.names.length);
  facts.bag.names.forEach((name, i) => {
    out.bytes(name.set);
    out.int(name.lid === undefined ? 0 : 1 + name.lid);
    if (name.lid === undefined) out.text(name.name);
    out.int(facts.bag.namedTypes[i] as number);
    out.bytes(facts.bag.namedValues[i] as Uint8Array);
  });
};

const loadFacts = (from: StateReader): FolderFacts => {
  const bag = new KeptBag();
  const [nid, parentNid, name, containerClass, wellKnown] = [from.int(), from.int(), from.text(), from.text(), from.text()];
  for (let more = from.int(); more > 0; more--) {
    bag.tags.push(from.int());
    bag.values.push(from.bytes());
  }
  for (let more = from.int(); more > 0; more--) {
    const set = from.bytes();
    const lid = from.int();
    bag.names.push(lid === 0 ? { set, name: from.text() } : { set, lid: lid - 1 });
    bag.namedTypes.push(from.int());
    bag.namedValues.push(from.bytes());
  }
  return { nid, parentNid, name, containerClass, wellKnownName: wellKnown === '' ? undefined : wellKnown, bag };
};
