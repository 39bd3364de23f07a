import type { Message } from 'kafkajs';

type Job = {
  readonly messages: readonly Message[];
  readonly sizes: readonly number[];
  sent: number;
  done: () => void;
  failed: (error: unknown) => void;
};

// The most records of one request; keeps a request's own bookkeeping small.
const MAX_RECORDS = 5_000;

/** Sends to one topic, one request at a time: sends that come together share a request, and no request carries more than the
 *  broker takes for a partition. A send whose request fails is not continued, so the order of a key holds. */
export class TopicSender {
  private readonly request: (messages: Message[]) => Promise<void>;
  private readonly maxBytes: number;
  private jobs: Job[] = [];
  private busy = false;

  constructor(request: (messages: Message[]) => Promise<void>, maxBytes: number) {
    this.request = request;
    this.maxBytes = maxBytes;
  }

  /** Resolves when all are acknowledged. `sizes` are the bytes each message takes. */
  send(messages: readonly Message[], sizes: readonly number[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      this.jobs.push({ messages, sizes, sent: 0, done, failed });
      if (!this.busy) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.busy = true;
    await Promise.resolve();
    while (this.jobs.length > 0) {
      const taken: { readonly job: Job; readonly until: number }[] = [];
      const messages: Message[] = [];
      let bytes = 0;
      for (const job of this.jobs) {
        let until = job.sent;
        while (
          until < job.messages.length &&
          messages.length < MAX_RECORDS &&
          (messages.length === 0 || bytes + job.sizes[until]! <= this.maxBytes)
        ) {
          messages.push(job.messages[until]!);
          bytes += job.sizes[until++]!;
        }
        if (until > job.sent) taken.push({ job, until });
        if (until < job.messages.length) break;
      }
      try {
        await this.request(messages);
        for (const { job, until } of taken) job.sent = until;
        const complete = taken.filter(({ job }) => job.sent === job.messages.length);
        this.jobs = this.jobs.slice(complete.length);
        for (const { job } of complete) job.done();
      } catch (error) {
        this.jobs = this.jobs.slice(taken.length);
        for (const { job } of taken) job.failed(error);
      }
    }
    this.busy = false;
  }
}
