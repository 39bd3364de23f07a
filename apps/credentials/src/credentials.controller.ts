import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { LogContext, Subscribe } from '@pstream/transport';
import { verify, type VerificationPorts } from './verification.js';

/** Name under which the module hands the ports to the controller. */
export const VERIFICATION_PORTS = Symbol('VerificationPorts');

/** Verifications under way at once, over all mailboxes. */
const AT_ONCE = 16;

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
