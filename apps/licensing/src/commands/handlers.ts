import {
  licencePoolStream,
  type ApplyBundles,
  type CommandMeta,
  type CommandReply,
  type Coverage,
  type CoverageReply,
  type LicensingEvent,
  type PlaceOrder,
  type RecordPayment,
} from '@pstream/contracts';
import { streamOf, toReply, type EventStore, type KeptStates, type Stream } from '@pstream/event-store';
import type { LicencePoolCommand } from '../domain/licence-pool/commands.js';
import { decide } from '../domain/licence-pool/decide.js';
import { evolve } from '../domain/licence-pool/evolve.js';
import { bundleKey, emptyPool, type LicencePool } from '../domain/licence-pool/state.js';
import type { Payments } from '../payments/payments.js';

/** What the handlers of this service need. */
export type LicensingPorts = {
  readonly store: EventStore;
  readonly payments: Payments;
  /** Pools as they were folded last: one of 100,000 bundles takes about 20 MB. */
  readonly kept: KeptStates<LicencePool>;
};

/** Orders licences. A card is charged first, once per order; the licences are released with the order. */
export const placeOrder = async (ports: LicensingPorts, meta: CommandMeta, body: PlaceOrder): Promise<CommandReply> => {
  const charge =
    body.payment === 'card'
      ? await ports.payments.charge({ orderId: body.orderId, quantity: body.quantity, idempotencyKey: meta.commandId })
      : null;
  if (charge !== null && !charge.ok) return { accepted: false, rejection: charge.error };
  return run(ports, body.workgroupId, { type: 'PlaceOrder', ...body, charge: charge?.value ?? null, at: meta.at }, meta);
};

/** Notes that the money of a wire transfer has come; releases its licences. */
export const recordPayment = (ports: LicensingPorts, meta: CommandMeta, body: RecordPayment): Promise<CommandReply> =>
  run(ports, body.workgroupId, { type: 'RecordPayment', ...body, at: meta.at }, meta);

/** Applies bundles to users of a customer by hand: all or none. */
export const applyBundles = (ports: LicensingPorts, meta: CommandMeta, body: ApplyBundles): Promise<CommandReply> =>
  run(ports, body.workgroupId, { type: 'ApplyBundles', ...body, at: meta.at }, meta);

/** Until when each user's bundle is valid. */
export const coverage = async (ports: LicensingPorts, body: Coverage): Promise<CoverageReply> => {
  const { state } = await pool(ports, body.workgroupId).fold();
  return {
    covered: body.users.map((user) => ({ user, expiresAt: state.bundles.get(bundleKey(body.customerId, user)) ?? null })),
  };
};

const pool = (ports: LicensingPorts, workgroupId: string): Stream<LicensingEvent, LicencePool> =>
  streamOf(ports.store, licencePoolStream(workgroupId), { context: 'licensing', evolve, initial: emptyPool, kept: ports.kept });

const run = async (ports: LicensingPorts, workgroupId: string, command: LicencePoolCommand, meta: CommandMeta): Promise<CommandReply> =>
  toReply(await pool(ports, workgroupId).decide((state) => decide(command, state), meta));
