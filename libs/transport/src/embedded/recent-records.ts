import type { LogRecord } from '../transport.js';

/** Counted for every record beside its value. */
const RECORD_OVERHEAD_BYTES = 512;

type Run = { readonly first: bigint; readonly records: readonly LogRecord[]; readonly bytes: number };

/** Records that have just been appended, of all partitions together at most `limitBytes`; the oldest make room. A consumer that keeps up
 *  is served from here and the database is not read at all. */
export class RecentRecords {
  readonly #limitBytes: number;
  readonly #runs = new Map<number, Run[]>();
  readonly #order: number[] = [];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes records of a partition that follow those before; `bytes` is what their values keep in memory. */
  add(partition: number, records: readonly LogRecord[], bytes: number): void {
    const [first] = records;
    if (first === undefined) return;
    const run: Run = { first: first.offset, records, bytes: bytes + records.length * RECORD_OVERHEAD_BYTES };
    const runs = this.#runs.get(partition);
    if (runs === undefined) this.#runs.set(partition, [run]);
    else runs.push(run);
    this.#order.push(partition);
    this.#bytes += run.bytes;
    while (this.#bytes > this.#limitBytes) this.#bytes -= this.#runs.get(this.#order.shift() ?? -1)?.shift()?.bytes ?? 0;
  }

  /** Records from an offset on, at least one and as many as fit into `maxBytes`; undefined if the first is not here. */
  read(partition: number, offset: bigint, maxBytes: number): readonly LogRecord[] | undefined {
    const runs = this.#runs.get(partition);
    // From the end: a consumer that keeps up wants what came last.
    const begin = runs?.findLastIndex(({ first, records }) => first <= offset && offset < first + BigInt(records.length)) ?? -1;
    if (runs === undefined || begin < 0) return undefined;
    const found: LogRecord[] = [];
    let bytes = 0;
    for (let run = begin; run < runs.length; run++) {
      const { first, records } = runs[run]!;
      if (first > offset + BigInt(found.length)) break;
      for (let at = found.length === 0 ? Number(offset - first) : 0; at < records.length; at++) {
        const record = records[at]!;
        if (found.length > 0 && bytes + record.value.length > maxBytes) return found;
        found.push(record);
        bytes += record.value.length;
      }
    }
    return found;
  }
}
