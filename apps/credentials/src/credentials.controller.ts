import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { eventTopic, mailboxJobStream, passControl, type PassControl, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { LogContext, serviceController, Subscribe } from '@pstream/transport';
import { testEndpoint, type EndpointTestPorts } from './endpoint-test.js';
import type { MailboxSizesReader } from './mailbox-sizes.js';
import { verify, type VerificationPorts } from './verification.js';

/** Name under which the module hands the ports to the controller. */
export const VERIFICATION_PORTS = Symbol('VerificationPorts');

/** Name under which the module hands the ports of endpoint tests to their controller. */
export const ENDPOINT_TEST_PORTS = Symbol('EndpointTestPorts');

/** Verifications under way at once, over all mailboxes. */
const AT_ONCE = 16;

/** What questions about endpoints are answered with. */
export type EndpointPorts = EndpointTestPorts & { readonly sizes: MailboxSizesReader };

/** Tries endpoints when it is asked to, and says how large their mailboxes are. */
export const EndpointTestController = serviceController<'credentials', EndpointPorts>('credentials', ENDPOINT_TEST_PORTS, {
  commands: {},
  queries: { TestEndpoint: testEndpoint, MailboxSizes: ({ sizes }, query) => sizes.read(query) },
});

/** Verifies a mailbox when a Verify Credentials pass starts. */
@Controller()
export class CredentialsController {
  readonly #ports: VerificationPorts;

  constructor(@Inject(VERIFICATION_PORTS) ports: VerificationPorts) {
    this.#ports = ports;
  }

  /** A pass that begins with an event; one that was submitted for a time begins when that has come. */
  async #begun(event: RecordedEvent<PublishedEvent>): Promise<Pick<PassControl, 'refs' | 'kind' | 'settings'> | undefined> {
    if (event.type === 'PassStarted' && event.data.startAt === undefined) {
      const { workgroupId, customerId, projectId, mailboxJobId, passId, kind, settings } = event.data;
      return { refs: { workgroupId, customerId, projectId, mailboxJobId, passId }, kind, settings };
    }
    if (event.type !== 'PassDue') return undefined;
    const { mailboxJobId, passId } = event.data;
    return passControl(await this.#ports.store.read(mailboxJobStream(mailboxJobId)), passId);
  }

  @Subscribe(eventTopic('projects'), { group: 'credentials.verify.v1', concurrency: AT_ONCE })
  async heard(@Payload() event: RecordedEvent<PublishedEvent>, @Ctx() context: LogContext): Promise<void> {
    const pass = await this.#begun(event);
    if (pass?.kind === 'verify') await verify(this.#ports, pass.refs, pass.settings, context.signal);
  }
}
