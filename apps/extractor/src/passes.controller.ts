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

/** Puts the first unit of work on the topic when a pass gets its place, to start or to go on, and when it is to stop. */
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
    case 'PassAdmitted': {
      const { attempt } = event.data;
      return attempt === 1 ? { kind: 'plan', ...refsOf(event.data) } : { kind: 'continue', ...refsOf(event.data), attempt };
    }
    case 'PassStopRequested':
      return { kind: 'pause', ...refsOf(event.data), attempt: event.data.attempt };
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
