/** Node id types, the low five bits of a nid. [MS-PST] 2.2.2.1. */
export const NID_TYPE = {
  heap: 0x00,
  internal: 0x01,
  folder: 0x02,
  searchFolder: 0x03,
  message: 0x04,
  attachment: 0x05,
  searchUpdateQueue: 0x06,
  searchCriteria: 0x07,
  associatedMessage: 0x08,
  contentsTableIndex: 0x0a,
  receiveFolderTable: 0x0b,
  outgoingQueueTable: 0x0c,
  hierarchyTable: 0x0d,
  contentsTable: 0x0e,
  associatedTable: 0x0f,
  searchContentsTable: 0x10,
  attachmentTable: 0x11,
  recipientTable: 0x12,
  searchTableIndex: 0x13,
  ltp: 0x1f,
} as const;

/** Node ids with a fixed meaning. [MS-PST] 2.4.1. */
export const NID = {
  messageStore: 0x21,
  nameToIdMap: 0x61,
  rootFolder: 0x122,
  searchManagementQueue: 0x1e1,
  searchActivityList: 0x201,
  searchDomain: 0x261,
  hierarchyTemplate: 0x60d,
  contentsTemplate: 0x60e,
  associatedTemplate: 0x60f,
  searchContentsTemplate: 0x610,
  receiveFolderTable: 0x62b,
  outgoingQueueTable: 0x64c,
  attachmentTable: 0x671,
  recipientTable: 0x692,
  changeHistoryTable: 0x6b6,
  replicationTable: 0x6d7,
  changeTrackingTable: 0x6f8,
  replicaIdMap: 0xc01,
  spamSearchFolder: 0x2223,
  spamSearchUpdateQueue: 0x2226,
  spamSearchCriteria: 0x2227,
  spamSearchContentsTable: 0x2230,
  ipmSubtree: 0x8022,
  searchRoot: 0x8042,
  deletedItems: 0x8062,
} as const;

/** The type of a node id. [MS-PST] 2.2.2.1. */
export const nidType = (nid: number): number => nid & 0x1f;

/** The index part of a node id. [MS-PST] 2.2.2.1. */
export const nidIndex = (nid: number): number => nid >>> 5;

/** A node id of a type and an index (below 2^27). [MS-PST] 2.2.2.1. */
export const makeNid = (type: number, index: number): number => ((index << 5) | type) >>> 0;

/** The node id with the same index and another type, as a folder and its tables have. [MS-PST] 2.4.4. */
export const siblingNid = (nid: number, type: number): number => ((nid & ~0x1f) | type) >>> 0;
