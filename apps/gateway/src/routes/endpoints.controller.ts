import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { VIEWS, type EndpointConfig, type EndpointView } from '@pstream/contracts';
import { SECRETS } from '@pstream/wiring';
import type { SecretStore } from '@pstream/secrets';
import type { z } from 'zod';
import { Done, Endpoints } from '../api/answers.js';
import { EndpointBody, PageQuery, SecretBody } from '../api/requests.js';
import { Route } from '../api/route.js';
import { Customer, Endpoint } from '../api/views.js';
import type { Caller } from '../door/http.js';
import { ByCaller, ValidBody, ValidQuery } from '../door/params.js';
import { problem, ProblemError, problemOfRejection } from '../door/problem.js';
import { WORKGROUP_ID } from '../options.js';
import { Views, type PageOf } from '../read/views.js';
import { idFor, Sender } from '../send/sender.js';

type EndpointOut = z.infer<typeof Endpoint>;

/** Sources and destinations. A secret goes into the secret store; only its reference goes any further. */
@Controller('v1/customers/:customerId/endpoints')
export class EndpointsController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(SECRETS) private readonly secrets: SecretStore,
  ) {}

  @Post()
  @Route({ summary: 'Adds a source or a destination', body: EndpointBody, answer: Done, status: 201 })
  async add(
    @ByCaller() caller: Caller,
    @Param('customerId') customerId: string,
    @ValidBody(EndpointBody) body: EndpointBody,
  ): Promise<Done> {
    const intent = this.sender.intent(caller);
    const endpointId = idFor(intent, 'endpoint');
    // The same request sent again must not seal its secret once more.
    const known = (await this.#view(endpointId))?.settings['secretRef'];
    const value = secretIn(body);
    const ref = value === undefined ? undefined : (known ?? (await this.secrets.put(`endpoint:${endpointId}`, value)));
    const reply = await this.sender.ask(intent, 'projects', 'AddEndpoint', {
      workgroupId: WORKGROUP_ID,
      customerId,
      endpointId,
      name: body.name,
      config: configOf(body, ref),
    });
    if (reply.accepted) return { id: endpointId, stream: reply.stream, version: reply.version };
    if (ref !== undefined && ref !== known) await this.secrets.delete(ref);
    throw new ProblemError(problemOfRejection(reply.rejection));
  }

  @Get()
  @Route({ summary: 'Lists the endpoints of a customer by name', query: PageQuery, answer: Endpoints })
  async list(
    @Param('customerId') customerId: string,
    @ValidQuery(PageQuery) { atLeast, ...page }: PageQuery,
  ): Promise<PageOf<EndpointOut>> {
    await this.views.atLeast(atLeast, [VIEWS.endpoints]);
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    const found = await this.views.page(VIEWS.endpoints, Endpoint, { customerId }, page, 'name');
    return { ...found, items: found.items.map(withoutRef) };
  }

  @Post(':endpointId/secret')
  @Route({ summary: 'Replaces the secret of an endpoint in place', body: SecretBody, answer: Done })
  async rotate(
    @ByCaller() caller: Caller,
    @Param('customerId') customerId: string,
    @Param('endpointId') endpointId: string,
    @ValidBody(SecretBody) { value }: SecretBody,
  ): Promise<Done> {
    const view = await this.#view(endpointId);
    if (view === undefined || view.customerId !== customerId) throw problem('endpoint.unknown', 404);
    if (view.settings['credential'] === 'certificate') throw problem('endpoint.certificate-is-fixed', 409);
    const ref = view.settings['secretRef'];
    if (ref === undefined) throw problem('endpoint.has-no-secret', 409, { kind: view.kind });
    await this.secrets.rotate(ref, value);
    return { id: endpointId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'RotateEndpointSecret', { endpointId })) };
  }

  #view(endpointId: string): Promise<EndpointView | undefined> {
    return this.views.get(VIEWS.endpoints, Endpoint, endpointId);
  }
}

/** The reference says nothing to a person. */
const withoutRef = (view: EndpointOut): EndpointOut => {
  const { secretRef: _secretRef, ...settings } = view.settings;
  return { ...view, settings };
};

const secretIn = (body: EndpointBody): string | undefined =>
  body.kind === 'folder' || body.credential.kind === 'identity' ? undefined : body.credential.value;

const configOf = (body: EndpointBody, ref: string | undefined): EndpointConfig => {
  switch (body.kind) {
    case 'folder':
      return { kind: 'folder', path: body.path };
    case 'microsoft-365': {
      const { name: _name, credential, ...rest } = body;
      const sealed = ref ?? '';
      return {
        ...rest,
        credential:
          credential.kind === 'secret'
            ? { kind: 'secret', ref: sealed }
            : { kind: 'certificate', thumbprintSha256: credential.thumbprintSha256, ref: sealed },
      };
    }
    case 'azure-blob': {
      const { name: _name, credential, ...rest } = body;
      return { ...rest, credential: credential.kind === 'identity' ? { kind: 'identity' } : { kind: credential.kind, ref: ref ?? '' } };
    }
  }
};
