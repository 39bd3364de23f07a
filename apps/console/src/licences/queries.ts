import { queryOptions, useQuery } from '@tanstack/react-query';
import { allPages } from '@pstream/api/client';
import { client } from '../api/client.js';
import { live } from '../api/queries.js';

export const pricesQuery = queryOptions({ queryKey: ['prices'], queryFn: () => client.getPrices(), staleTime: 60_000 });
export const considerationsQuery = queryOptions({
  queryKey: ['considerations'],
  queryFn: () => client.listConsiderations(),
  staleTime: Infinity,
});
/** An order is asked for often while somebody pays it elsewhere. */
const WHILE_OPEN_MS = 3_000;
const MOVING = ['awaiting-payment', 'cancelling', 'refunding'];
export const orderQuery = (orderId: string) =>
  queryOptions({
    queryKey: ['order', orderId],
    queryFn: () => client.getOrder({ params: { orderId } }),
    refetchInterval: ({ state: { data } }) => (data !== undefined && MOVING.includes(data.status) ? WHILE_OPEN_MS : live.refetchInterval()),
  });
export const bundlesQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['bundles', customerId],
    queryFn: () => allPages((query) => client.listBundles({ params: { customerId }, query })),
  });

/** Whether passes need licences here. Until that is known, and where they do not, nothing of licences is shown. */
export const useEnforced = (): boolean => useQuery(pricesQuery).data?.enforced ?? false;
