import kafkajs, { type Kafka, type Message, type Producer, type RetryOptions } from 'kafkajs';

const { Partitioners } = kafkajs;

/** A producer and what depends on it. */
type Used = { readonly producer: Promise<Producer>; atWork: number; dropped: boolean };

export type ProducingOptions = {
  readonly retry: RetryOptions;
  /** Milliseconds that the broker may wait for its replicas. */
  readonly timeoutMs: number;
};

/** Sends through an idempotent producer that lives until its first failure.
 *
 *  After a send that failed, kafkajs 2.2.4 takes the sequence numbers back, although the broker may have appended the records: a reply
 *  was lost, or one partition of the request was refused and another was not. The next records then have numbers that the broker has
 *  seen; it drops them as repeats and acknowledges them. A new producer has a new id and begins at 0. */
export class Producing {
  readonly #kafka: Kafka;
  readonly #options: ProducingOptions;
  #current: Used | undefined;

  constructor(kafka: Kafka, options: ProducingOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  /** Resolves when all replicas have the records. After a rejection they may be there or not; whoever repeats them may repeat them twice. */
  async send(topic: string, messages: Message[]): Promise<void> {
    this.#current ??= { producer: this.#begin(), atWork: 0, dropped: false };
    const used = this.#current;
    used.atWork++;
    try {
      const producer = await used.producer;
      await producer.send({ topic, messages, acks: -1, timeout: this.#options.timeoutMs });
    } catch (error) {
      used.dropped = true;
      if (this.#current === used) this.#current = undefined;
      throw error;
    } finally {
      used.atWork--;
      // Requests for other topics may still be under way: their numbers are their own.
      if (used.dropped && used.atWork === 0) disconnect(used).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    if (this.#current !== undefined) await disconnect(this.#current);
  }

  async #begin(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: this.#options.retry,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
  }
}

const disconnect = async (used: Used): Promise<void> => {
  const producer = await used.producer.catch(() => undefined);
  await producer?.disconnect();
};
