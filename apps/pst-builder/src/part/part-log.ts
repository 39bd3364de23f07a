import { partStream, type PartEvent, type PartRefs } from '@pstream/contracts';
import { streamOf, type EventStore, type Stream, type StreamKind } from '@pstream/event-store';
import { Fault, type Clock, type Ids } from '@pstream/kernel';
import { decide, type PartCommand } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { noPart, type Part } from './domain/state.js';

const parts: StreamKind<PartEvent, Part> = { context: 'build', evolve, initial: () => noPart };

/** What a log of parts needs of the world. */
export type PartLogPorts = { readonly store: EventStore; readonly clock: Clock; readonly ids: Ids };

/** Reads and decides parts on their streams; the version read is the one expected, so two owners cannot both win. */
export class PartLog {
  readonly #ports: PartLogPorts;

  constructor(ports: PartLogPorts) {
    this.#ports = ports;
  }

  async read(partId: string): Promise<Part> {
    return (await this.#stream(partId).fold()).state;
  }

  /** Takes a part over (opening it if need be) and returns it with the epoch won. */
  takeOver(refs: PartRefs, part: { readonly name: string; readonly container: string; readonly ordinal: number }): Promise<Part> {
    return this.#execute({ type: 'TakeOver', refs, ...part, at: this.#ports.clock.now() });
  }

  intendSeal(command: Omit<Extract<PartCommand, { type: 'IntendSeal' }>, 'type' | 'at'>): Promise<Part> {
    return this.#execute({ type: 'IntendSeal', ...command, at: this.#ports.clock.now() });
  }

  recordSealed(refs: PartRefs, etag: string, location: string): Promise<Part> {
    return this.#execute({ type: 'RecordSealed', refs, etag, location, at: this.#ports.clock.now() });
  }

  recordVerified(refs: PartRefs, sha256: string): Promise<Part> {
    return this.#execute({ type: 'RecordVerified', refs, sha256, at: this.#ports.clock.now() });
  }

  /** The file is not at the destination any more: `closedBy` is the operation that closed its project, if that deleted it. */
  recordRemoved(refs: PartRefs, closedBy?: string): Promise<Part> {
    return this.#execute({ type: 'RecordRemoved', refs, closedBy, at: this.#ports.clock.now() });
  }

  /** Gives up a part that can never be published. */
  abandon(refs: PartRefs, epoch: number, reason: string): Promise<Part> {
    return this.#execute({ type: 'Abandon', refs, epoch, reason, at: this.#ports.clock.now() });
  }

  #stream(partId: string): Stream<PartEvent, Part> {
    return streamOf(this.#ports.store, partStream(partId), parts);
  }

  /** Every command has an id of its own: two builders that take over at once must not pass for one. After a lost reply, the part is
   *  read and decided afresh. */
  async #execute(command: PartCommand): Promise<Part> {
    const { partId } = command.refs;
    const outcome = await this.#stream(partId).decide((part) => decide(command, part), {
      commandId: this.#ports.ids.ulid(),
      by: 'pst-builder',
      at: command.at,
    });
    if (outcome.accepted) return outcome.state;
    throw new Fault(outcome.rejection.code, { retry: 'now', facts: { ...outcome.rejection.facts, partId } });
  }
}
