import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { VIEWS } from '@pstream/contracts';
import type { z } from 'zod';
import { Bundles, Done } from '../api/answers.js';
import { BundlesBody, OneQuery, OrderBody, PageQuery, PaymentBody } from '../api/requests.js';
import { Route } from '../api/route.js';
import { Bundle, Customer, Licences } from '../api/views.js';
import type { Caller } from '../door/http.js';
import { ByCaller, ValidBody, ValidQuery } from '../door/params.js';
import { WORKGROUP_ID } from '../options.js';
import { Views, type PageOf } from '../read/views.js';
import { idFor, Sender } from '../send/sender.js';

/** Orders, licences and the bundles applied to users. */
@Controller('v1')
export class LicencesController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Post('orders')
  @Route({ summary: 'Orders licences', body: OrderBody, answer: Done, status: 201 })
  async order(@ByCaller() caller: Caller, @ValidBody(OrderBody) body: OrderBody): Promise<Done> {
    const intent = this.sender.intent(caller);
    const orderId = idFor(intent, 'order');
    return { id: orderId, ...(await this.sender.send(intent, 'licensing', 'PlaceOrder', { workgroupId: WORKGROUP_ID, orderId, ...body })) };
  }

  @Post('orders/:orderId/payment')
  @Route({ summary: 'Records that the money of an order has come', body: PaymentBody, answer: Done })
  async pay(
    @ByCaller() caller: Caller,
    @Param('orderId') orderId: string,
    @ValidBody(PaymentBody) { reference }: PaymentBody,
  ): Promise<Done> {
    return {
      id: orderId,
      ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'RecordPayment', {
        workgroupId: WORKGROUP_ID,
        orderId,
        reference,
      })),
    };
  }

  @Get('licences')
  @Route({ summary: 'Shows licences and orders', query: OneQuery, answer: Licences })
  async licences(@ValidQuery(OneQuery) { atLeast }: OneQuery): Promise<z.infer<typeof Licences>> {
    await this.views.atLeast(atLeast, [VIEWS.licences]);
    return (
      (await this.views.get(VIEWS.licences, Licences, WORKGROUP_ID)) ?? { workgroupId: WORKGROUP_ID, released: 0, applied: 0, orders: [] }
    );
  }

  @Post('customers/:customerId/bundles')
  @Route({ summary: 'Applies a bundle to each user; all or none', body: BundlesBody, answer: Done, status: 201 })
  async apply(
    @ByCaller() caller: Caller,
    @Param('customerId') customerId: string,
    @ValidBody(BundlesBody) { users }: BundlesBody,
  ): Promise<Done> {
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return {
      id: customerId,
      ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'ApplyBundles', {
        workgroupId: WORKGROUP_ID,
        customerId,
        users,
      })),
    };
  }

  @Get('customers/:customerId/bundles')
  @Route({ summary: 'Lists the bundles of a customer by user', query: PageQuery, answer: Bundles })
  async bundles(
    @Param('customerId') customerId: string,
    @ValidQuery(PageQuery) { atLeast, ...page }: PageQuery,
  ): Promise<PageOf<z.infer<typeof Bundle>>> {
    await this.views.atLeast(atLeast, [VIEWS.bundles]);
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return this.views.page(VIEWS.bundles, Bundle, { customerId }, page, 'user');
  }
}
