import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { VIEWS } from '@pstream/contracts';
import { Customers, Done, Projects } from '../api/answers.js';
import { CustomerBody, PageQuery, ProjectBody } from '../api/requests.js';
import { Route } from '../api/route.js';
import { Customer, Project } from '../api/views.js';
import type { Caller } from '../door/http.js';
import { ByCaller, ValidBody, ValidQuery } from '../door/params.js';
import { WORKGROUP_ID } from '../options.js';
import { Views, type PageOf } from '../read/views.js';
import { idFor, Sender } from '../send/sender.js';
import type { z } from 'zod';

/** Customers and their projects. */
@Controller('v1/customers')
export class CustomersController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Post()
  @Route({ summary: 'Creates a customer', body: CustomerBody, answer: Done, status: 201 })
  async create(@ByCaller() caller: Caller, @ValidBody(CustomerBody) { name }: CustomerBody): Promise<Done> {
    const intent = this.sender.intent(caller);
    const customerId = idFor(intent, 'customer');
    return {
      id: customerId,
      ...(await this.sender.send(intent, 'projects', 'CreateCustomer', { workgroupId: WORKGROUP_ID, customerId, name })),
    };
  }

  @Get()
  @Route({ summary: 'Lists the customers by name', query: PageQuery, answer: Customers })
  async list(@ValidQuery(PageQuery) { atLeast, ...page }: PageQuery): Promise<PageOf<z.infer<typeof Customer>>> {
    await this.views.atLeast(atLeast, [VIEWS.customers]);
    return this.views.page(VIEWS.customers, Customer, { workgroupId: WORKGROUP_ID }, page, 'name');
  }

  @Post(':customerId/projects')
  @Route({ summary: 'Creates a project between a source and a destination', body: ProjectBody, answer: Done, status: 201 })
  async createProject(
    @ByCaller() caller: Caller,
    @Param('customerId') customerId: string,
    @ValidBody(ProjectBody) body: ProjectBody,
  ): Promise<Done> {
    const intent = this.sender.intent(caller);
    const projectId = idFor(intent, 'project');
    return {
      id: projectId,
      ...(await this.sender.send(intent, 'projects', 'CreateProject', { workgroupId: WORKGROUP_ID, customerId, projectId, ...body })),
    };
  }

  @Get(':customerId/projects')
  @Route({ summary: 'Lists the projects of a customer by name', query: PageQuery, answer: Projects })
  async projects(
    @Param('customerId') customerId: string,
    @ValidQuery(PageQuery) { atLeast, ...page }: PageQuery,
  ): Promise<PageOf<z.infer<typeof Project>>> {
    await this.views.atLeast(atLeast, [VIEWS.projects, VIEWS.customers]);
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return this.views.page(VIEWS.projects, Project, { customerId }, page, 'name');
  }
}
