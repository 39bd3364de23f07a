import { licencePoolStream, type LicensingEvent } from '@pstream/contracts';
import { streamOf, type EventStore, type KeptStates, type Stream } from '@pstream/event-store';
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
