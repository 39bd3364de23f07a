import { FIRST_NAMED_ID, PROPERTY_SET, sameSet, type PropertyName } from '@pstream/mapi';
import { compareNames } from '../../fidelity/bag.js';
import { Canon, putName } from '../../fidelity/digest.js';
import { droppedBecause } from '../../fidelity/dropped-properties.js';
import type { NameMap } from '../../reader/names.js';
import { MAX_HEAP_ITEM_BYTES } from '../../shared/index.js';
import type { QuickBag } from './bag.js';
import { doubt, type QuickStore, type QuickSubnodes } from './store.js';

/** Properties of each scope that the writer adds to what it keeps: not `made` ones enter the digest, `computed` ones do not. */
export type Scope = { readonly scope: number; readonly computed: number; readonly made: ReadonlySet<number> };

/** The canonical form of an item, as `digestOf` makes it, straight from the bytes of the file. */
export class QuickCanon {
  private readonly canon = new Canon();
  /** Place of each named property in canonical order, by id - 0x8000; -1 for ids without a name. */
  private readonly ranks = new Int32Array(0x8000).fill(-1);
  private readonly names: PropertyName[] = [];
  private order = new Int32Array(64);

  constructor(
    private readonly store: QuickStore,
    names: NameMap,
    private readonly digests: boolean,
  ) {
    const sorted = [...names].toSorted(([, a], [, b]) => compareNames(a, b));
    for (const [id, name] of sorted) {
      // a name of an ordinary property would move among those
      if (name.lid !== undefined && name.lid < FIRST_NAMED_ID && sameSet(name.set, PROPERTY_SET.mapi)) continue;
      this.ranks[id - 0x8000] = this.names.length;
      this.names.push(name);
    }
  }

  reset(): void {
    if (this.digests) this.canon.reset();
  }

  u32(value: number): void {
    if (this.digests) this.canon.u32(value);
  }

  digest(): Uint8Array | undefined {
    return this.digests ? this.canon.digest() : undefined;
  }

  /** Puts a bag. Properties that the writer never leaves in an object of this kind are doubted, as are ids without a name. */
  bag(bag: QuickBag, subnodes: QuickSubnodes | undefined, { scope, computed, made }: Scope): void {
    const { canon, ranks, digests, names } = this;
    const { count, named, ids, types } = bag;
    let plain = named;
    for (let i = 0; i < named; i++) {
      const id = ids[i] as number;
      if (id === computed) plain--;
      else if (droppedBecause(id, scope) !== undefined && !made.has(id)) doubt();
    }
    for (let i = named; i < count; i++) if ((ranks[(ids[i] as number) - 0x8000] as number) < 0) doubt();
    if (!digests) return;
    canon.u32(plain);
    for (let i = 0; i < named; i++) {
      const id = ids[i] as number;
      if (id === computed) continue;
      canon.u32(((id << 16) | (types[i] as number)) >>> 0);
      this.value(bag, i, subnodes);
    }
    canon.u32(count - named);
    if (count - named > this.order.length) this.order = new Int32Array(2 * (count - named));
    const { order } = this;
    for (let i = named; i < count; i++) {
      const rank = ranks[(ids[i] as number) - 0x8000] as number;
      let at = i - named;
      while (at > 0 && (ranks[(ids[order[at - 1] as number] as number) - 0x8000] as number) > rank) {
        order[at] = order[at - 1] as number;
        at--;
      }
      order[at] = i;
    }
    for (let k = 0; k < count - named; k++) {
      const i = order[k] as number;
      putName(canon, names[ranks[(ids[i] as number) - 0x8000] as number] as PropertyName);
      canon.u32(types[i] as number);
      this.value(bag, i, subnodes);
    }
  }

  private value(bag: QuickBag, i: number, subnodes: QuickSubnodes | undefined): void {
    const { canon, store } = this;
    // an embedded message follows behind the bag
    const length = i === bag.object ? 0 : (bag.lengths[i] as number);
    canon.u32(length);
    const subnode = bag.subnodes[i] as number;
    if (subnode < 0) {
      if (length > MAX_HEAP_ITEM_BYTES) doubt();
      canon.part(bag.buffers[i] as Uint8Array, bag.starts[i] as number, length);
      return;
    }
    if (subnodes === undefined) return doubt();
    const start = subnodes.starts[subnode] as number;
    const count = subnodes.counts[subnode] as number;
    if (length <= MAX_HEAP_ITEM_BYTES) {
      if (count !== 1) doubt();
      store.open(store.leaves[start] as number);
      canon.part(store.bytes, store.at, length);
      return;
    }
    for (let k = start; k < start + count; k++) canon.u32(store.blocks.crcAt(store.leaves[k] as number));
  }
}
