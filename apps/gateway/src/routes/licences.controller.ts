import { Controller, Inject } from '@nestjs/common';
import { Bundle, Customer, Licences } from '@pstream/api';
import { licencePoolStream, VIEWS } from '@pstream/contracts';
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
  ) {}

  @Handles('placeOrder')
  async order(@Request() { caller, body }: Asked<'placeOrder'>): Promise<Answered<'placeOrder'>> {
    const intent = this.sender.intent(caller);
    const orderId = idFor(intent, 'order');
    return {
      id: orderId,
      ...(await this.sender.send(intent, 'licensing', 'PlaceOrder', { workgroupId: caller.principal.workgroupId, orderId, ...body })),
    };
  }

  @Handles('recordPayment')
  async pay(@Request() { caller, params: { orderId }, body }: Asked<'recordPayment'>): Promise<Answered<'recordPayment'>> {
    const intent = this.sender.intent(caller);
    return {
      id: orderId,
      ...(await this.sender.send(intent, 'licensing', 'RecordPayment', { workgroupId: caller.principal.workgroupId, orderId, ...body })),
    };
  }

  @Handles('getLicences')
  async licences(@Request() { caller, query, setVersion }: Asked<'getLicences'>): Promise<Answered<'getLicences'>> {
    const { workgroupId } = caller.principal;
    await this.views.atLeast(query.atLeast, [VIEWS.licences]);
    setVersion(await this.views.version(VIEWS.licences, licencePoolStream(workgroupId)));
    return (await this.views.get(VIEWS.licences, Licences, workgroupId)) ?? { workgroupId, released: 0, applied: 0, orders: [] };
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
}
