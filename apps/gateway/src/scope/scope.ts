import { Inject, Injectable } from '@nestjs/common';
import type { ProblemCode } from '@pstream/api';
import { DEFAULT_WORKGROUP, VIEWS } from '@pstream/contracts';
import type { Document, ProjectionReader } from '@pstream/projections';
import { PROJECTION_STORE } from '@pstream/wiring';
import type { Principal } from '../door/http.js';
import { problem, type ProblemError } from '../door/problem.js';
import type { SumOver } from '../read/sums.js';

type Params = Readonly<Record<string, string | undefined>>;
type Workgroup = Pick<Principal, 'workgroupId' | 'customerIds'>;
type Who = Pick<Principal, 'workgroupId' | 'rights' | 'agentId' | 'by' | 'customerIds'>;

/** Under what a project that somebody creates is theirs. */
export const ownerOf = ({ agentId, by }: Pick<Principal, 'agentId' | 'by'>): string => agentId ?? by;

/** Among the facts of a refusal: whether its reason is also something that the caller does not see. How much of that there is, is not said. */
export const hidden = (some: boolean): { readonly hidden?: true } => (some ? { hidden: true } : {});

/** What is in a path: where it stands, which field says whom it belongs to, and what is answered to a stranger. */
const OWNED: readonly (readonly [string, string, ProblemCode])[] = [
  ['customerId', VIEWS.customers, 'customer.unknown'],
  ['projectId', VIEWS.projects, 'project.unknown'],
  ['mailboxJobId', VIEWS.mailboxes, 'mailbox-job.unknown'],
  ['operationId', VIEWS.operations, 'operation.unknown'],
];

/** Streams that are named by what a workgroup has, or by the workgroup. The ids of all others are known to nobody who may not see them. */
const OWNED_STREAMS: ReadonlyMap<string, string> = new Map([
  ['workgroup', 'workgroupId'],
  ['licence-pool', 'workgroupId'],
  ['notice-rules', 'workgroupId'],
  ['notice-templates', 'workgroupId'],
  ['customer', 'customerId'],
  ['project', 'projectId'],
  ['roster', 'projectId'],
  ['mailbox-job', 'mailboxJobId'],
  ['item-errors', 'mailboxJobId'],
  ['operation', 'operationId'],
]);

/** What was removed is still whose it was. */
const customerOf = (document: Document | undefined): string | undefined => {
  const removedFrom = document?.['removedFrom'] as { readonly customerId?: string } | undefined;
  const customerId = removedFrom?.customerId ?? document?.['customerId'];
  return typeof customerId === 'string' && customerId !== '' ? customerId : undefined;
};

/** The project that something is in, or is. */
const projectOf = (document: Document | undefined): string | undefined => {
  const removedFrom = document?.['removedFrom'] as { readonly projectId?: string } | undefined;
  const projectId = removedFrom?.projectId ?? document?.['projectId'];
  return typeof projectId === 'string' && projectId !== '' ? projectId : undefined;
};

/** Keeps workgroups apart, and projects where they are not shared: every read and every command passes here with the ids in its path. As long as there is one workgroup, everything is
 *  its own; as long as it shares its projects, everybody in it sees all. */
@Injectable()
export class Scope {
  /** A customer never changes its workgroup. */
  readonly #workgroupOf = new Map<string, string>();
  #isShared = false;

  constructor(@Inject(PROJECTION_STORE) private readonly reader: ProjectionReader) {}

