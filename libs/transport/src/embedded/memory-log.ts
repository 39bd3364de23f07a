import type { LogRecord } from '../transport.js';
import type { Log, Prepared, ReadBatch } from './log.js';

/** A partition of a volatile topic: at most `limitBytes` of values in memory; the oldest records make room. */
export class MemoryLog implements Log {
  start = 0n;
  private readonly topic: string;
  private readonly partition: number;
  private readonly limitBytes: number;
  private records: LogRecord[] = [];
  private bytes = 0;
  private readonly listeners = new Set<() => void>();

  constructor(topic: string, partition: number, limitBytes: number) {
    this.topic = topic;
    this.partition = partition;
    this.limitBytes = limitBytes;
  }

  get end(): bigint {
    return this.start + BigInt(this.records.length);
  }

  append(records: readonly Prepared[]): Promise<void> {
    for (const { headers, key, value } of records) {
      this.records.push({
        topic: this.topic,
        partition: this.partition,
        offset: this.end,
        key,
        headers,
        value: Uint8Array.from(value),
      });
      this.bytes += value.length;
    }
    let drop = 0;
    let left = this.bytes;
    while (left > this.limitBytes && drop < this.records.length - 1) left -= this.records[drop++]!.value.length;
    this.drop(drop);
    for (const listener of this.listeners) listener();
    return Promise.resolve();
  }

  read(from: bigint, maxBytes: number): Promise<ReadBatch> {
    const at = from > this.start ? Number(from - this.start) : 0;
    let until = at;
    let bytes = 0;
    while (until < this.records.length && (until === at || bytes + this.records[until]!.value.length <= maxBytes))
      bytes += this.records[until++]!.value.length;
    const records = this.records.slice(at, until);
    return Promise.resolve({ records, next: this.start + BigInt(until) });
  }

  trim(before: bigint): Promise<void> {
    if (before > this.start) this.drop(Math.min(Number(before - this.start), this.records.length));
    return Promise.resolve();
  }

  bytesFrom(offset: bigint): Promise<number> {
    const at = offset > this.start ? Number(offset - this.start) : 0;
    let bytes = 0;
    for (let i = at; i < this.records.length; i++) bytes += this.records[i]!.value.length;
    return Promise.resolve(bytes);
  }

  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private drop(count: number): void {
    if (count === 0) return;
    for (const { value } of this.records.splice(0, count)) this.bytes -= value.length;
    this.start += BigInt(count);
  }
}
