import type { Amounts, Share } from '@pstream/contracts';
import type { ShareAt } from './projection.js';

// What both stores do in the same way to keep sums: pure.

/** A sum of one scope over the documents of one partition. `position` is the offset of the last record in it, -1 before the first. */
export type Sum = { readonly position: number; readonly amounts: Amounts };

/** What a document counts for, since which record. */
export type Counted = { readonly offset: number; readonly revision: number; readonly share: Share | undefined };

export const NO_SUM: Sum = { position: -1, amounts: {} };

/** Every scope that these shares and those counted before name. */
export const scopesOf = (shares: readonly ShareAt[], counted: ReadonlyMap<string, Counted>): readonly string[] => [
  ...new Set(
    [...shares.map(({ share }) => share), ...[...counted.values()].map(({ share }) => share)].flatMap((share) => share?.scopes ?? []),
  ),
];

/** The sums and the shares after the records, of those that change.
 *
 *  The sums must be written first, each only if its position is still the one given here, and the shares after them. A crash in between
 *  repeats the records: sums that hold them stay, and the shares that were lost are found again. */
export const addedUp = (
  shares: readonly ShareAt[],
  counted: ReadonlyMap<string, Counted>,
  sums: ReadonlyMap<string, Sum>,
): { readonly sums: ReadonlyMap<string, Sum>; readonly counted: ReadonlyMap<string, Counted> } => {
  const nextSums = new Map<string, { position: number; readonly amounts: Record<string, number> }>();
  const nextCounted = new Map<string, Counted>();
  for (const { id, offset, revision, share } of shares) {
    const known = nextCounted.get(id) ?? counted.get(id);
    // Repeated by the log, or published late by a projector that another one has overtaken.
    if (known !== undefined && (known.offset >= offset || known.revision >= revision)) continue;
    for (const scope of new Set([...(known?.share?.scopes ?? []), ...(share?.scopes ?? [])])) {
      const before = nextSums.get(scope) ?? copyOf(sums.get(scope) ?? NO_SUM);
      if (before.position >= offset) continue;
      if (known?.share?.scopes.includes(scope)) add(before.amounts, known.share.amounts, -1);
      if (share?.scopes.includes(scope)) add(before.amounts, share.amounts, 1);
      before.position = offset;
      nextSums.set(scope, before);
    }
    nextCounted.set(id, { offset, revision, share });
  }
  return { sums: nextSums, counted: nextCounted };
};

const copyOf = ({ position, amounts }: Sum) => ({ position, amounts: { ...amounts } });

/** Amounts of 0 leave, so that a sum is no larger than what is in it. */
const add = (sum: Record<string, number>, amounts: Amounts, times: 1 | -1): void => {
  for (const [name, amount] of Object.entries(amounts)) {
    const after = (sum[name] ?? 0) + times * amount;
    if (after === 0) delete sum[name];
    else sum[name] = after;
  }
};

/** One sum per scope out of those of its partitions. */
export const overPartitions = (sums: Iterable<{ readonly scope: string; readonly amounts: Amounts }>): ReadonlyMap<string, Amounts> => {
  const all = new Map<string, Record<string, number>>();
  for (const { scope, amounts } of sums) {
    const sum = all.get(scope) ?? {};
    add(sum, amounts, 1);
    all.set(scope, sum);
  }
  return all;
};
