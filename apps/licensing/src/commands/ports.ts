import type { CommandReply, LicenceTermsReply } from '@pstream/contracts';
import type { Payments } from '../payments/payments.js';
import type { PoolPorts } from './pool.js';

/** What the handlers of this service need. */
export type LicensingPorts = PoolPorts & {
  /** On what terms licences are sold. */
  readonly terms: LicenceTermsReply;
  /** Goes on with an order that is on record, where that is done within the call; others are left to the event. */
  readonly advance: ((order: { readonly workgroupId: string; readonly orderId: string }) => Promise<void>) | undefined;
  /** Goes on with an order in the background; repeated meanwhile, it is done once more. */
  readonly lookSoon: (order: { readonly workgroupId: string; readonly orderId: string }) => void;
  /** Asks the provider where a checkout is paid; undefined where no cards are taken. */
  readonly addressOf: Payments['addressOf'] | undefined;
};

/** The answer to whoever wants to buy, apply or give away licences where none are needed; undefined where they are. */
export const refusedWhereNone = ({ terms }: Pick<LicensingPorts, 'terms'>): CommandReply | undefined =>
  terms.enforced ? undefined : { accepted: false, rejection: { code: 'licence.not-enforced', facts: {} } };

/** Name under which the module hands the ports to the controllers. */
export const LICENSING_PORTS = Symbol('LicensingPorts');
