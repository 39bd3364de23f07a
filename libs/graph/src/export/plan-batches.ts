/** Bounds of one export call. Graph §5.2: reports of lost items with large items in groups; the stream may be forty times `size`. */
export type BatchLimits = {
  /** Ids per call; the service takes at most 20. */
  readonly maxIds: number;
  /** Summed store size per call. */
  readonly maxBytes: number;
  /** Items of this store size and above go alone. */
  readonly aloneFrom: number;
};

/** The bounds of Graph §5.2: 20 ids, 2 MiB, from 1 MiB alone. */
export const DEFAULT_BATCH_LIMITS: BatchLimits = { maxIds: 20, maxBytes: 2 * 1024 * 1024, aloneFrom: 1024 * 1024 };

/** Groups listed items (`size` in bytes) into export calls. Every item is in exactly one batch; order is kept within a batch. */
export const planBatches = <T extends { readonly id: string; readonly size: number }>(
  items: readonly T[],
  limits: BatchLimits = DEFAULT_BATCH_LIMITS,
): T[][] => {
  const batches: T[][] = [];
  let open: T[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (open.length > 0) batches.push(open);
    open = [];
    bytes = 0;
  };
  for (const item of items) {
    if (item.size >= limits.aloneFrom) {
      batches.push([item]);
      continue;
    }
    if (open.length >= limits.maxIds || bytes + item.size > limits.maxBytes) flush();
    open.push(item);
    bytes += item.size;
  }
  flush();
  return batches;
};
