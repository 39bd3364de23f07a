import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import type { SecretStore } from '@pstream/secrets';
import { serviceController, Subscribe } from '@pstream/transport';
import { SECRETS } from '@pstream/wiring';
import { addSubscription, editNoticeTemplate, editSubscription, removeSubscription } from './commands/handlers.js';
import { NOTIFIER, type Notifier } from './ports.js';
import { previewNotice } from './process/preview-notice.js';
import { sendTest } from './process/send-test.js';

/** The message door of the notifier. */
export const NotifierController = serviceController<'notifier', Notifier>('notifier', NOTIFIER, {
  commands: {
    AddSubscription: ({ ports }, meta, body) => addSubscription(ports, meta, body),
    EditSubscription: ({ ports }, meta, body) => editSubscription(ports, meta, body),
    RemoveSubscription: ({ ports }, meta, body) => removeSubscription(ports, meta, body),
    EditNoticeTemplate: ({ ports }, meta, body) => editNoticeTemplate(ports, meta, body),
  },
  queries: {
    PreviewNotice: ({ ports }, body) => previewNotice(ports, body),
    SendTest: ({ ports, outboxes }, body) => sendTest(ports, outboxes, body),
  },
});

/** Hears of what notices are about. */
@Controller()
export class CollectorController {
  constructor(
    @Inject(NOTIFIER) private readonly notifier: Notifier,
    @Inject(SECRETS) private readonly secrets: SecretStore,
  ) {}

  @Subscribe(eventTopic('projects'), { group: 'notifier.passes.v1' })
  async projects(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    await this.notifier.collector.onEvent(event);
  }

  @Subscribe(eventTopic('licensing'), { group: 'notifier.licences.v1' })
  async licensing(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    await this.notifier.collector.onEvent(event);
  }

  @Subscribe(eventTopic('credentials'), { group: 'notifier.app-secrets.v1' })
  async credentials(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    await this.notifier.appSecrets.onEvent(event);
  }

  /** The sealed address of a subscription goes with it. */
  @Subscribe(eventTopic('notices'), { group: 'notifier.secrets.v1' })
  async notices(@Payload() { type, data }: RecordedEvent<PublishedEvent>): Promise<void> {
    if (type === 'SubscriptionRemoved' && data.ref !== undefined) await this.secrets.delete(data.ref);
  }
}
