import type { MapiItem, Property } from '@pstream/mapi';
import type { AttachmentParts, ItemOptions, MessageReader, ReadContext } from './message.js';

/** An attachment whose data is read only as far as it is asked for. */
export class AttachmentHandle {
  private constructor(
    private readonly context: ReadContext,
    private readonly owner: MessageReader,
    private readonly parts: AttachmentParts,
  ) {}

  /** The attachments of an opened message in nid order. */
  static async *all(context: ReadContext, owner: MessageReader): AsyncGenerator<AttachmentHandle> {
    for (const nid of owner.attachmentNids()) {
      const read = async (): Promise<AttachmentHandle> => new AttachmentHandle(context, owner, await owner.attachment(nid));
      const handle = await context.ndb.strictness.survive('attachment', read, undefined);
      if (handle !== undefined) yield handle;
    }
  }

  get nid(): number {
    return this.parts.nid;
  }

  /** Its properties, without PidTagAttachData. */
  get properties(): readonly Property[] {
    return this.parts.properties;
  }

  /** Bytes of data; 0 if it has none or is an embedded message. */
  get bytes(): number {
    return this.parts.data?.bytes ?? 0;
  }

  /** True if it is an embedded message. */
  get isEmbedded(): boolean {
    return this.parts.embedded !== undefined;
  }

  /** The embedded message, read whole, if there is one. */
  async embeddedItem(options?: ItemOptions): Promise<MapiItem | undefined> {
    return this.parts.embedded === undefined ? undefined : (await this.owner.embedded(this.parts.embedded)).item(options);
  }

  /** The attachments of the embedded message, if there is one. */
  async *embeddedAttachments(): AsyncGenerator<AttachmentHandle> {
    if (this.parts.embedded !== undefined) yield* AttachmentHandle.all(this.context, await this.owner.embedded(this.parts.embedded));
  }

  /** The data in order, a block at a time; holds one block. */
  async *stream(): AsyncGenerator<Uint8Array> {
    const { data } = this.parts;
    if (data?.stored !== undefined && data.stored.length > 0) yield data.stored;
    for (const ref of data?.tree?.blocks ?? []) yield await this.context.ndb.block(ref);
  }

  /** Up to `length` bytes of the data from `offset`; fewer at its end. Reads only the blocks they are in. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const { data } = this.parts;
    const end = Math.min(offset + length, this.bytes);
    if (data === undefined || offset >= end) return new Uint8Array(0);
    if (data.stored !== undefined) return data.stored.slice(offset, end);
    const out = new Uint8Array(end - offset);
    let at = 0;
    for (const ref of data.tree?.blocks ?? []) {
      if (at >= end) break;
      if (at + ref.size > offset) {
        const block = await this.context.ndb.block(ref);
        out.set(block.subarray(Math.max(0, offset - at), end - at), Math.max(0, at - offset));
      }
      at += ref.size;
    }
    return out;
  }
}
