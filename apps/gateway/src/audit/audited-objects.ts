import { Inject, Injectable } from '@nestjs/common';
import { addressOf, type OperationId } from '@pstream/api';
import { LONGEST_AUDITED, VIEWS, type AuditedObject } from '@pstream/contracts';
import type { Document, ProjectionReader } from '@pstream/projections';
import { PROJECTION_STORE } from '@pstream/wiring';
import type { Principal } from '../door/http.js';
import { QueuePlaces } from '../read/places.js';
import { TokenStore } from '../tokens/token-store.js';
import { typedOf } from './origin.js';

/** What an operation is about, as it is shown before. */
export type Before = { readonly object: AuditedObject | null; readonly document: Document | undefined };

type Params = Readonly<Record<string, string>>;

/** Parameters of paths, but for what is within a PST: the kind of thing, the view that shows it, and the field with its name. */
const KINDS: Readonly<Record<string, { readonly kind: string; readonly view?: string; readonly name?: string }>> = {
  customerId: { kind: 'customer', view: VIEWS.customers },
  endpointId: { kind: 'endpoint', view: VIEWS.endpoints },
  projectId: { kind: 'project', view: VIEWS.projects },
  mailboxJobId: { kind: 'mailbox', view: VIEWS.mailboxes, name: 'source' },
  operationId: { kind: 'operation', view: VIEWS.operations, name: 'verb' },
  partId: { kind: 'part', view: VIEWS.parts },
  agentId: { kind: 'agent', view: VIEWS.agents },
  code: { kind: 'coupon', view: VIEWS.coupons, name: 'code' },
  orderId: { kind: 'order' },
  tokenId: { kind: 'token' },
  subscriptionId: { kind: 'subscription', view: VIEWS.subscriptions },
  kind: { kind: 'notice-template' },
  letterId: { kind: 'dead-letter' },
  name: { kind: 'view' },
};

/** Finds what an operation is about, and what was shown of it until now. */
@Injectable()
export class AuditedObjects {
  constructor(
    @Inject(PROJECTION_STORE) private readonly reader: ProjectionReader,
    @Inject(QueuePlaces) private readonly places: QueuePlaces,
    @Inject(TokenStore) private readonly tokens: TokenStore,
  ) {}

  async before(id: OperationId, params: Params, principal: Principal): Promise<Before> {
    const { path } = addressOf(id);
    const [param, given] = Object.entries(params).findLast(([name]) => Object.hasOwn(KINDS, name)) ?? [];
    if (param === undefined || given === undefined) {
      if (!/^\/v1\/(?:workgroup|admin)(?:\/|$)/.test(path)) return { object: null, document: undefined };
      const document = path.endsWith('/plan') ? await this.#plan() : await this.#get(VIEWS.workgroups, principal.workgroupId);
      const isOfAll = path.startsWith('/v1/admin');
      return { object: isOfAll ? null : { kind: 'workgroup', id: principal.workgroupId, name: nameIn(document, 'name') }, document };
    }
    const { kind, view, name = 'name' } = KINDS[param] ?? { kind: param };
    const found = view === undefined ? await this.#elsewhere(kind, given, principal) : await this.#get(view, given);
    const document = isWithin(found, params, principal) ? found : undefined;
    const object = { kind, id: typedOf(given), name: nameIn(document, name) };
    if (path.endsWith('/options')) return { object, document: document?.['options'] as Document | undefined };
    if (path.endsWith('/viewing')) return { object, document: { allowed: document?.['viewing'] } };
    return { object, document: kind === 'project' && path.endsWith('/plan') ? await this.#plan(given) : document };
  }

  async #get(view: string, id: string): Promise<Document | undefined> {
    return (await this.reader.get(view, id))?.document;
  }

  async #elsewhere(kind: string, id: string, { workgroupId }: Principal): Promise<Document | undefined> {
    if (kind === 'token') return this.tokens.list().find(({ tokenId }) => tokenId === id);
    if (kind === 'notice-template') {
      const templates = (await this.#get(VIEWS.noticeTemplates, workgroupId))?.['templates'] as Record<string, Document> | undefined;
      return templates?.[id];
    }
    if (kind !== 'order') return undefined;
    const orders = (await this.#get(VIEWS.licences, workgroupId))?.['orders'] as readonly Document[] | undefined;
    return orders?.find(({ orderId }) => orderId === id);
  }

  async #plan(projectId?: string): Promise<Document> {
    const { paused, projects } = await this.places.plans(projectId === undefined ? [] : [projectId]);
    return projectId === undefined ? { paused } : { ...projects[0] };
  }
}

/** Whether something is where the address looks for it. What another workgroup or customer has is not found there, and what it is called has no place on
 *  the record of whoever tried. */
const isWithin = (document: Document | undefined, params: Params, { workgroupId }: Principal): boolean => {
  const whose = document?.['workgroupId'];
  if (typeof whose === 'string' && whose !== '' && whose !== workgroupId) return false;
  return Object.entries(params).every(([name, given]) => typeof document?.[name] !== 'string' || document[name] === given);
};

const nameIn = (document: Document | undefined, field: string): string | null => {
  const name = document?.[field];
  return typeof name === 'string' && name !== '' ? name.slice(0, LONGEST_AUDITED) : null;
};
