import { CLAIMS_PER_EVENT, samePartName, type NameClaim, type PlaceEvent } from '@pstream/contracts';
import { accept, chunksOf, type Decision } from '@pstream/kernel';

/** The PST names in one container of one destination, and who holds each: mailboxes of whatever project writes there. The map belongs to the fold
 *  that made it. */
export type Place = { readonly holders: Map<string, NameClaim> };
export const newPlace = (): Place => ({ holders: new Map() });

/** By the name, as `samePartName` makes it, the holder that needs it no longer: one that is removed, or that was edited or moved before anything
 *  was written. It may hold other names that it needs. */
export type Freed = ReadonlyMap<string, string>;

export type PlaceCommand = {
  readonly type: 'ClaimNames';
  readonly place: string;
  readonly claims: readonly NameClaim[];
  readonly free: Freed;
  readonly at: string;
};

/** The claims that would give a name to two mailboxes: of the place, or of one another. */
export const takenIn = ({ holders }: Place, claims: readonly NameClaim[], free: Freed): NameClaim[] => {
  const above = new Map<string, string>();
  return claims.filter(({ mailboxJobId, name }) => {
    const key = samePartName(name);
    const holder = holders.get(key)?.mailboxJobId;
    const first = above.get(key) ?? mailboxJobId;
    above.set(key, first);
    return first !== mailboxJobId || (holder !== undefined && holder !== mailboxJobId && free.get(key) !== holder);
  });
};

/** First come, first served: each claim is taken whose name is free. */
export const decide = ({ place, claims, free, at }: PlaceCommand, state: Place): Decision<PlaceEvent> => {
  const taken = new Set(takenIn(state, claims, free));
  const fresh = claims.filter(
    (claim) => !taken.has(claim) && state.holders.get(samePartName(claim.name))?.mailboxJobId !== claim.mailboxJobId,
  );
  return accept(
    ...chunksOf(fresh, CLAIMS_PER_EVENT).map((some): PlaceEvent => ({ type: 'NamesClaimed', data: { place, claims: some, at } })),
  );
};

export const evolve = (state: Place, { data }: PlaceEvent): Place => {
  for (const claim of data.claims) state.holders.set(samePartName(claim.name), claim);
  return state;
};

/** A name like this one that is free: with the kind of project, or with a number. */
export const offerFor = (name: string, suffix: string, isFree: (name: string) => boolean): string => {
  const stem = name.replace(/\.pst$/i, '');
  for (let n = 1; ; n++) {
    const offered = `${stem}-${suffix}${n === 1 ? '' : `-${n}`}.pst`;
    if (isFree(offered)) return offered;
  }
};

/** The next free name of a series: `ann-2.pst` after `ann.pst`, `ann-3.pst` after `ann-2.pst`. */
export const numberedAfter = (name: string, isFree: (name: string) => boolean): string => {
  const [, stem = '', number = '1'] = /^(.*?)(?:-(\d{1,6}))?\.pst$/i.exec(name) ?? [];
  for (let n = Number(number) + 1; ; n++) {
    const next = `${stem}-${n}.pst`;
    if (isFree(next)) return next;
  }
};
