import { ID, MESSAGE_FLAG, type MapiItem } from '@pstream/mapi';
import { Bag } from './bag.js';
import { putItemBody } from './bodies.js';
import { putExtended } from './extended.js';
import { incomplete } from './faults.js';
import { flagOf, isObject, objectOf, placeOf, textOf, utcOf } from './fields.js';
import type { PlainItem } from './plain-item.js';
import { putCommon, putReminder } from './state.js';

const STATES = ['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred'];
const COMPLETED = 2;

/** A task from its JSON. As with a series of meetings, a recurrence is copied as Outlook's own blob or the item is refused. */
export const taskItem = ({ kind, itemType, item, resource }: PlainItem): MapiItem => {
  const bag = new Bag();
  const state = placeOf(STATES, textOf(resource, 'status')) ?? 0;
  const [start, due] = [utcOf(resource, 'startDateTime'), utcOf(resource, 'dueDateTime')];
  putCommon(bag, itemType, item, resource);
  putItemBody(bag, objectOf(resource, 'body'));
  bag
    .text(ID.Subject, textOf(resource, 'title'))
    .int(ID.MessageFlags, MESSAGE_FLAG.read)
    .int(['task', 0x8101], state)
    .double(['task', 0x8102], state === COMPLETED ? 1 : 0)
    .flag(['task', 0x811c], state === COMPLETED)
    .flag(['task', 0x8126], isObject(resource['recurrence']))
    .time(['task', 0x8104], start)
    .time(['task', 0x8105], due)
    .time(['common', 0x8516], start)
    .time(['common', 0x8517], due)
    .time(['task', 0x810f], utcOf(resource, 'completedDateTime'));
  putReminder(bag, utcOf(resource, 'reminderDateTime'), 0, flagOf(resource, 'isReminderOn') === true);
  putExtended(bag, item, kind, itemType);
  if (isObject(resource['recurrence']) && !bag.has(['task', 0x8116])) throw incomplete('the recurrence');
  return { properties: bag.close(), recipients: [], attachments: [], associated: false, warnings: [] };
};
