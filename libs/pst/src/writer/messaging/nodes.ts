import { NID_TYPE, makeNid } from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { GrowingU32 } from '../growing.js';
import type { NodeBTree } from '../ndb/btree.js';

/** First indexes of top-level messages and hidden items: behind the start values of rgnid. */
const MESSAGE_BASE = 0x10000;
const ASSOCIATED_BASE = 0x8000;

/** Nodes of one type whose nids ascend in the order of arrival: bids and parents in typed arrays, nids follow from the position. */
class NodeRun {
  readonly #type: number;
  readonly #base: number;
  readonly #data = new GrowingU32(256);
  readonly #sub = new GrowingU32(256);
  readonly #parent = new GrowingU32(256);

  constructor(type: number, base: number) {
    this.#type = type;
    this.#base = base;
  }

  get count(): number {
    return this.#data.length;
  }

  get lastIndex(): number {
    return this.#base + this.count;
  }

  nidAt(position: number): number {
    return makeNid(this.#type, this.#base + 1 + position);
  }

  add(bidData: number, bidSub: number, parentNid: number): number {
    this.#sub.push(bidSub);
    this.#parent.push(parentNid);
    return this.nidAt(this.#data.push(bidData));
  }

  emit(position: number, tree: NodeBTree): void {
    tree.add(this.nidAt(position), this.#data.at(position), this.#sub.at(position), this.#parent.at(position));
  }

  save(out: StateWriter): void {
    for (const list of [this.#data, this.#sub, this.#parent]) list.save(out);
  }

  load(from: StateReader): void {
    for (const list of [this.#data, this.#sub, this.#parent]) list.load(from);
  }
}

/** All nodes of the part: messages and hidden items in runs, the others as they come at the end. */
export class Nodes {
  readonly messages = new NodeRun(NID_TYPE.message, MESSAGE_BASE);
  readonly associated = new NodeRun(NID_TYPE.associatedMessage, ASSOCIATED_BASE);
  readonly #others: { nid: number; bidData: number; bidSub: number; parentNid: number }[] = [];

  /** Nodes up to now. */
  get count(): number {
    return this.messages.count + this.associated.count + this.#others.length;
  }

  /** Adds a node that is neither message nor hidden item. */
  add(nid: number, bidData: number, bidSub: number, parentNid: number): void {
    this.#others.push({ nid, bidData, bidSub, parentNid });
  }

  /** Puts all nodes into the tree, ascending by nid. */
  emit(tree: NodeBTree): void {
    const others = this.#others.toSorted((a, b) => a.nid - b.nid);
    let message = 0;
    let associated = 0;
    const runsUpTo = (nid: number): void => {
      for (;;) {
        const nextMessage = message < this.messages.count ? this.messages.nidAt(message) : Infinity;
        const nextAssociated = associated < this.associated.count ? this.associated.nidAt(associated) : Infinity;
        if (Math.min(nextMessage, nextAssociated) >= nid) return;
        if (nextMessage < nextAssociated) this.messages.emit(message++, tree);
        else this.associated.emit(associated++, tree);
      }
    };
    for (const { nid, bidData, bidSub, parentNid } of others) {
      runsUpTo(nid);
      tree.add(nid, bidData, bidSub, parentNid);
    }
    runsUpTo(Infinity);
  }

  save(out: StateWriter): void {
    this.messages.save(out);
    this.associated.save(out);
  }

  load(from: StateReader): void {
    this.messages.load(from);
    this.associated.load(from);
  }
}
