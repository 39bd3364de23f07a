import { ID } from '@pstream/mapi';

/** What a default folder is in a store. */
export type DefaultFolder = {
  /** Container class where the source names none. [MS-OXOSFLD] 2.2.1. */
  readonly containerClass: string;
  /** Property of root folder and Inbox that holds its entry id. [MS-OXOSFLD] 2.2.3. */
  readonly folderProperty?: number;
  /** Its place in PidTagAdditionalRenEntryIds of root folder and Inbox. [MS-OXOSFLD] 2.2.4. */
  readonly listIndex?: number;
  /** Property of the message store that holds its entry id, and its bit in PidTagValidFolderMask. [MS-PST] 2.4.3.1. */
  readonly storeProperty?: number;
  readonly validBit?: number;
};

const MAIL = 'IPF.Note';

/** Default folders by their well-known names in Microsoft Graph; others are ordinary mail folders. */
const DEFAULT_FOLDERS: ReadonlyMap<string, DefaultFolder> = new Map<string, DefaultFolder>([
  ['inbox', { containerClass: MAIL }],
  ['outbox', { containerClass: MAIL, storeProperty: ID.IpmOutboxEntryId, validBit: 0x04 }],
  ['deleteditems', { containerClass: MAIL }],
  ['sentitems', { containerClass: MAIL, storeProperty: ID.IpmSentMailEntryId, validBit: 0x10 }],
  ['calendar', { containerClass: 'IPF.Appointment', folderProperty: ID.IpmAppointmentEntryId }],
  ['contacts', { containerClass: 'IPF.Contact', folderProperty: ID.IpmContactEntryId }],
  ['journal', { containerClass: 'IPF.Journal', folderProperty: ID.IpmJournalEntryId }],
  ['notes', { containerClass: 'IPF.StickyNote', folderProperty: ID.IpmNoteEntryId }],
  ['tasks', { containerClass: 'IPF.Task', folderProperty: ID.IpmTaskEntryId }],
  ['drafts', { containerClass: MAIL, folderProperty: ID.IpmDraftsEntryId }],
  ['conflicts', { containerClass: MAIL, listIndex: 0 }],
  ['syncissues', { containerClass: MAIL, listIndex: 1 }],
  ['localfailures', { containerClass: MAIL, listIndex: 2 }],
  ['serverfailures', { containerClass: MAIL, listIndex: 3 }],
  ['junkemail', { containerClass: MAIL, listIndex: 4 }],
]);

/** The default folder of a well-known name, or undefined. */
export const defaultFolder = (wellKnownName: string | undefined): DefaultFolder | undefined =>
  wellKnownName === undefined ? undefined : DEFAULT_FOLDERS.get(wellKnownName.toLowerCase());

/** Length of PidTagAdditionalRenEntryIds; folders that are not there leave an empty value. */
export const LISTED_FOLDERS = 5;

/** Container class of a folder that comes without one. */
export const defaultClass = (wellKnownName: string | undefined): string => defaultFolder(wellKnownName)?.containerClass ?? MAIL;
