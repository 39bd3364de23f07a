import type { Clock } from '@pstream/kernel';
import type { CallEffect, FaultRule, FaultScript, ItemEffect, Operation } from './fault-script.js';
import type { SimItem } from './source.js';
import type { Mailbox } from './tenant.js';

/** What a call is about, as far as it is known when the rules are asked. */
export type CallSubject = {
  readonly operation: Operation;
  readonly version: 'v1.0' | 'beta' | undefined;
  readonly mailbox: Mailbox | undefined;
  /** Whose call it is where no mailbox is known yet: user look-ups. */
  readonly userPrincipalName?: string | undefined;
  readonly folderId: string | undefined;
  readonly itemCount: number;
  /** The call carries a skip or delta token. */
  readonly resumed: boolean;
};

const isItemRule = (rule: FaultRule): rule is FaultRule & ItemEffect =>
  rule.effect.startsWith('item-') || rule.effect === 'change' || rule.effect === 'delete' || rule.effect === 'move-to-archive';
const isCallRule = (rule: FaultRule): rule is FaultRule & CallEffect => !isItemRule(rule);

type Counters = { seen: number; fired: number; firedAtMs: number };

/** Decides which rules fire. Counters are per rule and live as long as the server. */
export class FaultEngine {
  readonly #counters: Counters[];

  constructor(
    private readonly script: FaultScript,
    private readonly clock: Clock,
  ) {
    this.#counters = script.rules.map(() => ({ seen: 0, fired: 0, firedAtMs: 0 }));
  }

  /** How often each rule has fired, in the script's order. */
  fired(): readonly number[] {
    return this.#counters.map((each) => each.fired);
  }

  /** The call effects that fire for this call, in the script's order. */
  forCall(subject: CallSubject): readonly CallEffect[] {
    const effects: CallEffect[] = [];
    this.script.rules.forEach((rule, index) => {
      if (!isCallRule(rule) || !this.#fitsCall(rule, subject)) return;
      if (rule.effect === 'unavailable' && rule.forSeconds !== undefined) {
        if (this.#lasts(index, rule, rule.forSeconds * 1000)) effects.push(rule);
      } else if (this.#fires(index, rule)) effects.push(rule);
    });
    return effects;
  }

  /** The item effects that fire for this item of this call. */
  forItem(subject: CallSubject, item: SimItem): readonly ItemEffect[] {
    const effects: ItemEffect[] = [];
    let place: number | undefined;
    const placeOf = (): number => (place ??= placeInMailbox(subject.mailbox, item));
    for (const [index, rule] of this.script.rules.entries()) {
      if (!isItemRule(rule) || !this.#fitsCall(rule, { ...subject, folderId: item.folderId })) continue;
      if (!fitsItem(rule, item, placeOf)) continue;
      if (this.#fires(index, rule)) effects.push(rule);
    }
    return effects;
  }

  /** True if some rule could touch items of this kind of call; lets the fast path skip the question. */
  concernsItems(operation: Operation): boolean {
    return this.script.rules.some((rule) => isItemRule(rule) && (rule.on === operation || rule.on === '*'));
  }

  #fitsCall(rule: FaultRule, subject: CallSubject): boolean {
    if (rule.effect === 'dead-token' && !subject.resumed) return false;
    if (rule.on !== '*' && rule.on !== subject.operation) return false;
    if (rule.version !== undefined && rule.version !== subject.version) return false;
    const user = subject.mailbox?.user.userPrincipalName ?? subject.userPrincipalName;
    if (rule.mailbox !== undefined && rule.mailbox.toLowerCase() !== user?.toLowerCase()) return false;
    if (rule.kind !== undefined && rule.kind !== subject.mailbox?.kind) return false;
    if (rule.minItems !== undefined && subject.itemCount < rule.minItems) return false;
    if (rule.folder !== undefined && !fitsFolder(rule.folder, subject)) return false;
    return true;
  }

  #fires(index: number, rule: FaultRule): boolean {
    const counters = this.#counters[index];
    if (counters === undefined) return false;
    counters.seen++;
    const since = counters.seen - (rule.nth ?? 1);
    if (since < 0 || since % Math.max(1, rule.every ?? 1) !== 0 || counters.fired >= (rule.times ?? Infinity)) return false;
    counters.fired++;
    return true;
  }

  // An outage: starts with the nth call that fits and lasts for its time, however many calls come.
  #lasts(index: number, rule: FaultRule, forMs: number): boolean {
    const counters = this.#counters[index];
    if (counters === undefined) return false;
    const now = this.clock.monotonicMs();
    if (counters.fired > 0 && now < counters.firedAtMs + forMs) return true;
    if (counters.fired >= (rule.times ?? 1)) return false;
    counters.seen++;
    if (counters.seen < (rule.nth ?? 1)) return false;
    counters.fired++;
    counters.firedAtMs = now;
    return true;
  }
}

const fitsFolder = (wanted: string, subject: CallSubject): boolean => {
  if (subject.folderId === undefined) return false;
  return wanted === subject.folderId || wanted === subject.mailbox?.state.folder(subject.folderId)?.displayName;
};

const fitsItem = (rule: FaultRule, item: SimItem, placeOf: () => number): boolean => {
  if (rule.itemId !== undefined && rule.itemId !== item.id) return false;
  if (rule.itemType !== undefined && rule.itemType !== item.type) return false;
  if (rule.itemIndex === undefined) return true;
  return rule.itemIndex === (rule.folder === undefined ? placeOf() : item.ordinal);
};

const placeInMailbox = (mailbox: Mailbox | undefined, item: SimItem): number => {
  let before = 0;
  for (const folder of mailbox?.state.folders() ?? []) {
    if (folder.id === item.folderId) return before + item.ordinal;
    if (folder.searchOf === undefined && folder.recoverable !== true) before += folder.count;
  }
  return -1;
};
