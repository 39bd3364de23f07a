import { licencePoolsPrefix, licencePoolStream, type LicensingEvent } from '@pstream/contracts';
import { streamOf, type EventStore, type KeptStates, type Stream } from '@pstream/event-store';
import type { Facts } from '@pstream/kernel';
import { evolve } from '../domain/licence-pool/evolve.js';
import { emptyPool, type LicencePool } from '../domain/licence-pool/state.js';

/** Where the licences of workgroups are. */
export type PoolPorts = {
  readonly store: EventStore;
  /** Pools as they were folded last: one of 100,000 bundles takes about 20 MB. */
  readonly kept: KeptStates<LicencePool>;
};

/** The licences of a workgroup. */
export const poolOf = ({ store, kept }: PoolPorts, workgroupId: string): Stream<LicensingEvent, LicencePool> =>
  streamOf(store, licencePoolStream(workgroupId), { context: 'licensing', evolve, initial: emptyPool, kept });

/** How long and with what end work is done for all. */
export type ForAll = { readonly signal: AbortSignal; readonly failed: (error: unknown, facts: Facts) => void };

/** Does this for each workgroup that has licences, until the signal; one whose work fails does not stop the others. */
export const forAllPools = async (
  { store }: Pick<PoolPorts, 'store'>,
  { signal, failed }: ForAll,
  work: (workgroupId: string) => Promise<void>,
): Promise<void> => {
  for await (const stream of store.streams(licencePoolsPrefix)) {
    signal.throwIfAborted();
    const workgroupId = stream.slice(licencePoolsPrefix.length);
    await work(workgroupId).catch((error: unknown) => failed(error, { workgroupId }));
  }
};
