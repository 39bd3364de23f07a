import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { DeltaTokens } from './delta-token.js';
import { foldersDelta, itemsDelta } from './delta-handlers.js';
import { exportItems, readItemIds } from './export-handler.js';
import { getFolder, getMailbox, listFolders } from './folders-handlers.js';
import { getItem, listItems, Orders } from './items-handlers.js';
import { mailboxOf } from './lookup.js';
import { getMessage, getMessageValue, listMailFolders, listMessages } from './messages-handlers.js';
import { badRequest } from './refusal.js';
import { getContact, getContactPhoto, getEvent, getTask } from './typed-handlers.js';
import { getUsageReport } from './usage-report.js';
import { listApplications } from './applications-handler.js';
import { getExchangeSettings, getMailboxSettings, getUser, listUsers } from './users-handlers.js';

/** One handler per operation. */
export class Handlers {
  readonly #tokens: DeltaTokens;
  readonly #orders = new Orders();

  constructor(private readonly context: Context) {
    this.#tokens = new DeltaTokens(context.tenant.source.tenantId);
  }

  /** Answers a call that has passed the door. Throws Refusal. */
  async answer(call: GrantedCall, itemIds: readonly string[] | undefined): Promise<Reply> {
    const { context } = this;
    switch (call.operation) {
      case 'applications':
        return listApplications(context, call);
      case 'users':
        return listUsers(context, call);
      case 'user':
        return getUser(context, call);
      case 'settings':
        return getExchangeSettings(context, call);
      case 'mailboxSettings':
        return getMailboxSettings(context, call);
      case 'usageReport':
        return getUsageReport(context);
      case 'mailbox':
        return getMailbox(context, call);
      case 'folders':
      case 'childFolders':
        return listFolders(context, call);
      case 'folder':
        return getFolder(context, call);
      case 'foldersDelta':
        return foldersDelta(context, call, this.#tokens);
      case 'items':
        return listItems(context, call, this.#orders);
      case 'item':
        return getItem(context, call);
      case 'itemsDelta':
        return itemsDelta(context, call, this.#tokens);
      case 'exportItems':
        return exportItems(context, call, itemIds ?? (await readItemIds(call)));
      case 'mailFolders':
        return listMailFolders(context, call);
      case 'messages':
        return listMessages(context, call);
      case 'message':
        return getMessage(context, call);
      case 'messageValue':
        return getMessageValue(context, call);
      case 'contact':
        return getContact(context, call);
      case 'contactPhoto':
        return getContactPhoto(context, call);
      case 'event':
        return getEvent(context, call);
      case 'task':
        return getTask(context, call);
      case 'token':
      case 'batch':
        throw badRequest('The call is not a Graph resource.');
    }
  }

  /** New mail in the folder of the call, or in the first folder that has items. */
  async arrive(call: GrantedCall, count: number): Promise<void> {
    const mailbox = mailboxOf(call);
    const named = call.params.folder === undefined ? undefined : mailbox.state.folder(call.params.folder);
    const folder = named ?? mailbox.state.folders().find((each) => each.count > 0 && each.searchOf === undefined);
    if (folder === undefined) return;
    for (let n = 0; n < count; n++) await mailbox.state.arrive(folder);
  }
}
