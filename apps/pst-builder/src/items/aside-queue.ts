import { Fault } from '@pstream/kernel';
import type { PassRefs } from '@pstream/contracts';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { namesAside, readAside, setAside, type FeedRecord } from './set-aside.js';

/** What of a pass leaves the log unbuilt: records that wait to be stored, and the blobs of those that are. */
export class AsideQueue {
  readonly #ports: BuilderPorts;
  readonly #pass: Pick<PassRefs, 'mailboxJobId' | 'passId'>;
  readonly #partition: number;
  #records: FeedRecord[] = [];
  #storing: Promise<void> = Promise.resolve();
  #stored = 0;

  constructor(ports: BuilderPorts, pass: Pick<PassRefs, 'mailboxJobId' | 'passId'>, partition: number) {
    this.#ports = ports;
    this.#pass = pass;
    this.#partition = partition;
  }

  /** Offset of the first record that is not stored; undefined if all are. */
  get first(): bigint | undefined {
    return this.#records[0]?.offset;
  }

  /** How often records have been stored: a list of names from before is not the whole. */
  get stored(): number {
    return this.#stored;
  }

  /** Adds a record behind those that are there. */
  push(record: FeedRecord): void {
    this.#records.push(record);
  }

  /** Adds records ahead of those that are there. */
  unshift(records: readonly FeedRecord[]): void {
    this.#records.unshift(...records);
  }

  /** Forgets what is not stored: it comes again, or is wanted no longer. */
  clear(): void {
    this.#records = [];
  }

  /** Stores what waits, under the attempt that could not take it. Faults as of the working storage; nothing is lost by one. */
  store(attempt: number): Promise<void> {
    this.#storing = this.#storing
      .catch(() => undefined)
      .then(async () => {
        const records = [...this.#records];
        if (records.length === 0) return;
        await setAside(this.#ports.work, { ...this.#pass, attempt, partition: this.#partition }, records);
        this.#stored++;
        // After a rewind they are others, and come again.
        if (this.#records[0] === records[0]) this.#records.splice(0, records.length);
      });
    return this.#storing;
  }

  /** Names of the blobs, in the order in which they are to be built. */
  names(): Promise<readonly string[]> {
    return namesAside(this.#ports.work, this.#pass);
  }

  /** The records of a blob; none if it is damaged or gone, which is reported. */
  async read(name: string): Promise<readonly FeedRecord[]> {
    const records = await readAside(this.#ports.work, name);
    if (records === undefined) this.#ports.uncleared(new Fault('aside.damaged', { retry: 'never', facts: { key: name } }));
    return records ?? [];
  }

  /** Removes blobs that are built. */
  delete(names: Iterable<string>): Promise<void> {
    return this.#ports.work.delete([...names]);
  }
}
