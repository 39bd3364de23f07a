import type { Operation } from '../fault-script.js';
import type { Call } from './call.js';
import { accessDenied, Refusal } from './refusal.js';
import type { Grant } from './tokens.js';

const DIRECTORY = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'];
const APPLICATIONS = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'];
const FOLDER = ['MailboxFolder.Read.All', 'MailboxFolder.ReadWrite.All'];
const ITEM = ['MailboxItem.Read.All', 'MailboxItem.ReadWrite.All'];
const MAIL = ['Mail.Read', 'Mail.ReadWrite'];

// Any one of the permissions is enough.
const NEEDED: Readonly<Record<Operation, readonly string[]>> = {
  token: [],
  batch: [],
  applications: APPLICATIONS,
  users: DIRECTORY,
  user: DIRECTORY,
  settings: DIRECTORY,
  usageReport: ['Reports.Read.All'],
  mailboxSettings: ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'],
  mailbox: FOLDER,
  folders: FOLDER,
  childFolders: FOLDER,
  folder: FOLDER,
  foldersDelta: FOLDER,
  items: ITEM,
  item: ITEM,
  itemsDelta: ITEM,
  exportItems: ['MailboxItem.Export.All', 'MailboxItem.ImportExport.All'],
  mailFolders: [...MAIL, 'Mail.ReadBasic.All'],
  messages: [...MAIL, 'Mail.ReadBasic.All'],
  message: [...MAIL, 'Mail.ReadBasic.All'],
  messageValue: MAIL,
  contact: ['Contacts.Read', 'Contacts.ReadWrite'],
  contactPhoto: ['Contacts.Read', 'Contacts.ReadWrite'],
  event: ['Calendars.Read', 'Calendars.ReadWrite'],
  task: ['Tasks.Read.All', 'Tasks.ReadWrite.All'],
};

/** Refuses a call that its grant does not cover: directory calls and mailbox calls have different words for it. */
export const checkPermission = (call: Call, grant: Grant): void => {
  const needed = NEEDED[call.operation];
  if (needed.length === 0 || needed.some((role) => grant.roles.has(role))) return;
  if (needed === DIRECTORY || needed === APPLICATIONS)
    throw new Refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  throw accessDenied();
};
