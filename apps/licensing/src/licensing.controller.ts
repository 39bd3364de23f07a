import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import { serviceController, Subscribe } from '@pstream/transport';
import { errorFacts, LOG, type Log } from '@pstream/wiring';
import {
  applyBundles,
  cancelOrder,
  checkoutAddress,
  coverage,
  licenceTerms,
  lookAtOrder,
  placeOrder,
  recordPayment,
  refundOrder,
  renewOrder,
} from './commands/handlers.js';
import { createCoupon, withdrawCoupon } from './commands/coupons.js';
import { LICENSING_PORTS, type LicensingPorts } from './commands/ports.js';
import { PaymentProcess } from './process/payment-process.js';

/** The message door of licensing. */
export const LicensingController = serviceController<'licensing', LicensingPorts>('licensing', LICENSING_PORTS, {
  commands: {
    PlaceOrder: placeOrder,
    RenewOrder: renewOrder,
    CreateCoupon: createCoupon,
    WithdrawCoupon: withdrawCoupon,
    RecordPayment: recordPayment,
    CancelOrder: cancelOrder,
    RefundOrder: refundOrder,
    ApplyBundles: applyBundles,
  },
  queries: { CheckoutAddress: checkoutAddress, Coverage: coverage, LicenceTerms: licenceTerms, LookAtOrder: lookAtOrder },
});

/** Hears of orders that a provider is to be asked about. */
@Controller()
export class PaymentProcessController {
  constructor(
    @Inject(PaymentProcess) private readonly process: PaymentProcess,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @Subscribe(eventTopic('licensing'), { group: 'licensing.payments.v1' })
  async licensing(@Payload() { type, data }: RecordedEvent<PublishedEvent>): Promise<void> {
    if (type !== 'OrderPlaced' && type !== 'OrderCancelRequested' && type !== 'RefundRequested') return;
    const { workgroupId, orderId } = data;
    try {
      await this.process.advance({ workgroupId, orderId });
    } catch (error) {
      // A provider that does not answer holds no other order up: the next round asks it again.
      if (!isFault(error)) throw error;
      this.log.write('warn', 'payment.not-advanced', { orderId, ...errorFacts(error) });
    }
  }
}
