import type { StreamName } from '@pstream/contracts';

/** A state and the version of the last event in it; 0 is a stream without events. */
export type Folded<S> = { readonly state: S; readonly version: number };

/** A state that is kept. Whoever has read further brings it up to date in place. */
export type KeptState<S> = { state: S; version: number };

/** States of streams that are kept so that a fold goes on from there instead of the first event: in memory (`keptInMemory`) or as
 *  snapshots in storage. A state that is missing is folded again, so any of them may be lost at any time. */
export type KeptStates<S> = {
  /** What is kept of a stream. An adapter in memory returns the same object to everybody; one in storage, a copy of its own each time. */
  get(stream: StreamName): KeptState<S> | undefined | Promise<KeptState<S> | undefined>;
  /** Called when a state has changed; an adapter in storage may skip most calls. */
  set(stream: StreamName, kept: KeptState<S>): void | Promise<void>;
};

/** Keeps the states of the `limit` streams used last in the memory of this process. */
export const keptInMemory = <S>(limit: number): KeptStates<S> => {
  const states = new Map<StreamName, KeptState<S>>();
  const put = (stream: StreamName, kept: KeptState<S>): void => {
    states.delete(stream);
    states.set(stream, kept);
    for (const oldest of states.keys()) {
      if (states.size <= limit) return;
      states.delete(oldest);
    }
  };
  return {
    get: (stream) => {
      const kept = states.get(stream);
      if (kept !== undefined) put(stream, kept);
      return kept;
    },
    set: put,
  };
};
