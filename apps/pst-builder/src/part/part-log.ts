import { partStream, type PartRefs } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { deriveId, Fault, isFault, type Clock } from '@pstream/kernel';
import { decide, type PartCommand } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { noPart, type Part } from './domain/state.js';

/** Reads and decides parts on their streams; the version read is the one expected, so two owners cannot both win. */
export class PartLog {
  readonly #store: EventStore;
  readonly #clock: Clock;

  constructor(store: EventStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async read(partId: string): Promise<Part> {
    return (await this.#store.read(partStream(partId))).reduce(evolve, noPart);
  }

  /** Takes a part over (opening it if need be) and returns it with the epoch won. */
  takeOver(refs: PartRefs, part: { readonly name: string; readonly container: string; readonly ordinal: number }): Promise<Part> {
    return this.#execute({ type: 'TakeOver', refs, ...part, at: this.#clock.now() }, (now) => ('epoch' in now ? now.epoch : 0));
  }

  intendSeal(command: Omit<Extract<PartCommand, { type: 'IntendSeal' }>, 'type' | 'at'>): Promise<Part> {
    return this.#execute({ type: 'IntendSeal', ...command, at: this.#clock.now() }, () => command.epoch);
  }

  recordSealed(refs: PartRefs, etag: string, location: string): Promise<Part> {
    return this.#execute({ type: 'RecordSealed', refs, etag, location, at: this.#clock.now() }, () => 0);
  }

  recordVerified(refs: PartRefs, sha256: string): Promise<Part> {
    return this.#execute({ type: 'RecordVerified', refs, sha256, at: this.#clock.now() }, () => 0);
  }

  /** Gives up a part that can never be published. */
  abandon(refs: PartRefs, epoch: number, reason: string): Promise<Part> {
    return this.#execute({ type: 'Abandon', refs, epoch, reason, at: this.#clock.now() }, () => epoch);
  }

  /** A repeated append after a lost reply has the same command id and gets the same answer. */
  async #execute(command: PartCommand, seen: (part: Part) => number): Promise<Part> {
    for (let tries = 0; ; tries++) {
      const part = await this.read(command.refs.partId);
      const decision = decide(command, part);
      if (!decision.accepted)
        throw new Fault(decision.rejection.code, { retry: 'now', facts: { ...decision.rejection.facts, partId: command.refs.partId } });
      if (decision.events.length === 0) return part;
      try {
        await this.#store.append({
          context: 'build',
          stream: partStream(command.refs.partId),
          expectedVersion: part.version,
          events: decision.events,
          at: command.at,
          metadata: { commandId: deriveId('part', command.refs.partId, command.type, seen(part), part.version), by: 'pst-builder' },
        });
        return decision.events.reduce(evolve, part);
      } catch (error) {
        if (!isFault(error) || error.code !== 'event-store.version-conflict' || tries >= 5) throw error;
      }
    }
  }
}
