import type { ByType } from '@pstream/contracts';

/** A part as its stream tells it. `version` is the number of its events. */
export type Part =
  | { readonly is: 'none'; readonly version: 0 }
  | { readonly is: 'open'; readonly version: number; readonly name: string; readonly epoch: number }
  /** The commit is decided: whoever finds it rolls it forward with exactly this list. */
  | {
      readonly is: 'intended';
      readonly version: number;
      readonly name: string;
      readonly epoch: number;
      readonly listKey: string;
      readonly listSha256: string;
      readonly bytes: number;
      readonly items: number;
      readonly types?: ByType;
    }
  | {
      readonly is: 'sealed';
      readonly version: number;
      readonly name: string;
      readonly epoch: number;
      readonly bytes: number;
      readonly items: number;
      readonly verified: boolean;
    }
  | { readonly is: 'abandoned'; readonly version: number; readonly name: string; readonly epoch: number; readonly reason: string }
  | { readonly is: 'removed'; readonly version: number; readonly name: string; readonly epoch: number };

export const noPart: Part = { is: 'none', version: 0 };
