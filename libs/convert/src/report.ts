import type { Form } from './origin.js';

/** A finished PST. `bytes` its size, `sha256` in hex. */
export type PartFile = {
  readonly file: string;
  readonly bytes: number;
  readonly items: number;
  readonly folders: number;
  readonly sha256: string;
};

/** Something that is not in the PST as the source had it: of an item (`where` it is in the source), or of a source as a whole. `isWhole`: the item
 *  itself is not there. `code` says what, with places, never content. */
export type Loss = {
  readonly source: string;
  readonly folder: readonly string[];
  readonly where: string;
  readonly code: string;
  readonly isWhole: boolean;
};

/** What became of a source: `found` = `written` + `failed`; `skipped` says why a file was passed over, `problem` why nothing of it could be read,
 *  `changed` what happened to it while it was read, or since a run that was stopped has read it: then the PST may have some of it as it was before, and
 *  some as it was after. */
export type SourceReport = {
  readonly path: string;
  readonly form: Form | undefined;
  readonly found: number;
  readonly written: number;
  readonly failed: number;
  readonly skipped?: string;
  readonly problem?: string;
  readonly changed?: string;
};

/** The whole: `found` = `written` + `failed`, and as many items are in `parts` as were written. `lossy` are items in the PST that lack something,
 *  `oversize` PSTs that are larger than was asked for, because one item is, or their folders are. */
export type ConvertReport = {
  readonly parts: readonly PartFile[];
  readonly oversize: number;
  readonly sources: readonly SourceReport[];
  readonly found: number;
  readonly written: number;
  readonly failed: number;
  readonly lossy: number;
  readonly unreadable: number;
  readonly losses: Readonly<Record<string, number>>;
};

/** What a run that was stopped keeps for the next one: items that are written, and PSTs that are complete. */
export type KeptSums = { readonly items: number; readonly parts: number };
