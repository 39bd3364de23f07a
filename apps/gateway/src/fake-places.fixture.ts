import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { pattern, Places, type PlacesReply } from '@pstream/contracts';
import { Answer } from '@pstream/transport';

/** Knows mailboxes that wait, the next one first. */
@Controller()
export class FakeQueue {
  static waiting: readonly string[] = [];

  @Answer(pattern('projects', 'Places'))
  places(@Payload() message: unknown): PlacesReply {
    const { mailboxJobIds } = Places.parse(message);
    return { places: mailboxJobIds.map((id) => FakeQueue.waiting.indexOf(id) + 1 || null) };
  }
}
