import { itemTypeOf } from './item-types.js';

describe('the kind of an item', () => {
  it.each([
    ['IPM.Note', 'email'],
    ['IPM.Note.SMIME', 'email'],
    ['IPM.Schedule.Meeting.Request', 'email'],
    ['REPORT.IPM.Note.NDR', 'email'],
    ['IPM.TaskRequest', 'email'],
    ['IPM.Appointment', 'calendars'],
    ['ipm.appointment.Custom', 'calendars'],
    ['IPM.Contact', 'contacts'],
    ['IPM.DistList', 'contacts'],
    ['IPM.Task', 'tasks'],
    ['IPM.StickyNote', 'notes'],
    ['IPM.Activity', 'journals'],
    ['IPM.Something.Else', 'email'],
  ])('of class %s is %s', (messageClass, type) => expect(itemTypeOf(messageClass)).toBe(type));
});
