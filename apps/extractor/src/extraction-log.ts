import { extractionStream, type ExtractionEvent } from '@pstream/contracts';
import { keptInMemory, streamOf, type EventStore, type Stream, type StreamKind } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { evolve } from './domain/extraction/evolve.js';
import { newExtraction, type Extraction } from './domain/extraction/state.js';

/** Passes whose states are kept. */
const KEPT = 256;

/** Folded extraction streams of the passes this worker is busy with, so that no unit folds a whole stream. */
export class ExtractionLog {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #kind: StreamKind<ExtractionEvent, Extraction> = {
    context: 'extraction',
    evolve,
    initial: newExtraction,
    kept: keptInMemory(KEPT),
  };

  constructor(store: EventStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The extraction of a pass as this worker knows it; read from the store when it is not known yet. */
  async state(passId: string): Promise<Extraction> {
    return (await this.#stream(passId).recall()).state;
  }

  /** Appends facts once per `commandId`. Another worker's facts that came first are read, and `wanted` decides on the
   *  newest state whether these are still to be appended. */
  async append(
    passId: string,
    commandId: string,
    events: readonly ExtractionEvent[],
    wanted: (state: Extraction) => boolean,
  ): Promise<Extraction> {
    const facts = { commandId, by: 'extractor', at: this.#clock.now(), events, wanted };
    return (await this.#stream(passId).appendOnce(facts)).state;
  }

  #stream(passId: string): Stream<ExtractionEvent, Extraction> {
    return streamOf(this.#store, extractionStream(passId), this.#kind);
  }
}
