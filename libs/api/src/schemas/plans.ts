import {
  countField,
  field,
  idField,
  MaxMailboxes,
  PauseReason,
  PlanWindow,
  textField,
  timeField,
  timeOrNullField,
} from '@pstream/contracts';
import { z } from 'zod';
import { hasChange, NO_CHANGE } from './bodies.js';
import { named } from './named.js';
import { pageOf } from './page.js';

const Paused = z.object({
  reason: textField('Why.', 'The storage account is moved.'),
  by: textField('Who paused it.', 'agent-1'),
  since: timeField('Since when.'),
});
const paused = Paused.nullable();

const hours = PlanWindow.shape;
const window = z
  .strictObject({
    from: field(hours.from, 'Time of day at which it opens.', '20:00'),
    to: field(hours.to, 'Time of day at which it closes: of the next day if it is before `from`; a whole day if it is the same.', '06:00'),
    zone: field(hours.zone, 'Time zone of the IANA list.', 'Europe/Berlin'),
    days: field(hours.days, 'Days on which it opens.', ['mon', 'fri']),
  })
  .meta({ description: 'Days, and times of day of a zone; it follows the clocks.' });
const nightly: PlanWindow = { from: '20:00', to: '06:00', zone: 'Europe/Berlin', days: ['mon', 'tue', 'wed', 'thu', 'fri'] };
const maxMailboxes = (what: string) =>
  field(MaxMailboxes.nullable().optional(), `Most mailboxes ${what} at work at once; null for no limit of its own.`, 4);

const pausedChange = {
  paused: field(
    z
      .strictObject({ reason: field(PauseReason, 'Why; it is shown where mailboxes wait.', 'The storage account is moved.') })
      .nullable()
      .optional(),
    'While paused, no mailbox is begun, and those at work are finished; null has them go on.',
    { reason: 'The storage account is moved.' },
  ),
};

export const PauseBody = named('ChangePause', z.strictObject(pausedChange).refine(hasChange, NO_CHANGE).meta({ minProperties: 1 }));

export const PlanBody = named(
  'ChangePlan',
  z
    .strictObject({
      ...pausedChange,
      maxMailboxes: maxMailboxes('of the project'),
      window: field(
        window.nullable().optional(),
        'Mailboxes are begun only within it, and those at work are finished; null for any time.',
        nightly,
      ),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

export const WorkgroupPlanBody = named(
  'ChangeWorkgroupPlan',
  z
    .strictObject({ maxMailboxes: maxMailboxes('of the workgroup') })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

export const EndpointPlanBody = named(
  'ChangeEndpointPlan',
  z
    .strictObject({ maxMailboxes: maxMailboxes('through the endpoint') })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

export const ProjectPlan = named(
  'ProjectPlan',
  z.object({
    projectId: idField('project', 'Id of the project.'),
    name: textField('Name of the project.', 'Leavers'),
    paused: field(paused, 'Why no mailbox of it is begun, whatever holds for all; null if it is not paused.', null),
    heldBy: field(
      z.enum(['plan.paused', 'plan.project-paused', 'plan.outside-window']).nullable(),
      'Why no mailbox of it is begun now: a pause of all, its own, or its window. Null if they are begun as places become free.',
      null,
    ),
    opensAt: timeOrNullField('When its window opens; null unless only that is waited for.'),
    maxMailboxes: field(MaxMailboxes.nullable(), 'Most mailboxes at work at once; null if the project has no limit of its own.', 4),
    endpointLimit: field(
      MaxMailboxes.nullable(),
      'Most mailboxes at work at once through the endpoint that the project reads from, over all projects of the customer; null for no limit of its own.',
      null,
    ),
    window: field(window.nullable(), 'When mailboxes are begun; null for any time.', nightly),
    running: countField('Mailboxes at work.', 4),
    waiting: countField('Mailboxes that wait for their turn.', 120),
    submitted: countField('Mailboxes that wait for the time for which they were submitted.', 30),
    nextAt: timeOrNullField('When the next of these begins; null if there is none.'),
  }),
);

export const Plans = named(
  'Plans',
  pageOf(ProjectPlan, 'Projects').extend({
    paused: field(paused, 'Why nothing is begun in any project; null if all go on.', null),
  }),
);
