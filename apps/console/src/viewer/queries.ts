import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from '../api/client.js';

/** Which PST is looked into. */
export type Place = { readonly mailboxJobId: string; readonly partId: string };

// A finished PST never changes, so what was read of it stays right; it is forgotten soon after it was looked at.
const KEPT = { staleTime: Infinity, gcTime: 60_000 };

export const partFoldersQuery = (place: Place) =>
  queryOptions({ queryKey: ['content', place.partId, 'folders'], queryFn: () => client.listPartFolders({ params: place }), ...KEPT });

export type Looked = { readonly folder?: string | undefined; readonly subject?: string | undefined };

export const partMessagesQuery = (place: Place, { folder, subject }: Looked) =>
  infiniteQueryOptions({
    queryKey: ['content', place.partId, 'messages', folder ?? '', subject ?? ''],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => client.listPartMessages({ params: place, query: { folder, subject, cursor: pageParam, limit: 50 } }),
    getNextPageParam: ({ next }) => next ?? undefined,
    ...KEPT,
  });

export const partMessageQuery = (place: Place, messageId: string) =>
  queryOptions({
    queryKey: ['content', place.partId, 'message', messageId],
    queryFn: () => client.getPartMessage({ params: { ...place, messageId } }),
    ...KEPT,
  });

const pathOf = ({ mailboxJobId, partId }: Place, messageId: string): string =>
  `/v1/mailboxes/${encodeURIComponent(mailboxJobId)}/parts/${encodeURIComponent(partId)}/messages/${encodeURIComponent(messageId)}`;

/** Where the gateway shows the HTML of a message, made safe. */
export const pageAddress = (place: Place, messageId: string): string => `${pathOf(place, messageId)}/page.html`;

/** Where an attachment is downloaded from. */
export const attachmentAddress = (place: Place, messageId: string, attachmentId: string): string =>
  `${pathOf(place, messageId)}/attachments/${encodeURIComponent(attachmentId)}`;
