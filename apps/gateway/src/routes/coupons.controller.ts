import { Controller, Inject } from '@nestjs/common';
import { Coupon } from '@pstream/api';
import { VIEWS } from '@pstream/contracts';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { Sender } from '../send/sender.js';

/** Coupons, for whoever runs the system. */
@Controller()
export class CouponsController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Handles('listCoupons')
  async list(@Request() { query: { atLeast, ...page } }: Asked<'listCoupons'>): Promise<Answered<'listCoupons'>> {
    await this.views.atLeast(atLeast, [VIEWS.coupons]);
    return this.views.page(VIEWS.coupons, Coupon, {}, page);
  }

  @Handles('createCoupon')
  async create(@Request() { caller, body }: Asked<'createCoupon'>): Promise<Answered<'createCoupon'>> {
    return { id: body.code, ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'CreateCoupon', body)) };
  }

  @Handles('withdrawCoupon')
  async withdraw(@Request() { caller, params: { code } }: Asked<'withdrawCoupon'>): Promise<Answered<'withdrawCoupon'>> {
    return { id: code, ...(await this.sender.send(this.sender.intent(caller), 'licensing', 'WithdrawCoupon', { code })) };
  }
}
