import { ID, makeTag, PT } from '@pstream/mapi';

/** The numbers of the export stream, once for reader and writer. Offsets are from the start of a record's body. */

/** Opcodes of the outer records; 11 to 17 belong to whole-mailbox moves and are named only to be refused by name. */
export const OPCODE = { Config: 1, TransferBuffer: 2, IsInterfaceOk: 3, TellPartnerVersion: 4 } as const;

/** Opcodes known from whole-mailbox moves: 11 up to and including 17. */
export const isMoveOpcode = (opcode: number): boolean => opcode >= 11 && opcode <= 17;

/** Bytes of a record's header: uint32 opcode, int32 length. */
export const RECORD_HEADER = 8;

/** Config: 8 bytes, uint32 flags, uint32 transfer method. */
export const CONFIG = { bytes: 8, flags: 0, method: 4 } as const;
/** IsInterfaceOk: 24 bytes, uint32 transfer method, GUID, uint32 flags. */
export const IS_INTERFACE_OK = { bytes: 24, method: 0, iid: 4, flags: 20 } as const;
/** TellPartnerVersion: 6 bytes, three uint16. */
export const TELL_PARTNER_VERSION = { bytes: 6, words: 3 } as const;

/** Transfer method CopyTo, the only one an item is exported with. */
export const COPY_TO = 1;
/** Interface flags that Exchange writes; never demanded of a stream. */
export const INTERFACE_FLAGS = 0x80002400;
/** IID_IMessage {00020307-0000-0000-C000-000000000046}, Windows byte order. */
export const IID_IMESSAGE = Uint8Array.of(7, 3, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46);

/** Bytes that Exchange puts into a TransferBuffer before it starts the next one. */
export const BODY_BYTES = 31680;

/** Markers that occur in an exported item. [MS-OXCFXICS] 2.2.4.1.4. */
export const MARKER = {
  NewAttach: 0x40000003,
  StartEmbed: 0x40010003,
  EndEmbed: 0x40020003,
  StartRecip: 0x40030003,
  EndToRecip: 0x40040003,
  StartMessage: 0x400c0003,
  EndMessage: 0x400d0003,
  EndAttach: 0x400e0003,
  StartFAIMsg: 0x40100003,
  FXErrorInfo: 0x40180003,
} as const;

/** Markers of folder copies and synchronization: they exist, but not in an item. */
const FOREIGN_MARKER = {
  StartTopFld: 0x40090003,
  StartSubFld: 0x400a0003,
  EndFolder: 0x400b0003,
  IncrSyncChg: 0x40120003,
  IncrSyncDel: 0x40130003,
  IncrSyncEnd: 0x40140003,
  IncrSyncMessage: 0x40150003,
  IncrSyncRead: 0x402f0003,
  IncrSyncStateBegin: 0x403a0003,
  IncrSyncStateEnd: 0x403b0003,
  IncrSyncProgressMode: 0x4074000b,
  IncrSyncProgressPerMsg: 0x4075000b,
  IncrSyncGroupInfo: 0x407b0102,
  IncrSyncChgPartial: 0x407d0003,
} as const;

const NAMES = new Map<number, string>(Object.entries({ ...MARKER, ...FOREIGN_MARKER }).map(([name, value]) => [value, name]));
const OURS = new Set<number>(Object.values(MARKER));

/** True for a value of the marker list. Ordinary properties live between them (0x401A0003, 0x40760003), so a range will not do. */
export const isMarker = (head: number): boolean => NAMES.has(head);
/** True for a marker that an item may contain. */
export const isItemMarker = (head: number): boolean => OURS.has(head);
/** The specification's name of a marker. */
export const markerName = (head: number): string => NAMES.get(head) ?? tagText(head);

/** Properties that speak to the reader instead of belonging to the item. [MS-OXCFXICS] 2.2.4.1.5. */
export const META = {
  /** Property id; its type is any string type. */
  DnPrefixId: 0x4008,
  EcWarning: 0x400f0003,
  NewFXFolder: 0x40110102,
  FXDelProp: 0x40160003,
  /** Announces Integer32 and carries a Binary, so that reading it as announced would lose the place. */
  IdsetGiven: 0x40170003,
  PartialMessage: 0x407a0003,
  GroupId: 0x407c0003,
} as const;

/** Meta-properties of folder copies and synchronization: an item that has one is no item. */
export const isForeignMeta = (head: number): boolean =>
  head === META.NewFXFolder || head === META.IdsetGiven || head === META.PartialMessage || head === META.GroupId;

/** What an FXDelProp clears. */
export const SECTION = { recipients: 0x0e12000d, attachments: 0x0e13000d } as const;

/** Tags that the codec itself looks at. */
export const TAG = {
  MessageFlags: makeTag(ID.MessageFlags, PT.Integer32),
  HasAttachments: makeTag(ID.HasAttachments, PT.Boolean),
  AttachNumber: makeTag(ID.AttachNumber, PT.Integer32),
  AttachMethod: makeTag(ID.AttachMethod, PT.Integer32),
  InternetCodepage: makeTag(ID.InternetCodepage, PT.Integer32),
  MessageCodepage: makeTag(ID.MessageCodepage, PT.Integer32),
} as const;

/** A tag or marker as people write it: 0x0037001f. */
export const tagText = (head: number): string => `0x${(head >>> 0).toString(16).padStart(8, '0')}`;
