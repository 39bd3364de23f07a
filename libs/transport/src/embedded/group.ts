import type { PartitionHandler, Subscription } from '../transport.js';
import { spread } from '../spread.js';
import { Delivery, type DeliveryOptions } from './delivery.js';

/** A subscription as its group sees it. */
export type Member = { readonly topics: readonly string[]; readonly handler: PartitionHandler; readonly maxBatchBytes: number };

/** What a group learns about a partition when it hands it to a member. */
export type PartitionSource = (
  topic: string,
  partition: number,
) => Pick<DeliveryOptions, 'clock' | 'log' | 'committed' | 'begin' | 'commit' | 'damaged'>;

type Owned = { readonly member: Member; readonly delivery: Delivery };

/** The subscriptions of one group in this process; each partition of a topic belongs to one of them. */
export class Group {
  private readonly name: string;
  private readonly source: PartitionSource;
  private readonly partitionsOf: (topic: string) => number;
  private readonly members: Member[] = [];
  private readonly owned = new Map<string, Map<number, Owned>>();
  private changing: Promise<void> = Promise.resolve();

  constructor(name: string, partitionsOf: (topic: string) => number, source: PartitionSource) {
    this.name = name;
    this.partitionsOf = partitionsOf;
    this.source = source;
  }

  /** True if a member reads the topic. */
  reads(topic: string): boolean {
    return this.members.some(({ topics }) => topics.includes(topic));
  }

  /** Adds a member; it gets its share as soon as those who had it let go. */
  join(member: Member): Subscription {
    this.members.push(member);
    void this.change();
    return { close: () => this.leave(member) };
  }

  /** Closes every subscription. */
  async close(): Promise<void> {
    await Promise.all([...this.members].map((member) => this.leave(member)));
    await this.changing;
  }

  private async leave(member: Member): Promise<void> {
    const at = this.members.indexOf(member);
    if (at >= 0) this.members.splice(at, 1);
    await this.change();
  }

  private change(): Promise<void> {
    this.changing = this.changing.then(() => this.rebalance());
    return this.changing;
  }

  private async rebalance(): Promise<void> {
    const topics = new Set([...this.owned.keys(), ...this.members.flatMap((member) => member.topics)]);
    const starting: { topic: string; partition: number; member: Member }[] = [];
    const stopping: Promise<void>[] = [];
    for (const topic of topics) {
      const members = this.members.filter((member) => member.topics.includes(topic));
      const owned = this.owned.get(topic) ?? new Map<number, Owned>();
      this.owned.set(topic, owned);
      const owners = new Map(
        [...owned].map(([partition, { member }]) => [partition, members.indexOf(member)] as const).filter(([, index]) => index >= 0),
      );
      const target = spread(this.partitionsOf(topic), members.length, owners);
      for (const [partition, { member, delivery }] of owned) {
        const next = target.get(partition);
        if (next !== undefined && members[next] === member) continue;
        owned.delete(partition);
        stopping.push(delivery.stop());
      }
      for (const [partition, index] of target) if (!owned.has(partition)) starting.push({ topic, partition, member: members[index]! });
    }
    await Promise.all(stopping);
    for (const { topic, partition, member } of starting) {
      // Somebody who left in the meantime gets nothing; the change that follows gives it to the others.
      if (!this.members.includes(member)) continue;
      const delivery = new Delivery({
        ...this.source(topic, partition),
        topic,
        partition,
        group: this.name,
        handler: member.handler,
        maxBatchBytes: member.maxBatchBytes,
        failed: (error) => void this.fail(member, error),
      });
      this.owned.get(topic)!.set(partition, { member, delivery });
    }
  }

  private async fail(member: Member, error: unknown): Promise<void> {
    if (!this.members.includes(member)) return;
    const left = this.leave(member);
    // At once, since leaving waits for handlers, and one that does not return must not hide the failure.
    member.handler.failed(error);
    await left;
  }
}
