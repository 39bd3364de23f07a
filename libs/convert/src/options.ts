import type { Clock } from '@pstream/kernel';
import type { SeriesOptions } from './parts/part-series.js';
import type { KeptSums, Loss } from './report.js';

/** What to convert, and how. `only`: this folder and what is below it, names compared without case. `keepApart`: what each source holds goes
 *  below a folder named after it, instead of folders of one name becoming one. `recover`: of a damaged store also what its own indexes do not
 *  lead to any more, which takes reading all of it first. `restart`: begins again without what a run that was stopped has kept. */
export type ConvertOptions = Omit<SeriesOptions, 'signal' | 'maxBytes' | 'beforeSeal' | 'sealed'> & {
  readonly sources: readonly string[];
  readonly maxBytes?: number;
  readonly only?: readonly string[];
  readonly keepApart?: boolean;
  readonly recover?: boolean;
  readonly restart?: boolean;
  /** When a checkpoint is taken: once this many bytes or items are new, or this much time has passed on `clock` and an item is new. */
  readonly checkpointAt?: { readonly bytes: number; readonly items: number; readonly ms?: number };
  readonly clock?: Pick<Clock, 'monotonicMs'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly found: number; readonly source: string }) => void;
  /** Of a run that is resumed also the losses before it was stopped. */
  readonly onLoss?: (loss: Loss) => void;
  /** What a run that was stopped has kept, when it is resumed. */
  readonly onResume?: (kept: KeptSums) => void;
  /** What is kept of this run, when it ends by an error and can be resumed. */
  readonly onKept?: (kept: KeptSums) => void;
  /** Called when all PSTs have their names; the run counts as stopped until it resolves. */
  readonly whenNamed?: () => Promise<void>;
};
