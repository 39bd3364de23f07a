import { Controller, Inject } from '@nestjs/common';
import { Bundle, CONSIDERATIONS, Customer, Licences, type Considerations } from '@pstream/api';
import { BUNDLE_MONTHS, COVERED_PROJECT_TYPES, licencePoolStream, VIEWS, WIRE_MINIMUM } from '@pstream/contracts';
import { ask, type LogClient } from '@pstream/transport';
import { COMMANDS } from '@pstream/wiring';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { idFor, Sender } from '../send/sender.js';
import { Operations } from './operations.js';

/** Orders, licences and the bundles applied to users. */
@Controller()
export class LicencesController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(COMMANDS) private readonly commands: LogClient,
  ) {}

  @Handles('getPrices')
  async prices(): Promise<Answered<'getPrices'>> {
    const { enforced, cards, price } = await ask(this.commands, 'licensing', 'LicenceTerms', {});
    return { enforced, price, cards, wireMinimum: WIRE_MINIMUM, months: BUNDLE_MONTHS, covers: [...COVERED_PROJECT_TYPES] };
  }

  @Handles('listConsiderations')
  async considerations(): Promise<Considerations> {
    const { enforced } = await ask(this.commands, 'licensing', 'LicenceTerms', {});
    return { items: enforced ? CONSIDERATIONS : [] };
  }

  @Handles('placeOrder')
  async order(@Request() { caller, body }: Asked<'placeOrder'>): Promise<Answered<'placeOrder'>> {
    const intent = this.sender.intent(caller);
    const orderId = idFor(intent, 'order');
    return {
      id: orderId,
      ...(await this.sender.send(intent, 'licensing', 'PlaceOrder', { workgroupId: caller.principal.workgroupId, orderId, ...body })),
    };
  }

  @Handles('renewOrder')
  async renew(@Request() { caller, params: { orderId: renews }, body }: Asked<'renewOrder'>): Promise<Answered<'renewOrder'>> {
    const intent = this.sender.intent(caller);
    const orderId = idFor(intent, 'order');
    const command = { workgroupId: caller.principal.workgroupId, orderId, renews, ...body };
    return { id: orderId, ...(await this.sender.send(intent, 'licensing', 'RenewOrder', command)) };
  }

  @Handles('recordPayment')
  async pay(@Request() { caller, params: { orderId }, body }: Asked<'recordPayment'>): Promise<Answered<'recordPayment'>> {
    const command = { workgroupId: caller.principal.workgroupId, orderId, ...body };
    return { id: orderId, ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'RecordPayment', command)) };
  }

  @Handles('cancelOrder')
  async cancel(@Request() { caller, params: { orderId } }: Asked<'cancelOrder'>): Promise<Answered<'cancelOrder'>> {
    const command = { workgroupId: caller.principal.workgroupId, orderId };
    return { id: orderId, ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'CancelOrder', command)) };
  }

  @Handles('refundOrder')
  async refund(@Request() { caller, params: { orderId }, body }: Asked<'refundOrder'>): Promise<Answered<'refundOrder'>> {
    const command = { workgroupId: caller.principal.workgroupId, orderId, ...body };
    return { id: orderId, ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'RefundOrder', command)) };
  }

  @Handles('getOrder')
  async showOrder(@Request() { caller, params: { orderId }, query }: Asked<'getOrder'>): Promise<Answered<'getOrder'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.licences]);
    const order = (await this.#licences(caller.principal.workgroupId)).orders.find((one) => one.orderId === orderId);
    if (order === undefined) throw problem('order.unknown', 404, { orderId });
    const isPayable = order.payment === 'card' && order.status === 'awaiting-payment';
    // Whoever has the address can pay there.
    if (!isPayable || !caller.principal.rights.includes('licences.buy')) return { ...order, checkoutUrl: null };
    const { url } = await ask(this.commands, 'licensing', 'CheckoutAddress', { workgroupId: caller.principal.workgroupId, orderId });
    return { ...order, checkoutUrl: url };
  }

  @Handles('getLicences')
  async licences(@Request() { caller, query, setVersion }: Asked<'getLicences'>): Promise<Answered<'getLicences'>> {
    const { workgroupId } = caller.principal;
    await this.views.atLeast(query.atLeast, [VIEWS.licences]);
    setVersion(await this.views.version(VIEWS.licences, licencePoolStream(workgroupId)));
    return this.#licences(workgroupId);
  }

  @Handles('applyBundles')
  async apply(@Request() { caller, params: { customerId }, body }: Asked<'applyBundles'>): Promise<Answered<'applyBundles'>> {
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return this.operations.request(caller, {
      customerId,
      projectId: null,
      work: { verb: 'apply-bundles' },
      selection: { by: 'list', entries: body.users },
    });
  }

  @Handles('listBundles')
  async bundles(
    @Request() { params: { customerId }, query: { atLeast, ...page } }: Asked<'listBundles'>,
  ): Promise<Answered<'listBundles'>> {
    await this.views.atLeast(atLeast, [VIEWS.bundles]);
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return this.views.page(VIEWS.bundles, Bundle, { customerId }, page, 'user');
  }

  async #licences(workgroupId: string): Promise<Licences> {
    return (await this.views.get(VIEWS.licences, Licences, workgroupId)) ?? { workgroupId, released: 0, applied: 0, orders: [] };
  }
}
