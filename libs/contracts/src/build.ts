import { streamName, type StreamName } from './envelope.js';
import type { ItemOutcome } from './extraction.js';
import type { ByType } from './item-types.js';
import type { PassRefs } from './projects.js';
import type { Cause, Totals } from './words.js';

// Build: which items are in which PST. Streams `part:<id>` and `build:<pass>`.

export type PartRefs = PassRefs & { readonly partId: string };

export type PartEvent =
  | {
      readonly type: 'PartOpened';
      readonly data: PartRefs & { readonly name: string; readonly container: string; readonly ordinal: number; readonly at: string };
    }
  | { readonly type: 'BuilderTookOver'; readonly data: PartRefs & { readonly epoch: number; readonly at: string } }
  | {
      readonly type: 'PartSealIntended';
      readonly data: PartRefs & {
        readonly epoch: number;
        readonly extents: number;
        /** Blob with the ordered list of extents; `listSha256` is its hash and pins every byte of the file. */
        readonly listKey: string;
        readonly listSha256: string;
        readonly bytes: number;
        readonly items: number;
        readonly folders: number;
        /** The items by kind, with the bytes of their streams; absent where an earlier release built some of them. */
        readonly types?: ByType;
        readonly at: string;
      };
    }
  | {
      readonly type: 'PartSealed';
      readonly data: PartRefs & {
        readonly name: string;
        readonly etag: string;
        readonly location: string;
        readonly bytes: number;
        readonly items: number;
        /** As the intent says. */
        readonly types?: ByType;
        readonly at: string;
      };
    }
  | {
      readonly type: 'PartVerified';
      readonly data: PartRefs & { readonly sha256: string; readonly bytes: number; readonly items: number; readonly at: string };
    }
  | { readonly type: 'PartAbandoned'; readonly data: PartRefs & { readonly reason: string; readonly at: string } };

export type BuildEvent =
  | { readonly type: 'ItemUnbuilt'; readonly data: PassRefs & ItemOutcome }
  | { readonly type: 'BuildPaused'; readonly data: PassRefs & { readonly attempt: number; readonly at: string } }
  | {
      readonly type: 'BuildFinished';
      readonly data: PassRefs & {
        readonly totals: Totals;
        readonly bytes: number;
        readonly parts: number;
        /** Exported items per folder key. */
        readonly folders: Readonly<Record<string, number>>;
        readonly at: string;
      };
    }
  | { readonly type: 'BuildFailed'; readonly data: PassRefs & { readonly attempt: number; readonly cause: Cause; readonly at: string } };

export const partStream = (partId: string): StreamName<PartEvent> => streamName(`part:${partId}`);
export const buildStream = (passId: string): StreamName<BuildEvent> => streamName(`build:${passId}`);
