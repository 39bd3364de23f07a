import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { LogContext, serviceController, Subscribe } from '@pstream/transport';
import { testEndpoint, type EndpointTestPorts } from './endpoint-test.js';
import { verify, type VerificationPorts } from './verification.js';

/** Name under which the module hands the ports to the controller. */
export const VERIFICATION_PORTS = Symbol('VerificationPorts');

/** Name under which the module hands the ports of endpoint tests to their controller. */
export const ENDPOINT_TEST_PORTS = Symbol('EndpointTestPorts');

/** Verifications under way at once, over all mailboxes. */
const AT_ONCE = 16;

/** Tries endpoints when it is asked to. */
export const EndpointTestController = serviceController<'credentials', EndpointTestPorts>('credentials', ENDPOINT_TEST_PORTS, {
  commands: {},
  queries: { TestEndpoint: testEndpoint },
});

/** Verifies a mailbox when a Verify Credentials pass starts. */
@Controller()
export class CredentialsController {
  readonly #ports: VerificationPorts;

  constructor(@Inject(VERIFICATION_PORTS) ports: VerificationPorts) {
    this.#ports = ports;
  }

  @Subscribe(eventTopic('projects'), { group: 'credentials.verify.v1', concurrency: AT_ONCE })
  async heard(@Payload() event: RecordedEvent<PublishedEvent>, @Ctx() context: LogContext): Promise<void> {
    if (event.type !== 'PassStarted' || event.data.kind !== 'verify') return;
    const { workgroupId, customerId, projectId, mailboxJobId, passId, settings } = event.data;
    await verify(this.#ports, { workgroupId, customerId, projectId, mailboxJobId, passId }, settings, context.signal);
  }
}
