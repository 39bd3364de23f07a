import { Inject, Injectable } from '@nestjs/common';
import type { ProblemCode } from '@pstream/api';
import { DEFAULT_WORKGROUP, VIEWS } from '@pstream/contracts';
import type { Document, ProjectionReader } from '@pstream/projections';
import { PROJECTION_STORE } from '@pstream/wiring';
import type { Principal } from '../door/http.js';
import { problem, type ProblemError } from '../door/problem.js';

type Params = Readonly<Record<string, string | undefined>>;
type Workgroup = Pick<Principal, 'workgroupId'>;

/** What is in a path: where it stands, which field says whom it belongs to, and what is answered to a stranger. */
const OWNED: readonly (readonly [string, string, ProblemCode])[] = [
  ['customerId', VIEWS.customers, 'customer.unknown'],
  ['projectId', VIEWS.projects, 'project.unknown'],
  ['mailboxJobId', VIEWS.mailboxes, 'mailbox-job.unknown'],
  ['operationId', VIEWS.operations, 'operation.unknown'],
];

/** What was removed is still whose it was. */
const customerOf = (document: Document | undefined): string | undefined => {
  const removedFrom = document?.['removedFrom'] as { readonly customerId?: string } | undefined;
  const customerId = removedFrom?.customerId ?? document?.['customerId'];
  return typeof customerId === 'string' && customerId !== '' ? customerId : undefined;
};

/** Keeps workgroups apart: every read and every command passes here with the ids in its path. As long as there is one workgroup, everything is
 *  its own. */
@Injectable()
export class Scope {
  /** A customer never changes its workgroup. */
  readonly #workgroupOf = new Map<string, string>();
  #isShared = false;

  constructor(@Inject(PROJECTION_STORE) private readonly reader: ProjectionReader) {}

  /** The problem of a request for something of another workgroup: what is hidden is not found. What no view knows is for the service to judge. */
  async refusal(principal: Workgroup, params: Params): Promise<ProblemError | undefined> {
    for (const [name, view, code] of OWNED) {
      const id = params[name];
      if (id === undefined || !(await this.#severalWorkgroups())) continue;
      const customerId = name === 'customerId' ? id : customerOf((await this.reader.get(view, id))?.document);
      if (customerId === undefined) continue;
      const owner = await this.#ownerOf(customerId);
      if (owner !== undefined && owner !== principal.workgroupId) return problem(code, 404);
    }
    return undefined;
  }

  /** The customers of the workgroup; undefined while there is no other workgroup. */
  async customers({ workgroupId }: Workgroup): Promise<readonly string[] | undefined> {
    if (!(await this.#severalWorkgroups())) return undefined;
    const { documents } = await this.reader.find(VIEWS.customers, { filter: { workgroupId } });
    return documents.map(({ id }) => id);
  }

  /** Narrows a list of what belongs to customers. */
  async within(principal: Workgroup): Promise<{ readonly customerId?: { readonly in: readonly string[] } }> {
    const customers = await this.customers(principal);
    return customers === undefined ? {} : { customerId: { in: customers } };
  }

  async #ownerOf(customerId: string): Promise<string | undefined> {
    const known = this.#workgroupOf.get(customerId);
    if (known !== undefined) return known;
    const owner = (await this.reader.get(VIEWS.customers, customerId))?.document['workgroupId'];
    // One that was removed is nobody's any more.
    if (typeof owner !== 'string') return undefined;
    if (owner !== '') this.#workgroupOf.set(customerId, owner);
    return owner;
  }

  async #severalWorkgroups(): Promise<boolean> {
    if (this.#isShared) return true;
    const { documents } = await this.reader.find(VIEWS.workgroups, { limit: 2 });
    this.#isShared = documents.some(({ id }) => id !== DEFAULT_WORKGROUP);
    return this.#isShared;
  }
}
