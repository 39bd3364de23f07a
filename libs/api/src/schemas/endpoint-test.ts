import { CreateProject, EndpointTestStep, field, LineItem, textField } from '@pstream/contracts';
import { z } from 'zod';
import { EndpointBody } from './endpoint-bodies.js';
import { named } from './named.js';

const tried = {
  mailbox: field(
    LineItem.shape.source.optional(),
    'Of a source: whose mailbox to try. One item of it is exported and dropped. Without it, a mailbox is found and nothing of it is exported.',
    'ann@contoso.com',
  ),
  container: field(CreateProject.shape.container, 'Of a destination: the container to try; it is made where it is absent.', 'migrationwiz'),
};

export const EndpointTestBody = named(
  'TestEndpoint',
  z.strictObject(tried).meta({ description: 'What to try an endpoint with; an empty object will do.' }),
);

export const NewEndpointTestBody = named(
  'TestNewEndpoint',
  z
    .strictObject({ endpoint: EndpointBody.meta({ description: 'The endpoint as it would be added.' }), ...tried })
    .meta({ description: 'The settings of an endpoint that does not exist yet, and what to try them with.' }),
);

const step = EndpointTestStep.shape;

export const EndpointTest = named(
  'EndpointTest',
  z
    .object({
      verdict: field(z.enum(['pass', 'fail']), 'Whether an export would work as far as was tried: `fail` if any step failed.', 'fail'),
      mailbox: field(z.string().nullable(), 'Mailbox that a source was tried with; null if none.', 'ann@contoso.com'),
      steps: z
        .array(
          z.object({
            step: field(step.step, 'Position among the steps, from 1.', 1),
            name: textField('Name of the step.', 'sign in'),
            verdict: field(step.verdict, 'How the step ended.', 'fail'),
            code: field(step.code, 'Code of the cause; null if nothing is wrong.', 'entra.secret-wrong'),
            found: field(
              step.found,
              'What was found, or why the step was skipped; null if nothing can be said.',
              'One item came as 4096 bytes.',
            ),
            advice: field(step.advice, 'What to do next; null if nothing.', 'Copy the value of the secret, not its id.'),
          }),
        )
        .meta({ description: 'Every step in order. Those after a failed one are skipped.' }),
    })
    .meta({ description: 'How the test of an endpoint went.' }),
);
export type EndpointTest = z.infer<typeof EndpointTest>;
