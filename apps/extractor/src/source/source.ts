import { createHash } from 'node:crypto';
import type { ExportedItem, GraphClient } from '@pstream/graph';
import type { Fault } from '@pstream/kernel';
import { checkStream } from './stream-check.js';

type Whole = Extract<ExportedItem, { readonly data: Uint8Array }>;

/** An exported item with the SHA-256 (hex) of its stream and, where the stream cannot be parsed, the reason. */
export type CheckedItem = (Whole & { readonly sha256: string; readonly damage?: Fault }) | Exclude<ExportedItem, Whole>;

/** What extraction asks of a tenant: the Graph client, with every exported stream checked. */
export type Source = Pick<GraphClient, 'findUser' | 'mailboxes' | 'folders' | 'itemPage' | 'plainItem' | 'close'> & {
  exportItems(...args: Parameters<GraphClient['exportItems']>): AsyncIterable<CheckedItem>;
};

/** Checks what a client exports, in the thread of the caller. */
export const checkedSource = (client: GraphClient): Source => ({
  findUser: (...args) => client.findUser(...args),
  mailboxes: (...args) => client.mailboxes(...args),
  folders: (...args) => client.folders(...args),
  itemPage: (...args) => client.itemPage(...args),
  plainItem: (...args) => client.plainItem(...args),
  close: () => client.close(),
  async *exportItems(...args) {
    for await (const exported of client.exportItems(...args)) {
      if ('fault' in exported) yield exported;
      else {
        const damage = checkStream(exported.data);
        const sha256 = createHash('sha256').update(exported.data).digest('hex');
        yield { ...exported, sha256, ...(damage === undefined ? {} : { damage }) };
      }
    }
  },
});
