import { Controller, Inject } from '@nestjs/common';
import {
  accountKeyIn,
  Customer,
  Endpoint,
  problemOfRejection,
  sasIn,
  SAS_WANTED,
  type EndpointBody,
  type EndpointTest,
  Project,
} from '@pstream/api';
import { endpointStream, VIEWS, type EndpointConfig, type TestEndpointReply } from '@pstream/contracts';
import type { SecretStore } from '@pstream/secrets';
import { ask, type LogClient } from '@pstream/transport';
import { COMMANDS, SECRETS } from '@pstream/wiring';
import { problem, ProblemError } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { hidden, Scope } from '../scope/scope.js';
import { idFor, Sender } from '../send/sender.js';

/** Sources and destinations. A secret goes into the secret store; only its reference goes any further. */
@Controller()
export class EndpointsController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(SECRETS) private readonly secrets: SecretStore,
    @Inject(COMMANDS) private readonly commands: LogClient,
  ) {}

  @Handles('addEndpoint')
  async add(@Request() { caller, params: { customerId }, body }: Asked<'addEndpoint'>): Promise<Answered<'addEndpoint'>> {
    const intent = this.sender.intent(caller);
    const endpointId = idFor(intent, 'endpoint');
    const value = secretIn(body);
    // The same request sent again finds its secret, and another body under the same key never touches it.
    const secretId = idFor(intent, 'secret', intent.digest ?? '');
    const seal = (): Promise<string> | undefined =>
      value === undefined ? undefined : this.secrets.put(`endpoint:${endpointId}`, value, secretId);
    const ref = await seal();
    const reply = await this.sender.ask(intent, 'projects', 'AddEndpoint', {
      workgroupId: caller.principal.workgroupId,
      customerId,
      endpointId,
      name: body.name,
      config: configOf(body, ref),
    });
    if (reply.accepted) {
      // Sent again, it may have met a secret that was deleted then because it had no endpoint. From now on it has one.
      if (caller.key !== undefined) await seal();
      return { id: endpointId, stream: reply.stream, version: reply.version };
    }
    // A request that can be sent again may be accepted meanwhile. What it leaves is deleted as a secret without an endpoint.
    const isOver = caller.key === undefined || reply.rejection.code === 'request.idempotency-mismatch';
    if (ref !== undefined && isOver) await this.secrets.delete(ref);
    throw new ProblemError(problemOfRejection(reply.rejection));
  }

  @Handles('listEndpoints')
  async list(
    @Request() { params: { customerId }, query: { atLeast, ...page } }: Asked<'listEndpoints'>,
  ): Promise<Answered<'listEndpoints'>> {
    await this.views.atLeast(atLeast, [VIEWS.endpoints]);
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    const found = await this.views.page(VIEWS.endpoints, Endpoint, { customerId }, page, 'name');
    return { ...found, items: found.items.map(withoutRef) };
  }

  @Handles('getEndpoint')
  async show(@Request() { params, query, setVersion }: Asked<'getEndpoint'>): Promise<Answered<'getEndpoint'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.endpoints]);
    setVersion(await this.views.version(VIEWS.endpoints, endpointStream(params.endpointId)));
    return withoutRef(await this.#need(params.customerId, params.endpointId));
  }

  @Handles('editEndpoint')
  async edit(
    @Request() { caller, params: { customerId, endpointId }, body: { name, ...settings } }: Asked<'editEndpoint'>,
  ): Promise<Answered<'editEndpoint'>> {
    const sent = await this.sender.send(this.sender.intent(caller), 'projects', 'EditEndpoint', { customerId, endpointId, name, settings });
    return { id: endpointId, ...sent };
  }

  @Handles('removeEndpoint')
  async remove(@Request() { caller, params: { customerId, endpointId } }: Asked<'removeEndpoint'>): Promise<Answered<'removeEndpoint'>> {
    const all = await this.views.all(VIEWS.projects, Project, { customerId, created: true }, 'name');
    // A closed project needs neither: nothing is read or written for it any more.
    const isUser = ({ closedAt, ...project }: Project): boolean =>
      closedAt === null && (project.sourceEndpointId === endpointId || project.destinationEndpointId === endpointId);
    const users = all.filter(isUser);
    const seen = await this.scope.projects(caller.principal);
    const projects = users.filter(({ projectId }) => seen === undefined || seen.includes(projectId)).length;
    if (users.length > 0) throw problem('endpoint.in-use', 409, { projects, ...hidden(users.length > projects) });
    // Passes that started with the endpoint may still need its secret; projects deletes it when none does.
    const sent = await this.sender.send(this.sender.intent(caller), 'projects', 'RemoveEndpoint', { customerId, endpointId });
    return { id: endpointId, ...sent };
  }

  @Handles('planEndpoint')
  async plan(@Request() { caller, params: { customerId, endpointId }, body }: Asked<'planEndpoint'>): Promise<Answered<'planEndpoint'>> {
    await this.#need(customerId, endpointId);
    return { id: endpointId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'ChangePlan', { endpointId, ...body })) };
  }

  @Handles('testEndpoint')
  async test(@Request() { params: { customerId, endpointId }, body }: Asked<'testEndpoint'>): Promise<Answered<'testEndpoint'>> {
    await this.#need(customerId, endpointId);
    return judged(await ask(this.commands, 'credentials', 'TestEndpoint', { endpoint: { is: 'saved', endpointId }, ...body }));
  }

  @Handles('testNewEndpoint')
  async testNew(
    @Request() { params: { customerId }, body: { endpoint, ...tried } }: Asked<'testNewEndpoint'>,
  ): Promise<Answered<'testNewEndpoint'>> {
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    const value = secretIn(endpoint);
    const ref = value === undefined ? undefined : await this.secrets.put('endpoint-test', value);
    try {
      const config = configOf(endpoint, ref);
      return judged(await ask(this.commands, 'credentials', 'TestEndpoint', { endpoint: { is: 'given', config }, ...tried }));
    } finally {
      if (ref !== undefined) await this.secrets.delete(ref);
    }
  }

  @Handles('rotateEndpointSecret')
  async rotate(
    @Request() { caller, params: { customerId, endpointId }, body: { value } }: Asked<'rotateEndpointSecret'>,
  ): Promise<Answered<'rotateEndpointSecret'>> {
    const view = await this.#need(customerId, endpointId);
    if (view.settings['credential'] === 'certificate') throw problem('endpoint.certificate-is-fixed', 409);
    const ref = view.settings['secretRef'];
    if (ref === undefined) throw problem('endpoint.has-no-secret', 409, { kind: view.kind });
    const sealed = secretOf(view.settings['credential'], value);
    const accepted = await this.sender.send(this.sender.intent(caller), 'projects', 'RotateEndpointSecret', { endpointId });
    // Only now: a refused request leaves the old value. The same request sent again finishes what a crash here leaves undone, and the
    // version keeps it from undoing a later rotation.
    await this.secrets.rotate(ref, sealed, accepted.version);
    return { id: endpointId, ...accepted };
  }

  async #need(customerId: string, endpointId: string): Promise<Endpoint> {
    const view = await this.views.get(VIEWS.endpoints, Endpoint, endpointId);
    if (view === undefined || view.customerId !== customerId) throw problem('endpoint.unknown', 404);
    return view;
  }
}

const judged = (reply: TestEndpointReply): EndpointTest => ({
  verdict: reply.steps.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass',
  ...reply,
});

/** The reference says nothing to a person. */
const withoutRef = (view: Endpoint): Endpoint => {
  const { secretRef: _secretRef, ...settings } = view.settings;
  return { ...view, settings };
};

const secretIn = (body: EndpointBody): string | undefined =>
  body.kind === 'folder' || body.credential.kind === 'identity' ? undefined : secretOf(body.credential.kind, body.credential.value);

/** What of a secret is sealed: a SAS without the address around it, a key without its connection string. Problem 'request.invalid'. */
const secretOf = (credential: string | undefined, given: string): string => {
  if (credential === 'key') return accountKeyIn(given);
  if (credential !== 'sas') return given;
  const { query } = sasIn(given) ?? {};
  if (query === undefined) throw problem('request.invalid', 400, {}, [{ column: 'value', code: 'field.custom', message: SAS_WANTED }]);
  return query;
};

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
