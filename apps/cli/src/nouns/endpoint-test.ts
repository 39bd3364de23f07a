import type { EndpointBody, EndpointTest } from '@pstream/api';
import { z } from 'zod';
import { Command, Verb, type Args } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { findCustomer, findEndpoint } from '../http/resolve.js';

export const WITH_MAILBOX = {
  mailbox: option(
    '--mailbox <address>',
    'Of a source: try it with this mailbox; one item of it is exported and dropped. Without it nothing is exported',
    z.string().optional(),
  ),
};
export const WITH_CONTAINER = {
  container: option(
    '--container <name>',
    'Of a destination: try it with this container; by default migrationwiz. It is made where it is absent',
    z.string().optional(),
  ),
};
/** Of the verbs that add an endpoint. */
export const TEST_FIRST = { test: option('--test', 'Try it first, and add it only if nothing fails', z.boolean().default(false)) };

/** What was given of them. */
export type TestOptions = Tried & { readonly test: boolean };
type Tried = { readonly mailbox?: string | undefined; readonly container?: string | undefined };

const tried = ({ mailbox, container }: Tried): Tried => ({
  ...(mailbox === undefined ? {} : { mailbox }),
  ...(container === undefined ? {} : { container }),
});

const print = (cli: Cli, test: EndpointTest): Promise<void> =>
  cli.out.list(
    test,
    test.steps,
    [
      { title: 'Step', exact: ({ step }) => step },
      { title: 'What', exact: ({ name }) => name },
      { title: 'Verdict', exact: ({ verdict }) => verdict },
      { title: 'Code', exact: ({ code }) => code },
      { title: 'Found', exact: ({ found }) => found },
      { title: 'What to do', exact: ({ advice }) => advice },
    ],
    '',
  );

/** Whether an endpoint that is to be added works; prints the test if it does not, and its warnings otherwise. */
export const testsWell = async (cli: Cli, customer: string, endpoint: EndpointBody, { test, ...given }: TestOptions): Promise<boolean> => {
  if (!test) {
    if (given.mailbox !== undefined || given.container !== undefined)
      throw usageError('--mailbox and --container are for a test. Give --test too.');
    return true;
  }
  const { customerId } = await findCustomer(cli.client(), customer);
  const done = await cli.client().testNewEndpoint({ params: { customerId }, body: { endpoint, ...tried(given) } });
  if (done.verdict === 'fail') {
    await print(cli, done);
    cli.stderr.write('The endpoint was not added, because a step failed.\n');
    return false;
  }
  for (const { name, verdict, found, advice } of done.steps)
    if (verdict === 'warn') cli.stderr.write(`${name}: ${[found, advice].filter((text) => text !== null).join(' ')}\n`);
  return true;
};

@Verb({
  name: 'test',
  about: 'Tries an endpoint step by step: sign-in, permissions and a mailbox, or a container and a probe in it (exit 1 if a step fails)',
  args: '<customer> <endpoint>',
})
export class TestEndpoint extends Command {
  static readonly options = { ...WITH_MAILBOX, ...WITH_CONTAINER };

  async execute([customer = '', endpoint = '']: Args, given: Given<typeof TestEndpoint.options>): Promise<ExitCode> {
    const { customerId } = await findCustomer(this.client, customer);
    const { endpointId } = await findEndpoint(this.client, customerId, endpoint);
    const test = await this.client.testEndpoint({ params: { customerId, endpointId }, body: tried(given) });
    await print(this.cli, test);
    return test.verdict === 'fail' ? EXIT.failed : EXIT.done;
  }
}
