import { tagId } from '@pstream/mapi';

import type { DropTally, KeptBag } from '../../fidelity/index.js';
import type { NameMap } from './name-map.js';

/** Properties with their ids in this PST, ascending, ready for a property context or a table row. */
export class ResolvedBag {
  readonly tags: number[];
  readonly values: Uint8Array[];

  /** The plain properties of a bag, `extraTag` among them with `extraValue`, and the named ones under their ids here. */
  constructor(bag: KeptBag, names: NameMap, tally: DropTally, extraTag?: number, extraValue?: Uint8Array) {
    if (extraTag === undefined && bag.names.length === 0) {
      this.tags = bag.tags;
      this.values = bag.values;
      return;
    }
    const tags: number[] = [];
    const values: Uint8Array[] = [];
    this.tags = tags;
    this.values = values;
    const count = bag.tags.length;
    let extra = extraTag === undefined || extraValue === undefined ? undefined : tagId(extraTag);
    for (let i = 0; i < count; i++) {
      const tag = bag.tags[i] as number;
      if (extra !== undefined && tagId(tag) > extra) {
        tags.push(extraTag as number);
        values.push(extraValue as Uint8Array);
        extra = undefined;
      }
      tags.push(tag);
      values.push(bag.values[i] as Uint8Array);
    }
    if (extra !== undefined) {
      tags.push(extraTag as number);
      values.push(extraValue as Uint8Array);
    }
    for (let i = 0; i < bag.names.length; i++) {
      const name = bag.names[i];
      const id = name === undefined ? -1 : names.idOf(name);
      if (id < 0) {
        tally.drop('full');
        continue;
      }
      const tag = ((id << 16) | (bag.namedTypes[i] as number)) >>> 0;
      let at = tags.length;
      tags.push(tag);
      values.push(bag.namedValues[i] as Uint8Array);
      for (; at > count && (tags[at - 1] as number) > tag; at--) {
        tags[at] = tags[at - 1] as number;
        values[at] = values[at - 1] as Uint8Array;
      }
      tags[at] = tag;
      values[at] = bag.namedValues[i] as Uint8Array;
    }
  }

  /** The value of a tag, or undefined. */
  valueOf(tag: number): Uint8Array | undefined {
    const at = this.tags.indexOf(tag);
    return at < 0 ? undefined : this.values[at];
  }
}
