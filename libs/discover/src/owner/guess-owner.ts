import { amountOf } from '@pstream/kernel';
import { foldAddress, isAddress, localPart } from './addresses.js';
import type { Evidence } from './evidence.js';
import type { OwnerMap } from './owner-map.js';
import type { PathOwner } from './path-owner.js';
import type { Tally } from './tally.js';

/** Whose store it probably is. `owner` is an address, or empty where nothing says so; `confidence` in percent; `evidence` is a sentence. */
export type Guess = { readonly owner: string; readonly confidence: number | undefined; readonly evidence: string };

/** What a guess rests on. `account` is the user who owns the file, `domain` that of addresses made of user names. */
export type Known = {
  readonly path: string;
  readonly inPath: PathOwner | undefined;
  readonly account: string | undefined;
  readonly inside: Evidence | undefined;
  readonly map: OwnerMap;
  readonly domain: string | undefined;
};

/** In percent. What Barracuda's public page gives for content, and ours for the rest. */
const CERTAIN = 100;
const IN_BOTH = 99;
const BY_MAP = 95;
const IN_NAME = 95;
const BY_DOMAIN = 80;
const BY_ACCOUNT = 60;
const BY_DISPLAY_NAME = 60;
const ONE_SENDER = 95;
const ONE_RECEIVER = 90;
/** How far the most frequent recipient leads the second, and how sure that is. */
const LEADS = [
  [4, 90],
  [2, 70],
  [1.25, 50],
] as const;
/** Below so many items a recipient who leads says little. */
const FEW_ITEMS = 3;
const OF_FEW = 50;
/** Share of the items in Sent Items that the most frequent sender must have where there are several. */
const MOST_SENT = 0.5;
const ADDRESS_IN_TEXT = /[^\s;,()[\]<>"']+@[^\s;,()[\]<>"'@]+/;

/** Goes through what may name an owner in a fixed order: the map; the path; the sender of Sent Items; who received the items; the most frequent
 *  recipient; the account that owns the file; the name of the store. A user name in the path is an owner where the map, the content or a domain makes
 *  an address of it; otherwise it is only told. */
export const guessOwner = (known: Known): Guess => {
  const { path, inPath, map, domain } = known;
  const mapped = map.ofPath(path);
  if (mapped !== undefined) return { owner: mapped, confidence: CERTAIN, evidence: 'map: path' };
  if (inPath !== undefined && 'address' in inPath) return named(known, inPath.address, IN_NAME, 'address in the path');
  const user = inPath?.user;
  const hints: string[] = [];
  const inside = insideGuesses(known, hints);
  if (user !== undefined) {
    const byMap = map.ofName(user);
    if (byMap !== undefined) return { owner: byMap, confidence: BY_MAP, evidence: `map: user ${user} in the path` };
    const same = inside.find(({ owner }) => foldAddress(localPart(owner)) === foldAddress(user));
    if (same !== undefined) return { ...same, confidence: IN_BOTH, evidence: `user ${user} in the path; ${same.evidence}` };
    if (domain !== undefined) return { owner: `${user}@${domain}`, confidence: BY_DOMAIN, evidence: `user ${user} in the path` };
    hints.push(`user ${user} in the path`);
  }
  const [content] = inside;
  if (content !== undefined) return content;
  const { account } = known;
  if (account !== undefined) {
    const owner = map.ofName(account) ?? (domain === undefined ? undefined : `${account}@${domain}`);
    if (owner !== undefined) return { owner, confidence: BY_ACCOUNT, evidence: `file of the account ${account}` };
    hints.push(`file of the account ${account}`);
  }
  const display = known.inside?.displayName ?? '';
  const [address] = ADDRESS_IN_TEXT.exec(display) ?? [];
  if (address !== undefined && isAddress(address)) return named(known, address, BY_DISPLAY_NAME, 'name of the store');
  const byName = display === '' ? undefined : map.ofName(display);
  if (byName !== undefined) return { owner: byName, confidence: BY_DISPLAY_NAME, evidence: `map: name of the store` };
  return { owner: '', confidence: undefined, evidence: hints.join('; ') };
};

/** An address, or the mailbox that the map has for it. */
const named = ({ map }: Known, address: string, confidence: number, evidence: string): Guess => {
  const mapped = map.ofName(address);
  return { owner: mapped ?? address, confidence, evidence: mapped === undefined ? evidence : `${evidence}, ${address} in the map` };
};

/** What the items say, surest question first. X500 addresses that nothing resolves become hints. */
const insideGuesses = ({ inside, map }: Known, hints: string[]): readonly Guess[] => {
  if (inside === undefined) return [];
  const resolve = (address: string): string => foldAddress(map.ofName(address) ?? inside.learned.get(address) ?? address);
  const guesses: Guess[] = [];
  const ask = (tally: Tally, question: string, judge: (count: number, second: number, items: number) => number | undefined): void => {
    const resolved = tally.renamed(resolve);
    const lead = resolved.lead();
    if (lead === undefined) return;
    const confidence = judge(lead.count, lead.second, resolved.items);
    if (confidence === undefined) return;
    const evidence = `${question} ${lead.count} of ${amountOf(resolved.items, 'item')}`;
    // Mapped addresses keep the spelling of the map.
    if (isAddress(lead.address)) guesses.push({ owner: lead.address, confidence, evidence });
    else hints.push(`${lead.address}: ${evidence}`);
  };
  ask(inside.senders, 'sender in Sent Items of', (count, _, items) =>
    count === items ? ONE_SENDER : count > items * MOST_SENT ? Math.round((ONE_SENDER * count) / items) : undefined,
  );
  ask(inside.receivers, 'received', (count, _, items) => (count === items ? ONE_RECEIVER : undefined));
  ask(inside.recipients, 'recipient of', (count, second, items) => {
    const confidence = LEADS.find(([times]) => count >= times * second)?.[1];
    return items < FEW_ITEMS && confidence !== undefined ? OF_FEW : confidence;
  });
  return guesses;
};
