import { ID } from '@pstream/mapi';
import { isoTime, type Bag } from './bag.js';
import { placeOf, textOf, textsOf } from './fields.js';
import type { JsonObject } from './plain-item.js';

/** What mailboxItem and every typed resource say alike: class, times, categories, importance. */
export const putCommon = (bag: Bag, itemType: string, item: JsonObject, resource: JsonObject): void => {
  const categories = textsOf(item, 'categories');
  bag
    .text(ID.MessageClass, itemType)
    .time(ID.CreationTime, firstTime(item, resource, 'createdDateTime'))
    .time(ID.LastModificationTime, firstTime(item, resource, 'lastModifiedDateTime'))
    .texts(['publicStrings', 'Keywords'], categories.length > 0 ? categories : textsOf(resource, 'categories'))
    .int(ID.Importance, placeOf(['low', 'normal', 'high'], textOf(resource, 'importance')))
    .int(ID.Sensitivity, placeOf(['normal', 'personal', 'private', 'confidential'], textOf(resource, 'sensitivity')));
};

const firstTime = (item: JsonObject, resource: JsonObject, name: string): string | undefined =>
  isoTime(textOf(item, name)) ?? isoTime(textOf(resource, name));

/** A reminder: when it is for, and how many minutes before it comes ([MS-OXORMDR] 2.2). */
export const putReminder = (bag: Bag, forIso: string | null, minutesBefore: number, isOn: boolean): void => {
  bag.flag(['common', 0x8503], isOn);
  if (!isOn || forIso === null) return;
  bag.int(['common', 0x8501], minutesBefore).time(['common', 0x8502], forIso);
  const due = bag.timeOf(['common', 0x8502]);
  const signal = due === undefined ? Number.NaN : Date.parse(due) - minutesBefore * 60_000;
  if (!Number.isNaN(new Date(signal).getTime())) bag.time(['common', 0x8560], new Date(signal).toISOString());
};
