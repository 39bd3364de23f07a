// What the API says of everything that a first migration asks for, and which of several things the address names.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { client } from '../api/client.js';
import { customersQuery, endpointsQuery, live, mailboxQuery, partsQuery, projectsQuery } from '../api/queries.js';
import { bundlesQuery, useEnforced } from '../licences/queries.js';
import { useNowMs } from '../parts/basics.js';
import { chosenOf, isLicensed, type Facts } from './where.js';

const route = getRouteApi('/start');
/** A first migration is of one mailbox; more are looked through on the page of the project. */
const MOST_MAILBOXES = 50;

const mailboxesQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['first-mailboxes', projectId],
    queryFn: () => client.listMailboxes({ params: { projectId }, query: { limit: MOST_MAILBOXES } }),
    ...live,
  });

/** Everything that the steps ask for, as the API says it. */
export const useFacts = () => {
  const search = route.useSearch();
  const isEnforced = useEnforced();
  const nowMs = useNowMs(60_000);
  const customers = useQuery(customersQuery);
  const customer = chosenOf(customers.data?.items ?? [], ({ customerId }) => customerId, search.customer);
  const customerId = customer?.customerId ?? '';
  const endpoints = useQuery({ ...endpointsQuery(customerId), enabled: customer !== undefined });
  const allProjects = useQuery(projectsQuery);
  const projects = (allProjects.data?.items ?? []).filter((project) => project.customerId === customerId && project.type !== 'discovery');
  const project = chosenOf(projects, ({ projectId }) => projectId, search.project);
  const projectId = project?.projectId ?? '';
  const mailboxes = useQuery({ ...mailboxesQuery(projectId), enabled: project !== undefined });
  const rows = project === undefined ? [] : (mailboxes.data?.items ?? []);
  const mailboxId = chosenOf(rows, ({ mailboxJobId }) => mailboxJobId, search.mailbox)?.mailboxJobId;
  const mailbox = useQuery({ ...mailboxQuery(mailboxId ?? ''), enabled: mailboxId !== undefined });
  const row = mailboxId === undefined ? undefined : mailbox.data;
  const parts = useQuery({ ...partsQuery(mailboxId ?? ''), ...live, enabled: mailboxId !== undefined });
  const bundles = useQuery({ ...bundlesQuery(customerId), ...live, enabled: customer !== undefined && isEnforced });
  const facts: Facts = {
    customer,
    endpoints: customer === undefined ? [] : (endpoints.data?.items ?? []),
    project,
    row,
    parts: row === undefined ? [] : (parts.data?.items ?? []),
    enforced: isEnforced,
    licensed: row !== undefined && (bundles.data?.items ?? []).some((bundle) => isLicensed(bundle, row.source, nowMs)),
  };
  const read = [customers, endpoints, allProjects, mailboxes, mailbox, parts, bundles];
  return {
    facts,
    customers: customers.data?.items ?? [],
    projects,
    rows,
    error: read.find(({ isError }) => isError)?.error,
    isLoading: read.some(({ isLoading }) => isLoading),
    updatedAtMs: Math.max(...read.map(({ dataUpdatedAt }) => dataUpdatedAt)),
  };
};

export type Shown = ReturnType<typeof useFacts>;
