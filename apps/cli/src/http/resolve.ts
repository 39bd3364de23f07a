import type { Agent, Customer, Endpoint, Mailbox, Project, Subscription } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { lookOf } from '@pstream/contracts';
import { CliError, usageError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Client } from './client.js';

const isId = (text: string): boolean => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text);

/** Names that look like the one that is not there, named at the most. */
const MOST_ALIKE = 3;

/** Names are compared without case and accents. */
export const folded = (name: string): string => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').trim().toLowerCase();

const unknown = (kind: string, name: string, advice: string, alike: readonly string[]): CliError =>
  new CliError(EXIT.rejected, {
    what: `There is no ${kind} "${name}".`,
    why:
      alike.length === 0
        ? 'It was looked for by id and by name, without regard to case and accents.'
        : `Did you mean ${alike
            .slice(0, MOST_ALIKE)
            .map((other) => `"${other}"`)
            .join(' or ')}?`,
    advice,
    details: { code: `${kind}.unknown` },
  });

/** The one thing that an argument names, by id or by name. Exit 3 if there is none, exit 2 if the name fits several. */
const one = <T>(kind: string, wanted: string, all: readonly T[], idOf: (one: T) => string, nameOf: (one: T) => string, list: string): T => {
  const found = all.filter((candidate) => idOf(candidate) === wanted || folded(nameOf(candidate)) === folded(wanted));
  if (found[0] === undefined) {
    const look = lookOf(wanted);
    throw unknown(
      kind,
      wanted,
      list,
      all.map(nameOf).filter((name) => lookOf(name).includes(look)),
    );
  }
  if (found.length > 1)
    throw usageError(
      `The name "${wanted}" fits ${found.length} ${kind}s: ${found.map(idOf).join(', ')}.`,
      `${list.split(' ').slice(0, 3).join(' ')}, and give one of these ids`,
    );
  return found[0];
};

export const findCustomer = async (client: Client, wanted: string): Promise<Customer> =>
  one(
    'customer',
    wanted,
    (await allPages((query) => client.listCustomers({ query }))).items,
    ({ customerId }) => customerId,
    ({ name }) => name,
    'pstream customer list',
  );

/** An agent by id, address or name. */
export const findAgent = async (client: Client, wanted: string): Promise<Agent> => {
  const { items } = await allPages((query) => client.listPeople({ query }));
  const byAddress = items.find(({ email }) => folded(email) === folded(wanted));
  return (
    byAddress ??
    one(
      'agent',
      wanted,
      items,
      ({ agentId }) => agentId,
      ({ name }) => name,
      'pstream people list',
    )
  );
};

export const findSubscription = async (client: Client, wanted: string): Promise<Subscription> =>
  one(
    'subscription',
    wanted,
    (await allPages((query) => client.listSubscriptions({ query }))).items,
    ({ subscriptionId }) => subscriptionId,
    ({ name }) => name,
    'pstream notice list',
  );

export const findEndpoint = async (client: Client, customerId: string, wanted: string): Promise<Endpoint> =>
  one(
    'endpoint',
    wanted,
    (await allPages((query) => client.listEndpoints({ params: { customerId }, query }))).items,
    ({ endpointId }) => endpointId,
    ({ name }) => name,
    'pstream endpoint list CUSTOMER',
  );

/** A project by id, by name, or by `customer/name` where several customers have one of that name. */
export const findProject = async (client: Client, wanted: string): Promise<Project> => {
  const projects = (await allPages((query) => client.listProjects({ query }))).items;
  const byName = (): Project =>
    one(
      'project',
      wanted,
      projects,
      ({ projectId }) => projectId,
      ({ name }) => name,
      'pstream project list',
    );
  const slash = wanted.indexOf('/');
  if (slash < 0 || projects.some(({ name }) => folded(name) === folded(wanted))) return byName();
  const customer = await findCustomer(client, wanted.slice(0, slash));
  return one(
    'project',
    wanted.slice(slash + 1),
    projects.filter(({ customerId }) => customerId === customer.customerId),
    ({ projectId }) => projectId,
    ({ name }) => name,
    'pstream project list',
  );
};

/** A mailbox by id, or by `project` and source address. */
export const findMailbox = async (client: Client, wanted: string, project: string | undefined): Promise<Mailbox> => {
  if (isId(wanted)) return client.getMailbox({ params: { mailboxJobId: wanted } });
  if (project === undefined)
    throw usageError(
      'A mailbox is named by its id, or by its address together with a project.',
      `pstream mailbox show ${wanted} --project PROJECT`,
    );
  const { projectId } = await findProject(client, project);
  return one(
    'mailbox',
    wanted,
    (await allPages((query) => client.listMailboxes({ params: { projectId }, query }))).items,
    ({ mailboxJobId }) => mailboxJobId,
    ({ source }) => source,
    `pstream mailbox list ${project}`,
  );
};