  /** The problem of a request for something of another workgroup: what is hidden is not found. What no view knows is for the service to judge. */
  async refusal(principal: Who, params: Params): Promise<ProblemError | undefined> {
    for (const [name, view, code] of OWNED) {
      const id = params[name];
      if (id === undefined) continue;
      const isOwn = await this.#isOwnOnly(principal);
      const isSeveral = await this.#severalWorkgroups();
      const { customerIds } = principal;
      if (!isOwn && !isSeveral && customerIds === undefined) continue;
      const document = name === 'customerId' ? { customerId: id } : (await this.reader.get(view, id))?.document;
      const customerId = customerOf(document);
      // Of whom something is that no view knows, nobody can say yet: whoever is confined does not get at it.
      if (customerIds !== undefined && (customerId === undefined || !customerIds.includes(customerId))) return problem(code, 404);
      const owner = isSeveral && customerId !== undefined ? await this.#ownerOf(customerId) : undefined;
      if (owner !== undefined && owner !== principal.workgroupId) return problem(code, 404);
      const projectId = projectOf(document);
      if (isOwn && projectId !== undefined && !(await this.#isOwner(principal, projectId))) return problem(code, 404);
    }
    return undefined;
  }

  /** The problem of a request that waits for a stream of another workgroup: whether it ends would say how far that stream is. */
  async refusalToWait(principal: Who, atLeast: string): Promise<ProblemError | undefined> {
    const [kind = '', id = ''] = atLeast.split(':');
    const name = OWNED_STREAMS.get(kind);
    const isForeign =
      name === 'workgroupId'
        ? id !== principal.workgroupId && !principal.rights.includes('workgroups.create')
        : name !== undefined && (await this.refusal(principal, { [name]: id })) !== undefined;
    return isForeign ? problem('request.at-least', 400) : undefined;
  }

  /** The customers that somebody sees; undefined for all, while there is no other workgroup. */
  async customers({ workgroupId, customerIds }: Workgroup): Promise<readonly string[] | undefined> {
    if (customerIds !== undefined) return customerIds;
    if (!(await this.#severalWorkgroups())) return undefined;
    const { documents } = await this.reader.find(VIEWS.customers, { filter: { workgroupId } });
    return documents.map(({ id }) => id);
  }

  /** Narrows a list of what belongs to customers. */
  async within(principal: Workgroup): Promise<{ readonly customerId?: { readonly in: readonly string[] } }> {
    const customers = await this.customers(principal);
    return customers === undefined ? {} : { customerId: { in: customers } };
  }

  /** Narrows a list of projects to those that somebody sees. */
  async own(principal: Who): Promise<{ readonly ownerId?: string }> {
    return (await this.#isOwnOnly(principal)) ? { ownerId: ownerOf(principal) } : {};
  }

  /** The projects that somebody sees; undefined if all of the workgroup. */
  async projects(principal: Who): Promise<readonly string[] | undefined> {
    if (!(await this.#isOwnOnly(principal))) return undefined;
    const filter = { created: true, ownerId: ownerOf(principal), ...(await this.within(principal)) };
    return (await this.reader.find(VIEWS.projects, { filter })).documents.map(({ id }) => id);
  }

  /** What is summed up for somebody, over a customer or over all. */
  async over(principal: Who, customerId?: string): Promise<SumOver> {
    if (await this.#isOwnOnly(principal)) {
      const filter = {
        created: true,
        ownerId: ownerOf(principal),
        ...(customerId === undefined ? await this.within(principal) : { customerId }),
      };
      return { projects: (await this.reader.find(VIEWS.projects, { filter })).documents.map(({ id }) => id) };
    }
    if (customerId !== undefined) return { customerId };
    const customers = await this.customers(principal);
    return customers === undefined ? 'workgroup' : { customers };
  }

  /** Whether the workgroup keeps projects to those who created them, and to whoever manages people. */
  async #isOwnOnly({ workgroupId, rights }: Who): Promise<boolean> {
    if (rights.includes('people.manage')) return false;
    return (await this.reader.get(VIEWS.workgroups, workgroupId))?.document['shareProjects'] === false;
  }

  /** A project that no view knows is for the service to judge. */
  async #isOwner(principal: Who, projectId: string): Promise<boolean> {
    const project = (await this.reader.get(VIEWS.projects, projectId))?.document;
    return project === undefined || project['ownerId'] === ownerOf(principal);
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
