import { countField, field, idField, PauseReason, textField, timeField, timeOrNullField } from '@pstream/contracts';
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

export const PlanBody = named(
  'ChangePlan',
  z
    .strictObject({
      paused: field(
        z
          .strictObject({ reason: field(PauseReason, 'Why; it is shown where mailboxes wait.', 'The storage account is moved.') })
          .nullable()
          .optional(),
        'While paused, no mailbox is begun, and those at work are finished; null has them go on.',
        { reason: 'The storage account is moved.' },
      ),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

const ProjectPlan = named(
  'ProjectPlan',
  z.object({
    projectId: idField('project', 'Id of the project.'),
    name: textField('Name of the project.', 'Leavers'),
    paused: field(paused, 'Why no mailbox of it is begun, whatever holds for all; null if it is not paused.', null),
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
