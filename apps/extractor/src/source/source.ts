import { createHash } from 'node:crypto';
import { doubts, encodeExportStream } from '@pstream/fasttransfer';
import type { ExportedItem, GraphClient, MailboxRef, PlainRequest } from '@pstream/graph';
import type { Fault } from '@pstream/kernel';
import { extendedIds, toMapiItem } from '@pstream/mime';
import { checkStream, type StreamCheck } from './stream-check.js';

type Whole = Extract<ExportedItem, { readonly data: Uint8Array }>;

/** A stream with its SHA-256 (hex) and what parsing it has shown. */
export type CheckedStream = Whole & { readonly sha256: string } & Exclude<StreamCheck, { readonly damage: Fault }>;

/** An exported item: its stream with what parsing it has shown (why it cannot be parsed, or what is odd about it), or the Fault instead. */
export type CheckedItem = (Whole & { readonly sha256: string } & StreamCheck) | Exclude<ExportedItem, Whole>;

/** A stream made of what Graph tells otherwise, with its SHA-256 (hex) and what is odd about it. */
export type MadeStream = Pick<CheckedStream, 'data' | 'sha256' | 'doubts'>;

/** An item to be read without its stream, and the class that says as what. */
export type MimeRequest = Omit<PlainRequest, 'extendedIds'> & { readonly itemType: string };

/** What extraction asks of a tenant: the Graph client, with every exported stream checked. */
export type Source = Pick<
  GraphClient,
  'findUser' | 'mailboxes' | 'folders' | 'folder' | 'itemPage' | 'recoverableFolders' | 'recoverablePage' | 'close'
> & {
  exportItems(...args: Parameters<GraphClient['exportItems']>): AsyncIterable<CheckedItem>;
  /** The item made of what Graph tells otherwise. Faults of `plainItem` and of @pstream/mime. */
  readAsMime(mailbox: MailboxRef, request: MimeRequest, signal?: AbortSignal): Promise<MadeStream>;
};

/** Checks what a client exports, in the thread of the caller. */
export const checkedSource = (client: GraphClient): Source => ({
  findUser: (...args) => client.findUser(...args),
  mailboxes: (...args) => client.mailboxes(...args),
  folders: (...args) => client.folders(...args),
  folder: (...args) => client.folder(...args),
  itemPage: (...args) => client.itemPage(...args),
  recoverableFolders: (...args) => client.recoverableFolders(...args),
  recoverablePage: (...args) => client.recoverablePage(...args),
  close: () => client.close(),
  async readAsMime(mailbox, { itemType, ...request }, signal) {
    const { kind } = request;
    const plain = await client.plainItem(mailbox, { ...request, extendedIds: extendedIds(kind, itemType) }, signal);
    const item = await toMapiItem({ kind, itemType, ...plain });
    const data = encodeExportStream(item);
    const check = checkStream(data);
    if ('damage' in check) throw check.damage;
    // A stream carries no warnings: those of the item are still with it.
    return { data, sha256: sha256Of(data), doubts: doubts(item) };
  },
  async *exportItems(...args) {
    for await (const exported of client.exportItems(...args)) {
      if ('fault' in exported) yield exported;
      else yield { ...exported, sha256: sha256Of(exported.data), ...checkStream(exported.data) };
    }
  },
});

const sha256Of = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
