import { Controller, Inject } from '@nestjs/common';
import { Customer, Project } from '@pstream/api';
import { customerStream, VIEWS } from '@pstream/contracts';
import type { Filter } from '@pstream/projections';
import type { Principal } from '../door/http.js';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';
import { hidden, ownerOf, Scope } from '../scope/scope.js';
import { idFor, Sender } from '../send/sender.js';

/** Customers and their projects. */
@Controller()
export class CustomersController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(Sums) private readonly sums: Sums,
  ) {}

  @Handles('createCustomer')
  async create(@Request() { caller, body }: Asked<'createCustomer'>): Promise<Answered<'createCustomer'>> {
    if (caller.principal.customerIds !== undefined) throw problem('token.confined', 403);
    const intent = this.sender.intent(caller);
    const customerId = idFor(intent, 'customer');
    return {
      id: customerId,
      ...(await this.sender.send(intent, 'projects', 'CreateCustomer', { workgroupId: caller.principal.workgroupId, customerId, ...body })),
    };
  }

  @Handles('listCustomers')
  async list(@Request() { caller, query: { atLeast, ...page } }: Asked<'listCustomers'>): Promise<Answered<'listCustomers'>> {
    await this.views.atLeast(atLeast, [VIEWS.customers]);
    return this.views.page(VIEWS.customers, Customer, this.#seen(caller.principal), page, 'name');
  }

  @Handles('getCustomer')
  async show(@Request() { caller, params, query, setVersion }: Asked<'getCustomer'>): Promise<Answered<'getCustomer'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.customers]);
    setVersion(await this.views.version(VIEWS.customers, customerStream(params.customerId)));
    const customer = await this.views.need(VIEWS.customers, Customer, params.customerId, 'customer.unknown');
    return { ...customer, sums: await this.sums.of(await this.scope.over(caller.principal, params.customerId)) };
  }

  @Handles('renameCustomer')
  async rename(@Request() { caller, params: { customerId }, body }: Asked<'renameCustomer'>): Promise<Answered<'renameCustomer'>> {
    const sent = await this.sender.send(this.sender.intent(caller), 'projects', 'RenameCustomer', { customerId, ...body });
    return { id: customerId, ...sent };
  }

  @Handles('removeCustomer')
  async remove(@Request() { caller, params: { customerId } }: Asked<'removeCustomer'>): Promise<Answered<'removeCustomer'>> {
    const all = await this.views.count(VIEWS.projects, { customerId, created: true });
    const own = await this.scope.own(caller.principal);
    const projects = own.ownerId === undefined ? all : await this.views.count(VIEWS.projects, { customerId, created: true, ...own });
    const endpoints = await this.views.count(VIEWS.endpoints, { customerId });
    if (all + endpoints > 0) throw problem('customer.not-empty', 409, { projects, endpoints, ...hidden(all > projects) });
    return { id: customerId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'RemoveCustomer', { customerId })) };
  }

  @Handles('createProject')
  async createProject(@Request() { caller, params, body }: Asked<'createProject'>): Promise<Answered<'createProject'>> {
    const intent = this.sender.intent(caller);
    const projectId = idFor(intent, 'project');
    const whose = {
      workgroupId: caller.principal.workgroupId,
      customerId: params.customerId,
      projectId,
      ownerId: ownerOf(caller.principal),
    };
    if (body.type !== 'discovery')
      return { id: projectId, ...(await this.sender.send(intent, 'projects', 'CreateProject', { ...whose, ...body })) };
    const { type: _type, ...project } = body;
    return { id: projectId, ...(await this.sender.send(intent, 'projects', 'CreateDiscoveryProject', { ...whose, ...project })) };
  }

  @Handles('listCustomerProjects')
  async projects(
    @Request() { caller, params: { customerId }, query: { atLeast, ...page } }: Asked<'listCustomerProjects'>,
  ): Promise<Answered<'listCustomerProjects'>> {
    await this.views.atLeast(atLeast, [VIEWS.projects, VIEWS.customers]);
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return this.views.page(
      VIEWS.projects,
      Project,
      { customerId, created: true, ...(await this.scope.own(caller.principal)) },
      page,
      'name',
    );
  }

  #seen({ workgroupId, customerIds }: Principal): Filter {
    return { workgroupId, ...(customerIds === undefined ? {} : { customerId: { in: customerIds } }) };
  }
}
