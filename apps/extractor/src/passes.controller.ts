import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  eventTopic,
  WORK_TOPIC,
  workRecord,
  type PassRefs,
  type PublishedEvent,
  type RecordedEvent,
  type WorkUnit,
} from '@pstream/contracts';
import { TRANSPORT } from '@pstream/wiring';
import { Subscribe, type Transport } from '@pstream/transport';

/** Puts the first unit of work on the topic when a pass starts, stops or goes on. */
@Controller()
export class PassesController {
  readonly #transport: Transport;

  constructor(@Inject(TRANSPORT) transport: Transport) {
    this.#transport = transport;
  }

  @Subscribe(eventTopic('projects'), { group: 'extractor.passes.v1' })
  async heard(@Payload() recorded: RecordedEvent<PublishedEvent>): Promise<void> {
    const unit = firstUnit(recorded);
    if (unit !== undefined) await this.#transport.send(WORK_TOPIC, [workRecord(unit)]);
  }
}

/** What a mailbox job's event asks of the extractors. */
const firstUnit = (event: PublishedEvent): WorkUnit | undefined => {
  switch (event.type) {
    case 'PassStarted':
      return event.data.kind === 'verify' ? undefined : { kind: 'plan', ...refsOf(event.data) };
    case 'PassStopRequested':
      return { kind: 'pause', ...refsOf(event.data), attempt: event.data.attempt };
    case 'PassResumed':
      return { kind: 'continue', ...refsOf(event.data), attempt: event.data.attempt };
    default:
      return undefined;
  }
};

const refsOf = ({ workgroupId, customerId, projectId, mailboxJobId, passId }: PassRefs): PassRefs => ({
  workgroupId,
  customerId,
  projectId,
  mailboxJobId,
  passId,
});
