import { createHash } from 'node:crypto';
import { encodeExportStream } from '@pstream/fasttransfer';
import type { ExportedItem, GraphClient, MailboxRef, PlainRequest } from '@pstream/graph';
import type { Fault } from '@pstream/kernel';
import { extendedIds, toMapiItem } from '@pstream/mime';
import { checkStream } from './stream-check.js';

type Whole = Extract<ExportedItem, { readonly data: Uint8Array }>;

/** An exported item with the SHA-256 (hex) of its stream and, where the stream cannot be parsed, the reason. */
export type CheckedItem = (Whole & { readonly sha256: string; readonly damage?: Fault }) | Exclude<ExportedItem, Whole>;

/** An item to be read without its stream, and the class that says as what. */
export type MimeRequest = Omit<PlainRequest, 'extendedIds'> & { readonly itemType: string };

/** What extraction asks of a tenant: the Graph client, with every exported stream checked. */
export type Source = Pick<
  GraphClient,
  'findUser' | 'mailboxes' | 'folders' | 'itemPage' | 'recoverableFolders' | 'recoverablePage' | 'close'
> & {
  exportItems(...args: Parameters<GraphClient['exportItems']>): AsyncIterable<CheckedItem>;
  /** A stream made of what Graph tells otherwise, with its SHA-256 (hex). Faults of `plainItem` and of @pstream/mime. */
  readAsMime(
    mailbox: MailboxRef,
    request: MimeRequest,
    signal?: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly sha256: string }>;
};

/** Checks what a client exports, in the thread of the caller. */
export const checkedSource = (client: GraphClient): Source => ({
  findUser: (...args) => client.findUser(...args),
  mailboxes: (...args) => client.mailboxes(...args),
  folders: (...args) => client.folders(...args),
  itemPage: (...args) => client.itemPage(...args),
  recoverableFolders: (...args) => client.recoverableFolders(...args),
  recoverablePage: (...args) => client.recoverablePage(...args),
  close: () => client.close(),
  async readAsMime(mailbox, { itemType, ...request }, signal) {
    const { kind } = request;
    const plain = await client.plainItem(mailbox, { ...request, extendedIds: extendedIds(kind, itemType) }, signal);
    const data = encodeExportStream(await toMapiItem({ kind, itemType, ...plain }));
    const damage = checkStream(data);
    if (damage !== undefined) throw damage;
    return { data, sha256: sha256Of(data) };
  },
  async *exportItems(...args) {
    for await (const exported of client.exportItems(...args)) {
      if ('fault' in exported) yield exported;
      else {
        const damage = checkStream(exported.data);
        yield { ...exported, sha256: sha256Of(exported.data), ...(damage === undefined ? {} : { damage }) };
      }
    }
  },
});

const sha256Of = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
