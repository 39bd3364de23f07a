import { QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiError, allPages } from '@pstream/api/client';
import { client } from './client.js';
import { pausedView, type News } from './live.js';

/** Numbers that change by themselves are read again at least so often, whatever the event stream says. */
const AT_LEAST_EVERY_MS = 10_000;
/** How queries are read again whose numbers change by themselves. */
export const live = { refetchInterval: () => (pausedView.get().on ? (false as const) : AT_LEAST_EVERY_MS) };

/** How lists are read that begin with the newest and are read on when somebody asks for it. What is new is looked for only while their first page
 *  alone is shown: read again as a whole, a long list would be many requests. */
export const growing = {
  initialPageParam: '',
  getNextPageParam: ({ next }: { readonly next: string | null }): string | null => next,
  refetchInterval: ({ state }: { readonly state: { readonly data?: { readonly pages: readonly unknown[] } | undefined } }) =>
    state.data?.pages.length === 1 && live.refetchInterval(),
};

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What is shown stays while it is read again, and nobody asks again after a refusal.
      staleTime: 5_000,
      retry: (failures, error) => !(error instanceof ApiError) && failures < 2,
      refetchOnWindowFocus: false,
    },
  },
});

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => client.getMe(), staleTime: 60_000 });
export const versionQuery = queryOptions({ queryKey: ['version'], queryFn: () => client.getVersion(), staleTime: Infinity });
export const overviewQuery = queryOptions({ queryKey: ['overview'], queryFn: () => client.getOverview(), ...live });
export const healthQuery = queryOptions({ queryKey: ['health'], queryFn: () => client.getHealth(), ...live });
export const viewsQuery = queryOptions({ queryKey: ['views'], queryFn: () => client.listViews(), ...live });
export const licencesQuery = queryOptions({ queryKey: ['licences'], queryFn: () => client.getLicences() });
export const customersQuery = queryOptions({
  queryKey: ['customers'],
  queryFn: () => allPages((query) => client.listCustomers({ query })),
});
export const customerQuery = (customerId: string) =>
  queryOptions({ queryKey: ['customer', customerId], queryFn: () => client.getCustomer({ params: { customerId } }), ...live });
export const endpointsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['endpoints', customerId],
    queryFn: () => allPages((query) => client.listEndpoints({ params: { customerId }, query })),
  });
export const projectsQuery = queryOptions({ queryKey: ['projects'], queryFn: () => allPages((query) => client.listProjects({ query })) });
export const projectQuery = (projectId: string) =>
  queryOptions({ queryKey: ['project', projectId], queryFn: () => client.getProject({ params: { projectId } }), ...live });
export const throughputQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['throughput', projectId],
    queryFn: () => client.getProjectThroughput({ params: { projectId } }),
    ...live,
  });
export const mailboxQuery = (mailboxJobId: string) =>
  queryOptions({ queryKey: ['mailbox', mailboxJobId], queryFn: () => client.getMailbox({ params: { mailboxJobId } }), ...live });
export const foldersQuery = (mailboxJobId: string) =>
  queryOptions({
    queryKey: ['folders', mailboxJobId],
    queryFn: () => allPages((query) => client.listMailboxFolders({ params: { mailboxJobId }, query })),
  });
export const passesQuery = (mailboxJobId: string) =>
  queryOptions({ queryKey: ['passes', mailboxJobId], queryFn: () => client.listMailboxPasses({ params: { mailboxJobId } }), ...live });
export const partsQuery = (mailboxJobId: string) =>
  queryOptions({
    queryKey: ['parts', mailboxJobId],
    queryFn: () => allPages((query) => client.listMailboxParts({ params: { mailboxJobId }, query })),
  });

/** Most item errors that one page shows; beyond it the page says so. */
export const MOST_ERRORS = 10_000;
type ErrorState = 'open' | 'mended' | 'acknowledged' | 'all';
export const projectErrorsQuery = (projectId: string, state: ErrorState) =>
  queryOptions({
    queryKey: ['errors', projectId, state],
    queryFn: () => upTo(MOST_ERRORS, (query) => client.listProjectErrors({ params: { projectId }, query: { ...query, state } })),
  });
export const mailboxErrorsQuery = (mailboxJobId: string, state: ErrorState) =>
  queryOptions({
    queryKey: ['mailbox-errors', mailboxJobId, state],
    queryFn: () => upTo(MOST_ERRORS, (query) => client.listMailboxErrors({ params: { mailboxJobId }, query: { ...query, state } })),
  });

type PageOf<T> = { readonly items: readonly T[]; readonly next: string | null; readonly total: number };

/** The first pages of a list, and how long the whole is. */
const upTo = async <T>(
  most: number,
  read: (query: { readonly limit: number; readonly cursor?: string }) => Promise<PageOf<T>>,
): Promise<{ readonly items: readonly T[]; readonly total: number }> => {
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await read({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    if (page.next === null || items.length >= most) return { items, total: page.total };
    cursor = page.next;
  }
};

/** Queries that show a document of a view, by the first part of their keys. */
const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  customers: ['customers', 'customer', 'overview'],
  endpoints: ['endpoints'],
  projects: ['projects', 'project', 'overview'],
  mailboxes: ['overview', 'customer', 'project', 'mailbox', 'throughput', 'plans', 'first-mailboxes'],
  flow: ['throughput'],
  parts: ['parts'],
  folders: ['folders'],
  errors: ['errors', 'mailbox-errors'],
  licences: ['licences'],
  agents: ['people'],
  workgroups: ['workgroup'],
  coupons: ['coupons'],
  subscriptions: ['subscriptions'],
  notices: ['notices'],
  noticeTemplates: ['notice-templates'],
  audit: ['audit'],
  tokens: ['tokens'],
  discoveryRuns: ['discovery-runs', 'project'],
  discoveryFiles: ['discovered-files', 'discovery-runs', 'project'],
  plans: ['plans', 'overview', 'projects', 'project', 'mailbox'],
};
/** A pause shows wherever something waits, and names no mailbox and perhaps no project. */
const EVERYWHERE: ReadonlySet<string> = new Set(['plans']);

/** Has everything read again that the changes concern and that is shown; sums of a project are not read again for another one. */
export const refresh = ({ changes, all }: News): void => {
  if (all) return void queries.invalidateQueries();
  const concerned = new Set(
    changes.flatMap(({ view, id, projectId, customerId }) =>
      (SHOWN_BY[view] ?? []).flatMap((kind) => [kind, ...[id, projectId, customerId].map((of) => `${kind} ${of}`)]),
    ),
  );
  const everywhere = new Set(changes.flatMap(({ view }) => (EVERYWHERE.has(view) ? (SHOWN_BY[view] ?? []) : [])));
  void queries.invalidateQueries({
    predicate: ({ queryKey: [kind, of] }) =>
      typeof kind === 'string' && (everywhere.has(kind) || concerned.has(typeof of === 'string' ? `${kind} ${of}` : kind)),
  });
};
