import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { isChange, isOfInstallation, isRecorded, routeOf, type OperationId } from '@pstream/api';
import { INSTALLATION_CHAIN, type AuditedChange } from '@pstream/contracts';
import { assert } from '@pstream/kernel';
import { errorFacts, LOG, type Log } from '@pstream/wiring';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { HttpRequest } from '../door/http.js';
import { endOf } from '../door/problem.filter.js';
import { operationOf, readBodyFor } from '../door/route.js';
import { AuditedObjects, type Before } from './audited-objects.js';
import { changesOf } from './changes.js';
import { originOf, typedOf } from './origin.js';
import { personOf, Trail } from './trail.js';

/** What was begun, and where its end is recorded. */
type Begun = { readonly chain: string; readonly actionId: string; readonly by: string };

/** Puts every change and every view that the table of routes names on record before it is done, and the end of a change before it is answered. What cannot be
 *  put on record is not done. */
@Injectable()
export class Recorder implements NestInterceptor {
  constructor(
    @Inject(Trail) private readonly trail: Trail,
    @Inject(AuditedObjects) private readonly objects: AuditedObjects,
    @Inject(LOG) private readonly log: Log,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const id = context.getType() === 'http' ? operationOf(context) : undefined;
    if (id === undefined || routeOf(id).open === true || !isRecorded(id, routeOf(id))) return next.handle();
    return from(this.#carryOut(id, context.switchToHttp().getRequest<HttpRequest>(), next));
  }

  async #carryOut(id: OperationId, request: HttpRequest, next: CallHandler): Promise<unknown> {
    const answer = (): Promise<unknown> => lastValueFrom(next.handle(), { defaultValue: undefined });
    if (!isReadable(id, request)) return answer();
    const begun = await this.#begin(id, request);
    if (!isChange(id)) return answer();
    try {
      const answered = await answer();
      await this.#end(begun, { status: routeOf(id).status ?? 200, code: null }, madeIn(answered));
      return answered;
    } catch (error) {
      const { status, code } = endOf(error);
      await this.#end(begun, { status, code }, null);
      throw error;
    }
  }

  async #begin(id: OperationId, request: HttpRequest): Promise<Begun> {
    const { caller, pathParams = {} } = request;
    const { right, body } = routeOf(id);
    assert(caller !== undefined && right !== undefined, 'what goes on record is not open to everybody');
    const { principal } = caller;
    const chain = isOfInstallation(right) ? INSTALLATION_CHAIN : principal.workgroupId;
    const before = await this.objects.before(id, pathParams, principal);
    const asked = {
      actionId: this.trail.newId(),
      action: id,
      who: personOf(principal),
      from: originOf(request),
      object: before.object,
      ids: namedBy(pathParams),
    };
    // What is made new has no values before; the address names what it is made in.
    const shown = routeOf(id).status === 201 ? undefined : before.document;
    const changes = [...changesOf(body, readBodyFor(id, request), shown), ...leftOut(id, request, before), ...switchesOf(request)];
    await this.trail.record(chain, isChange(id) ? { is: 'begun', ...asked, changes } : { is: 'viewed', ...asked }, principal.by);
    request.isOnRecord = true;
    return { chain, actionId: asked.actionId, by: principal.by };
  }

  /** A change that was carried out is answered so, even where its end cannot be put on record: its beginning is. */
  async #end(
    { chain, actionId, by }: Begun,
    end: { readonly status: number; readonly code: string | null },
    madeId: string | null,
  ): Promise<void> {
    try {
      await this.trail.record(chain, { is: 'ended', actionId, ...end, madeId }, by);
    } catch (error) {
      this.log.write('error', 'audit.end-not-recorded', { actionId, ...errorFacts(error) });
    }
  }
}

/** A request that is refused for its form does nothing. */
const isReadable = (id: OperationId, request: HttpRequest): boolean => {
  try {
    readBodyFor(id, request);
    return true;
  } catch {
    return false;
  }
};

/** Options that are replaced as a whole, and are not among the new ones. */
const leftOut = (id: OperationId, request: HttpRequest, { document = {} }: Before): AuditedChange[] => {
  if (id !== 'replaceProjectOptions') return [];
  const given = readBodyFor(id, request) as object;
  const gone = Object.keys(document).filter((name) => !(name in given));
  return gone
    .flatMap((name) => changesOf(routeOf(id).body, { [name]: document[name] }, undefined))
    .map((change) => ({ ...change, old: change.new, new: null }));
};

/** How the change is to be made, from the query. */
const switchesOf = ({ query }: HttpRequest): AuditedChange[] =>
  ['stop', 'partial', 'rename'].flatMap((field) => (query[field] === 'true' ? [{ field, old: null, new: true }] : []));

const namedBy = (params: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, typedOf(value)]));

/** The id of what was made. */
const madeIn = (answered: unknown): string | null => {
  const { id, tokenId, linkId } = (answered ?? {}) as Readonly<Record<string, unknown>>;
  return [id, tokenId, linkId].find((made) => typeof made === 'string') ?? null;
};
