import type { MapiItem } from '@pstream/mapi';
import { contactItem } from './contact.js';
import { eventItem } from './event.js';
import { messageItem } from './message.js';
import type { PlainItem } from './plain-item.js';
import { taskItem } from './task.js';

/** Makes the MAPI item of what Graph tells besides the export stream. The same input gives the same item.
 *  Faults (never): 'mime.unreadable', 'fallback.not-offered', and 'fallback.incomplete' where the item would say something else than it does;
 *  'mime.truncated' (now). */
export const toMapiItem = async (plain: PlainItem): Promise<MapiItem> => {
  switch (plain.kind) {
    case 'message':
      return messageItem(plain);
    case 'contact':
      return contactItem(plain);
    case 'event':
      return eventItem(plain);
    case 'task':
      return taskItem(plain);
  }
};
