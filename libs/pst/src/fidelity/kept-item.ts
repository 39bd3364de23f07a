import type { KeptBag } from './bag.js';

/** An attachment as the PST keeps it. PidTagAttachDataObject is among the properties:
 *  the bytes of an OLE object, or empty in front of an embedded message. */
export type KeptAttachment = { readonly bag: KeptBag; readonly embedded: KeptItem | undefined };

/** An item as the PST keeps it: dropped properties gone, computed and mandatory ones in place, sizes excepted. */
export type KeptItem = {
  readonly bag: KeptBag;
  readonly recipients: readonly KeptBag[];
  readonly attachments: readonly KeptAttachment[];
  readonly associated: boolean;
};
