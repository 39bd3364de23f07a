import type { LogDatabase } from './stored-log.js';

const keyOf = (group: string, topic: string, partition: number): string => JSON.stringify([group, topic, partition]);

/** Positions of all groups: those on durable topics in the database, those on volatile ones until the process ends. */
export class Positions {
  readonly #database: LogDatabase;
  readonly #positions = new Map<string, bigint>();

  private constructor(database: LogDatabase) {
    this.#database = database;
  }

  static async load(database: LogDatabase): Promise<Positions> {
    const positions = new Positions(database);
    for (const { group, topic, partition, next } of await database.call('positions', null))
      positions.#positions.set(keyOf(group, topic, partition), BigInt(next));
    return positions;
  }

  /** A group's next offset, or undefined if it never committed. */
  of(group: string, topic: string, partition: number): bigint | undefined {
    return this.#positions.get(keyOf(group, topic, partition));
  }

  async commit(group: string, topic: string, partition: number, next: bigint, durability: 'durable' | 'volatile'): Promise<void> {
    if (durability === 'durable') await this.#database.call('commit', { group, topic, partition, next: Number(next) });
    this.#positions.set(keyOf(group, topic, partition), next);
  }
}
