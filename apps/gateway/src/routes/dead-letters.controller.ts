import { Controller, Inject } from '@nestjs/common';
import { DeadLetterDesk } from '../dead-letters/dead-letter-desk.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';

/** Records that nobody understood, and what becomes of them. */
@Controller()
export class DeadLettersController {
  constructor(@Inject(DeadLetterDesk) private readonly desk: DeadLetterDesk) {}

  @Handles('listDeadLetters')
  list(@Request() { query }: Asked<'listDeadLetters'>): Promise<Answered<'listDeadLetters'>> {
    return this.desk.list(query);
  }

  @Handles('getDeadLetter')
  show(@Request() { params: { letterId } }: Asked<'getDeadLetter'>): Promise<Answered<'getDeadLetter'>> {
    return this.desk.show(letterId);
  }

  @Handles('replayDeadLetter')
  replay(@Request() { caller, params: { letterId } }: Asked<'replayDeadLetter'>): Promise<Answered<'replayDeadLetter'>> {
    return this.desk.replay(letterId, caller.by);
  }

  @Handles('dropDeadLetter')
  drop(@Request() { caller, params: { letterId } }: Asked<'dropDeadLetter'>): Promise<Answered<'dropDeadLetter'>> {
    return this.desk.drop(letterId, caller.by);
  }
}
