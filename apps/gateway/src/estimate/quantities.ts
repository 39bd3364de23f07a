import { PST_LAYOUT } from '@pstream/platform';

/** A number that is not known exactly. */
export type Range = { readonly low: number; readonly expected: number; readonly high: number };

/** What a PST file has besides its map regions, and how large a region is: a file always ends with a whole one. */
const HEADER_BYTES = PST_LAYOUT.headerBytes;
const REGION_BYTES = PST_LAYOUT.extentBytes / 32;

/** The read-back of a PST asks for so many bytes at a time, and goes back so often; as counted on a storage account. */
const READ_BYTES = 1024 * 1024;
const READS_BACK = 4.7;
/** Requests besides these for each PST: its lease and looks at it; as counted on a storage account. */
const OTHER_PER_PART = 4;
/** Writes besides the blocks: the header's block, the blob that holds the lease, and the list that publishes the PST. */
const WRITES_PER_PART = 3;
/** The destination is tried with a small blob before a pass. */
const WRITES_PER_PASS = 1;

/** What the export of a mailbox writes and asks for. */
export type Quantities = {
  readonly pstBytes: number;
  readonly parts: number;
  readonly writes: number;
  readonly reads: number;
  readonly other: number;
};

export const NOTHING: Quantities = { pstBytes: 0, parts: 0, writes: 0, reads: 0, other: 0 };

/** How many PST bytes a mailbox of so many bytes becomes, without what each file has besides. */
export type Ratio = Range & {
  readonly from: 'measured' | 'assumed';
  /** What was measured; null where nothing was. */
  readonly sample: { readonly passes: number; readonly mailboxBytes: number; readonly pstBytes: number } | null;
};

/** Bytes of PSTs that a measurement needs: below, the last map region of each file weighs too much. */
const LEAST_SAMPLE_BYTES = 20 * REGION_BYTES;
const ASSUMED: Ratio = { low: 1, expected: 1.15, high: 1.5, from: 'assumed', sample: null };
/** How far a measured ratio may be off. */
const MEASURED_WITHIN = 0.1;

/** A pass with its PSTs: what the mailbox said of the items that it took, and the sizes of the files. */
export type Sample = { readonly listedBytes: number; readonly parts: readonly number[] };

/** The ratio as passes of the project have shown it. */
export const ratioOf = (samples: readonly Sample[]): Ratio => {
  const usable = samples.filter(({ listedBytes, parts }) => listedBytes > 0 && parts.length > 0);
  const mailboxBytes = usable.reduce((sum, one) => sum + one.listedBytes, 0);
  const pstBytes = usable.flatMap(({ parts }) => parts).reduce((sum, bytes) => sum + bytes, 0);
  // On average half a region of each file is empty.
  const content = usable
    .flatMap(({ parts }) => parts)
    .reduce((sum, bytes) => sum + Math.max(0, bytes - HEADER_BYTES - REGION_BYTES / 2), 0);
  if (pstBytes < LEAST_SAMPLE_BYTES || content === 0) return ASSUMED;
  const expected = content / mailboxBytes;
  return {
    low: expected * (1 - MEASURED_WITHIN),
    expected,
    high: expected * (1 + MEASURED_WITHIN),
    from: 'measured',
    sample: { passes: usable.length, mailboxBytes, pstBytes },
  };
};

/** What a mailbox of so many bytes becomes. */
export const quantitiesOf = (mailboxBytes: number, ratio: number, partBytes: number): Quantities => {
  const content = mailboxBytes * ratio;
  const room = Math.max(REGION_BYTES, partBytes - HEADER_BYTES - REGION_BYTES);
  const parts = Math.max(1, Math.ceil(content / room));
  let sum = { ...NOTHING, parts, writes: WRITES_PER_PASS };
  for (let n = 0, left = content; n < parts; n++, left -= room) {
    const regions = Math.max(1, Math.ceil(Math.min(left, room) / REGION_BYTES));
    const bytes = HEADER_BYTES + regions * REGION_BYTES;
    sum = {
      ...sum,
      pstBytes: sum.pstBytes + bytes,
      writes: sum.writes + Math.ceil((regions * REGION_BYTES) / PST_LAYOUT.extentBytes) + WRITES_PER_PART,
      reads: sum.reads + Math.ceil(bytes / READ_BYTES) + READS_BACK,
      other: sum.other + OTHER_PER_PART,
    };
  }
  return sum;
};

/** The sum of both. */
export const plus = (a: Quantities, b: Quantities): Quantities => ({
  pstBytes: a.pstBytes + b.pstBytes,
  parts: a.parts + b.parts,
  writes: a.writes + b.writes,
  reads: a.reads + b.reads,
  other: a.other + b.other,
});
